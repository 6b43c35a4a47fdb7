package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/embedded"
	"github.com/egress-io/egress/internal/sqlite"
)

// childEnv is the environment variable that passes the data directory to a child process of the
// tests.
const childEnv = "EGRESS_EMBEDDED_TEST_DIR"

// runChild runs a stack and inserts tenants into its database until the process is killed. It prints
// the number of each tenant after the database has acknowledged it.
func runChild(dir string) {
	ctx := context.Background()
	err := func() error {
		s, err := embedded.Start(ctx, embedded.Options{Dir: dir, Database: true})
		if err != nil {
			return err
		}
		db, err := sqlite.Open(ctx, sqlite.Options{Dir: s.DatabaseDir()})
		if err != nil {
			return err
		}
		admins := sqlite.NewAdmins(db)
		for n := 0; ; n++ {
			if err := admins.InsertTenant(ctx, auth.Tenant{ID: tenantID(n), Name: "A tenant"}); err != nil {
				return err
			}
			fmt.Println(n)
		}
	}()
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func tenantID(n int) string { return fmt.Sprintf("t%d", n) }

func TestStartAfterKill(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	dir := t.TempDir()

	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if acknowledged++; acknowledged == 100 {
			break
		}
	}
	_, err = embedded.Start(ctx, embedded.Options{Dir: dir, Database: true})
	if running, ok := errors.AsType[*embedded.RunningError](err); !ok || running.PID != cmd.Process.Pid {
		t.Errorf("start while process %d holds the lock: %v", cmd.Process.Pid, err)
	} else if !strings.Contains(err.Error(), fmt.Sprintf("(pid %d); stop it first", cmd.Process.Pid)) {
		t.Errorf("error %q", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // the output before the kill
		acknowledged++
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child was not killed")
	}
	if acknowledged < 100 {
		t.Fatalf("the child ended after %d tenants", acknowledged)
	}

	s := mustStart(ctx, t, embedded.Options{Dir: dir, Database: true})
	defer mustClose(t, s)
	withDatabase(ctx, t, s, func(admins *sqlite.Admins) {
		for n := range acknowledged {
			if _, err := admins.Tenant(ctx, tenantID(n)); err != nil {
				t.Errorf("tenant %d of %d that were acknowledged: %v", n, acknowledged, err)
			}
		}
	})
}
