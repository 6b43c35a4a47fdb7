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

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/embedded"
)

// childEnv is the environment variable that passes the data directory to a child process of the
// tests.
const childEnv = "EGRESS_EMBEDDED_TEST_DIR"

// runChild runs a stack and inserts documents until the process is killed. It prints the number of
// each document after the database has acknowledged it.
func runChild(dir string) {
	ctx := context.Background()
	err := func() error {
		s, err := embedded.Start(ctx, embedded.Options{Dir: dir, MongoDB: true})
		if err != nil {
			return err
		}
		c, err := driver.Connect(options.Client().ApplyURI(s.MongoDBURI()).SetMaxPoolSize(1))
		if err != nil {
			return err
		}
		for n := 0; ; n++ {
			if _, err := c.Database("egress").Collection("c").InsertOne(ctx, bson.D{{Key: "_id", Value: n}}); err != nil {
				return err
			}
			fmt.Println(n)
		}
	}()
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

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
	_, err = embedded.Start(ctx, embedded.Options{Dir: dir, MongoDB: true})
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
		t.Fatalf("the child ended after %d documents", acknowledged)
	}

	s := mustStart(ctx, t, embedded.Options{Dir: dir, MongoDB: true})
	defer mustClose(t, s)
	withMongo(t, s, func(db *driver.Database) {
		n, err := db.Collection("c").CountDocuments(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$lt", Value: acknowledged}}}})
		if err != nil {
			t.Fatal(err)
		}
		if int(n) != acknowledged {
			t.Errorf("%d of %d acknowledged documents survived", n, acknowledged)
		}
	})
}
