package sqlite

import (
	"context"
	"errors"
	"sync"

	"zombiezen.com/go/sqlite"
)

const (
	// maxReaders is the number of connections that read one file at the same time; further readers
	// wait. Each is a cursor of an export, or one short request.
	maxReaders = 64
	// maxIdleReaders is how many connections stay open while nobody uses them.
	maxIdleReaders = 4
)

// pool holds the connections that read one file.
type pool struct {
	path string
	free chan struct{} // one element per connection that may still be taken

	mu     sync.Mutex
	closed bool
	idle   []*conn
}

func newPool(path string) *pool {
	p := &pool{path: path, free: make(chan struct{}, maxReaders)}
	for range maxReaders {
		p.free <- struct{}{}
	}
	return p
}

// take returns a connection for reads. The caller gives it back with put.
func (p *pool) take(ctx context.Context) (*conn, error) {
	select {
	case <-p.free:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	c, err := p.idleOrNew()
	if err != nil {
		p.free <- struct{}{}
		return nil, err
	}
	return c, nil
}

func (p *pool) idleOrNew() (*conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return c, nil
	}
	c, err := connect(p.path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(c.exec("PRAGMA query_only = on"), c.setCache(cacheSize)); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// put gives a connection back. It must have no transaction open.
func (p *pool) put(c *conn) {
	p.mu.Lock()
	keep := !p.closed && len(p.idle) < maxIdleReaders
	if keep {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if !keep {
		_ = c.close() // nothing was written through it
	}
	p.free <- struct{}{}
}

// close closes the idle connections; the others are closed when they are given back.
func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var errs []error
	for _, c := range p.idle {
		errs = append(errs, c.close())
	}
	p.idle = nil
	return errors.Join(errs...)
}

// discard closes a connection that cannot be used again.
func (p *pool) discard(c *conn) {
	_ = c.close() // nothing was written through it
	p.free <- struct{}{}
}
