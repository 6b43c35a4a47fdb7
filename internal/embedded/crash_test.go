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

// childEnv names the data directory to a child process of the tests.
const childEnv = "EGRESS_EMBEDDED_TEST_DIR"

// child runs a stack and inserts documents until it is killed. It prints each document's number once the database has
// acknowledged it.
func child(dir string) {
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

func TestKill(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
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
		t.Errorf("while process %d has it: %v", cmd.Process.Pid, err)
	} else if !strings.Contains(err.Error(), fmt.Sprintf("(pid %d); stop it first", cmd.Process.Pid)) {
		t.Errorf("the error says %q", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it said before it died
		acknowledged++
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child was not killed")
	}
	if acknowledged < 100 {
		t.Fatalf("the child ended after %d documents", acknowledged)
	}

	s := start(ctx, t, embedded.Options{Dir: dir, MongoDB: true})
	defer stop(t, s)
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
