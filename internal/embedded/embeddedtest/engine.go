package embeddedtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Engine returns the URI of a FerretDB that concurrent tests share. FerretDB speaks MongoDB's
// protocol. It runs in a process without the race detector, which would make it ten times slower.
// The first test starts it. When the last one ends, it is stopped and its data deleted. Tests must
// use their own [Database].
//
// Tests of MongoDB's adapter should call [Shared], which respects [MongoDBVariable]. Other tests open
// their stores with package storetest.
func Engine(t testing.TB) string {
	t.Helper()
	uri, err := sharedEngine.acquire()
	if err != nil {
		t.Fatalf("start FerretDB: %v", err)
	}
	t.Cleanup(func() {
		if err := sharedEngine.release(); err != nil {
			t.Errorf("stop FerretDB: %v", err)
		}
	})
	return uri
}

// EngineDir returns the directory in which the engine of [Engine] keeps its databases. The files of a
// database may be copied while nothing writes to it.
func EngineDir(t testing.TB) string {
	t.Helper()
	Engine(t)
	return filepath.Join(sharedEngine.dir, "mongodb")
}

// startDir is where the process started: in the module. The gateway changes the working directory.
var startDir, errStartDir = os.Getwd()

// sharedEngine is the process of Engine.
var sharedEngine engine

type engine struct {
	mu      sync.Mutex
	refs    int // the process runs while it is positive
	uri     string
	dir     string // the data directory
	stdin   io.Closer
	process *exec.Cmd
}

func (e *engine) acquire() (uri string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refs == 0 {
		if err := e.start(); err != nil {
			return "", err
		}
	}
	e.refs++
	return e.uri, nil
}

func (e *engine) release() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refs--; e.refs > 0 {
		return nil
	}
	return e.stop()
}

// start builds and starts the program. Go caches it, so the first package that uses it builds it
// for all.
func (e *engine) start() error {
	if errStartDir != nil {
		return errStartDir
	}
	e.process = exec.Command("go", "run", "-race=false", "github.com/egress-io/egress/internal/embedded/embeddedtest/engine")
	e.process.Dir, e.process.Stderr = startDir, os.Stderr
	stdin, err := e.process.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := e.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := e.process.Start(); err != nil {
		return err
	}
	e.stdin = stdin
	lines := bufio.NewScanner(stdout)
	for _, to := range []*string{&e.uri, &e.dir} {
		if !lines.Scan() {
			return errors.Join(fmt.Errorf("read the URI and the directory: %w", lines.Err()), e.stop())
		}
		*to = lines.Text()
	}
	return nil
}

func (e *engine) stop() error { return errors.Join(e.stdin.Close(), e.process.Wait()) }
