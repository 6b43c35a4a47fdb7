package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
)

// publisherProcess is a process that publishes what its standard input says, as another server would. It
// is separate from the clients, so that both servers' states come from a process of the same kind.
type publisherProcess struct {
	cmd *exec.Cmd
	log strings.Builder

	mu sync.Mutex
	in io.WriteCloser
}

func startPublisher(cmd *exec.Cmd) (*publisherProcess, error) {
	p := &publisherProcess{cmd: cmd}
	cmd.Stderr = &p.log
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the publisher: %w", err)
	}
	return p, nil
}

// write writes a line.
func (p *publisherProcess) write(line []byte) error {
	line = append(line, '\n')
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.in.Write(line)
	return err
}

// stop ends the publisher after it has published everything.
func (p *publisherProcess) stop() error {
	_ = p.in.Close() // it may have ended already
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("the publisher ended: %w\n%s", err, lastBytes(p.log.String()))
	}
	return nil
}

// publishArgument makes this program publish instead of measure.
const publishArgument = "publish"

// busPublisher publishes jobs as workers do. It implements publisher.
type busPublisher struct{ *publisherProcess }

// publish implements publisher.
func (p busPublisher) publish(_ context.Context, job int, sequence int64, final bool) error {
	return p.write(fmt.Appendf(nil, "%d %d %t", job, sequence, final))
}
