package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// egressBinary is the path of the program, built once for all tests of this package. It is built
// without the race detector, which makes the embedded database ten times slower; the packages have
// their own race tests.
var egressBinary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "egress-bin")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		egressBinary = filepath.Join(dir, "egress")
		build := exec.Command("go", "build", "-o", egressBinary, ".")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building the binary: %v\n%s", err, out)
			return 1
		}
		code := m.Run()
		if code != 0 {
			return code
		}
		// The program runs in processes of its own; some tests call parts of it, or serve it storage.
		http.DefaultClient.CloseIdleConnections()
		if err := goleak.Find(embeddedtest.KnownLeaks()...); err != nil {
			fmt.Fprintf(os.Stderr, "the tests left goroutines running: %v\n", err)
			return 1
		}
		return 0
	}())
}

// process is a running Egress.
type process struct {
	t    testing.TB
	cmd  *exec.Cmd
	url  string // http://127.0.0.1:port
	dir  string // its data folder
	out  *buffer
	log  *buffer       // of out what is its log
	done chan struct{} // closed when it has ended
	err  error         // how it ended; read after done
}

// start runs `egress serve` on a free port and waits until it reports that it is ready. env is
// added to a clean environment.
func start(t testing.TB, dir string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, dir: dir, out: &buffer{}, log: &buffer{}, done: make(chan struct{})}
	p.cmd = command(dir, env, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = io.MultiWriter(p.out, p.log)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		defer close(p.done)
		lines := bufio.NewScanner(io.TeeReader(stdout, p.out))
		for lines.Scan() {
			if _, after, found := strings.Cut(lines.Text(), "API:"); found { // the last line of the greeting
				ready <- strings.TrimSuffix(strings.TrimSpace(after), "/docs/api/")
			}
		}
		p.err = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		p.kill()
		scanLog(t, p.log.String())
		if t.Failed() {
			t.Logf("egress said:\n%s", p.out.tail(8000))
		}
	})
	select {
	case p.url = <-ready:
	case <-p.done:
		t.Fatalf("egress ended before it was ready: %v\n%s", p.err, p.out.tail(8000))
	case <-time.After(2 * time.Minute):
		t.Fatalf("egress is not ready after two minutes\n%s", p.out.tail(8000))
	}
	return p
}

// command prepares an egress command with its own data directory.
func command(dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(egressBinary, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "EGRESS_DATA_DIR=" + filepath.Join(dir, "data")}, env...)
	cmd.Dir = dir
	return cmd
}

// runCommand runs an egress command and returns its output and exit status.
func runCommand(t testing.TB, dir string, env []string, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := command(dir, env, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	_ = cmd.Wait()
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// kill sends SIGKILL, as in a crash, and waits until the process has ended.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// stop sends SIGTERM and fails the test if the process does not exit with status 0.
func (p *process) stop() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(time.Minute):
		p.kill()
		p.t.Fatal("egress does not end a minute after SIGTERM")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Fatalf("egress ended with status %d after SIGTERM", code)
	}
}

// login returns the first admin's e-mail address and password from the terminal output.
func (p *process) login() (email, password string) {
	p.t.Helper()
	for line := range strings.SplitSeq(p.out.String(), "\n") {
		if _, v, ok := strings.Cut(line, "e-mail:"); ok {
			email = strings.TrimSpace(v)
		}
		if _, v, ok := strings.Cut(line, "password:"); ok {
			password = strings.TrimSpace(v)
		}
	}
	if _, path, kept := strings.Cut(password, "unchanged, in "); kept {
		b, err := os.ReadFile(path)
		if err != nil {
			p.t.Fatal(err)
		}
		_, password, _ = strings.Cut(strings.TrimSpace(string(b)), "\n")
	}
	if email == "" || password == "" {
		p.t.Fatalf("the terminal shows no login:\n%s", p.out.tail(4000))
	}
	return email, password
}

// buffer collects output from several writers.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (b *buffer) tail(n int) string {
	s := b.String()
	return s[max(0, len(s)-n):]
}

// until polls a condition until it holds, and fails the test after limit. The longer it waits, the
// less often it polls: a poll is a request that the tested program answers from its database.
func until(t testing.TB, what string, limit time.Duration, holds func() bool) {
	t.Helper()
	began, deadline := time.Now(), time.After(limit)
	for {
		if holds() {
			return
		}
		select {
		case <-time.After(min(max(time.Since(began)/20, 20*time.Millisecond), 100*time.Millisecond)):
		case <-deadline:
			t.Fatalf("after %s: not yet %s", limit, what)
		}
	}
}
