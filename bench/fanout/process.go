package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// grace is how long a process may take to end after SIGTERM, before it is killed.
const grace = 30 * time.Second

// process is a running server.
type process struct {
	name    string
	address netip.AddrPort
	cmd     *exec.Cmd
	log     bytes.Buffer // standard error; read after the process has ended
	output  sync.WaitGroup
}

// command returns a command whose environment contains only env: the configuration of the machine
// must not reach it.
func command(ctx context.Context, dir string, env []string, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // programs that the flags name
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	return cmd
}

var readyLine = regexp.MustCompile(`ready at http://[^:/]+:(\d+)`)

// start starts a server on a port of 127.0.0.1, and returns when it has printed that it is ready.
func start(name string, cmd *exec.Cmd) (*process, error) {
	p := &process{name: name, cmd: cmd}
	cmd.Stderr = &p.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	tooLate := time.AfterFunc(grace, func() { _ = cmd.Process.Kill() })
	defer tooLate.Stop()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if found := readyLine.FindSubmatch(lines.Bytes()); found != nil {
			p.output.Go(func() { _, _ = io.Copy(io.Discard, out) }) // until the process ends
			if p.address, err = netip.ParseAddrPort("127.0.0.1:" + string(found[1])); err != nil {
				return nil, errors.Join(err, p.stop())
			}
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s ended before it was ready: %w\n%s", name, cmd.Wait(), lastBytes(p.log.String()))
}

func (p *process) pid() int    { return p.cmd.Process.Pid }
func (p *process) url() string { return "http://" + p.address.String() }

// stop stops the server and waits until it has ended.
func (p *process) stop() error {
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	killed := time.AfterFunc(grace, func() { _ = p.cmd.Process.Kill() })
	defer killed.Stop()
	p.output.Wait()
	if failed := p.cmd.Wait(); failed != nil {
		return errors.Join(err, fmt.Errorf("%s ended: %w\n%s", p.name, failed, lastBytes(p.log.String())))
	}
	return err
}

// lastBytes returns the end of a log.
func lastBytes(log string) string { return log[max(0, len(log)-2000):] }

// sleep waits for d, or until ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
