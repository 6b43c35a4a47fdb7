// Package embeddedtest runs the embedded stack for tests.
//
// A stack with S3 changes the working directory of the test process, and a process can run one at a
// time. Tests that read files by relative paths ("testdata/…") must start only the services that
// they need.
package embeddedtest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded"
)

const (
	// Bucket is the bucket of every stack.
	Bucket = "egress-test"

	startTimeout = 30 * time.Second
)

// Service is a set of services.
type Service uint8

// The services.
const (
	MongoDB Service = 1 << iota
	Redis
	S3
)

// Start starts a separate stack with an empty data directory. It runs until t ends. No parts means
// all services.
func Start(t testing.TB, parts ...Service) *embedded.Stack {
	t.Helper()
	s, err := start(t.TempDir(), partSet(parts))
	if err != nil {
		t.Fatalf("start the embedded stack: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the embedded stack: %v", err)
		}
	})
	return s
}

// Shared returns a stack with the given services that concurrent tests share. No parts means all
// services. The first test starts it. When the last one ends, the stack is closed and its data
// deleted. Tests must use their own [Database] and [Prefix].
func Shared(t testing.TB, parts ...Service) *embedded.Stack {
	t.Helper()
	s, err := sharedStacks.acquire(partSet(parts))
	if err != nil {
		t.Fatalf("start the embedded stack: %v", err)
	}
	t.Cleanup(func() {
		if err := sharedStacks.release(partSet(parts)); err != nil {
			t.Errorf("close the embedded stack: %v", err)
		}
	})
	return s
}

// Database returns a unique name for a control database.
func Database(testing.TB) string { return "test_" + uniqueName() }

// Prefix returns a unique prefix for object keys, "<unique>/".
func Prefix(testing.TB) string { return uniqueName() + "/" }

// uniqueName returns 10 random characters. The name of a tenant's database, with the prefix of
// Database, "_t_" and the longest tenant id, must not exceed 63 bytes.
func uniqueName() string { return strings.ToLower(rand.Text()[:10]) }

func partSet(parts []Service) (all Service) {
	if len(parts) == 0 {
		return MongoDB | Redis | S3
	}
	for _, p := range parts {
		all |= p
	}
	return all
}

func start(dir string, parts Service) (*embedded.Stack, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	return embedded.Start(ctx, embedded.Options{
		Dir:     dir,
		MongoDB: parts&MongoDB != 0,
		Redis:   parts&Redis != 0,
		S3:      parts&S3 != 0,
		Bucket:  Bucket,
	})
}

// sharedStacks are the stacks of Shared that are in use.
var sharedStacks = stackPool{running: map[Service]*sharedStack{}}

type stackPool struct {
	mu      sync.Mutex
	running map[Service]*sharedStack
}

type sharedStack struct {
	stack *embedded.Stack
	dir   string
	refs  int
}

func (p *stackPool) acquire(parts Service) (*embedded.Stack, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.running[parts]
	if s == nil {
		dir, err := os.MkdirTemp("", "egress-test-")
		if err != nil {
			return nil, err
		}
		stack, err := start(dir, parts)
		if err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
		s = &sharedStack{stack: stack, dir: dir}
		p.running[parts] = s
	}
	s.refs++
	return s.stack, nil
}

func (p *stackPool) release(parts Service) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.running[parts]
	if s.refs--; s.refs > 0 {
		return nil
	}
	delete(p.running, parts)
	return errors.Join(s.stack.Close(), os.RemoveAll(s.dir))
}
