package embeddedtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// Engine returns the URI of an embedded MongoDB that concurrent tests share. It runs in a process
// without the race detector, which would make it ten times slower. The first test starts it. When
// the last one ends, it is stopped and its data deleted. Tests must use their own [Database].
//
// Most tests should call [Shared], which respects [MongoDBVariable].
func Engine(t testing.TB) string {
	t.Helper()
	uri, err := sharedEngine.acquire()
	if err != nil {
		t.Fatalf("start the embedded MongoDB: %v", err)
	}
	t.Cleanup(func() {
		if err := sharedEngine.release(); err != nil {
			t.Errorf("stop the embedded MongoDB: %v", err)
		}
	})
	return uri
}

// startDir is where the process started: in the module. The gateway changes the working directory.
var startDir, errStartDir = os.Getwd()

// sharedEngine is the process of Engine.
var sharedEngine engine

type engine struct {
	mu      sync.Mutex
	refs    int // the process runs while it is positive
	uri     string
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
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return errors.Join(fmt.Errorf("read the URI: %w", err), e.stop())
	}
	e.uri = strings.TrimSpace(line)
	return nil
}

func (e *engine) stop() error { return errors.Join(e.stdin.Close(), e.process.Wait()) }
