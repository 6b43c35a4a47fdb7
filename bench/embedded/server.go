package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/egress-io/egress/bench/measure"
)

// server is a running Egress.
type server struct {
	url    string
	cmd    *exec.Cmd
	log    bytes.Buffer // standard error; read after the process has ended
	output sync.WaitGroup
}

// command returns a command of egress. Its environment is only its data directory: the
// configuration of the machine must not reach it.
func (r *round) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, r.program, args...) //nolint:gosec // the program that the flag -egress names
	cmd.Dir = r.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.dir, "EGRESS_DATA_DIR=" + r.dataDir()}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	return cmd
}

func (r *round) dataDir() string { return filepath.Join(r.dir, "data") }

var readyLine = regexp.MustCompile(`ready at (\S+)`)

// startServer starts a server, and returns when it has reported that it is ready.
func (r *round) startServer(ctx context.Context) (*server, error) {
	s := &server{cmd: r.command(ctx, "serve", "--addr", "127.0.0.1:0")}
	s.cmd.Stderr = &s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if found := readyLine.FindStringSubmatch(lines.Text()); found != nil {
			s.url = string(bytes.TrimSuffix([]byte(found[1]), []byte("/")))
			s.output.Go(func() { _, _ = io.Copy(io.Discard, out) }) // until the process ends
			return s, nil
		}
	}
	return nil, fmt.Errorf("the server ended before it was ready: %w\n%s", s.cmd.Wait(), s.log.String())
}

// stop stops the server and waits until it has ended.
func (s *server) stop() error {
	err := s.cmd.Process.Signal(syscall.SIGTERM)
	s.output.Wait()
	if failed := s.cmd.Wait(); failed != nil {
		return errors.Join(err, fmt.Errorf("the server ended: %w\n%s", failed, s.log.String()))
	}
	return err
}

// memory returns a value of the server's memory in MiB.
func (s *server) memory(name string) (float64, error) { return measure.Memory(s.cmd.Process.Pid, name) }

// clearPeak makes the value of measure.Peak the peak from now on.
func (s *server) clearPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.cmd.Process.Pid), []byte("5"), 0)
}

// settle waits until a server that has just started has done what it does first.
func settle(ctx context.Context) error {
	select {
	case <-time.After(2 * time.Second):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
