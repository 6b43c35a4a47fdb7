package main

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// startParts runs `egress embedded` in a working directory until the test ends. It returns the
// environment variables that it prints.
func startParts(t testing.TB, dir string) (cmd *exec.Cmd, env []string) {
	t.Helper()
	cmd = command(dir, nil, "embedded")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(cmd) })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		env = append(env, lines.Text())
		if strings.HasPrefix(lines.Text(), "AWS_SECRET_ACCESS_KEY=") { // the last one
			return cmd, env
		}
	}
	t.Fatalf("egress embedded ended early: %v, %v", lines.Err(), env)
	return nil, nil
}

// externalParts starts services that several processes can use: Redis and S3 of `egress embedded`, and
// a MongoDB with a database of the test. It returns the environment variables that a process needs,
// also those of the first admin: externalAdmin.
func externalParts(t testing.TB) (env []string) {
	t.Helper()
	_, env = startParts(t, t.TempDir())
	return append(env,
		"EGRESS_MONGODB_URI="+embeddedtest.Shared(t, embeddedtest.MongoDB).MongoDBURI(),
		"EGRESS_MONGODB_DATABASE="+embeddedtest.Database(t),
		"EGRESS_SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"EGRESS_ADMIN_EMAIL="+externalAdmin, "EGRESS_ADMIN_PASSWORD="+externalPassword,
	)
}

// The first admin of a server with externalParts.
const (
	externalAdmin    = "owner@example.com"
	externalPassword = "correct horse battery staple"
)

// seededExternalParts is externalParts with the demo data of `egress seed`.
func seededExternalParts(t testing.TB, users int) (env []string) {
	t.Helper()
	env = externalParts(t)
	if _, stderr, exit := runCommand(t, t.TempDir(), env, "seed", "--users", strconv.Itoa(users)); exit != 0 {
		t.Fatalf("seed: status %d\n%s", exit, stderr)
	}
	return env
}

func end(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// startWorker runs `egress worker` until it is killed.
func startWorker(t *testing.T, env []string) *exec.Cmd {
	t.Helper()
	cmd := command(t.TempDir(), env, "worker")
	out := &buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end(cmd)
		if t.Failed() {
			t.Logf("the worker said:\n%s", out.tail(4000))
		}
	})
	return cmd
}

// With external parts, a server without workers and separate worker processes complete an export.
// Another worker replaces a killed one.
func TestExternalParts(t *testing.T) {
	t.Parallel()
	storage := newHeldStorage(t)
	env := append(seededExternalParts(t, fewUsers), storage.env...)
	dir := t.TempDir()
	p := start(t, dir, append(env, "EGRESS_WORKERS=0"))
	if left, _ := filepath.Glob(filepath.Join(dir, "data", "*")); len(left) != 0 {
		t.Errorf("a server without embedded parts made %v", left)
	}
	// A process with another bucket would not find the files.
	out, text, exit := runCommand(t, t.TempDir(), append(env, "EGRESS_S3_BUCKET=another"), "worker")
	if exit != 2 || strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "egress: EGRESS_S3_BUCKET: ") || !strings.Contains(text, `"exports" in another`) || out != "" {
		t.Errorf("a worker with another bucket: status %d, %q, standard error:\n%s", exit, out, text)
	}
	c := p.logInAs(externalAdmin, externalPassword)
	first := startWorker(t, env)
	storage.holdAt(1)
	id := c.export(everything()).JobID
	storage.held()
	end(first)
	storage.release()
	startWorker(t, env)
	j, file := c.completed(id, 2*time.Minute)
	if j.Resumes < 1 || int64(len(file)) != j.Files[0].Bytes || strings.HasPrefix(j.DownloadURL, p.url) {
		t.Errorf("%d resumes, %d of %d bytes, link %s", j.Resumes, len(file), j.Files[0].Bytes, j.DownloadURL)
	}
}
