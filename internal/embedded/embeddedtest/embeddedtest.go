// Package embeddedtest runs the embedded stack for tests.
//
// A stack with S3 changes the working directory of the test process and there can be one at a time: tests that read
// files by relative paths ("testdata/…") ask for the parts that they need, and only those.
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
	// Bucket is the bucket that every stack has.
	Bucket = "egress-test"

	startTimeout = 30 * time.Second
)

// Part is a part of the stack.
type Part uint8

// The parts.
const (
	MongoDB Part = 1 << iota
	Redis
	S3
)

// Start runs a stack of its own for t, with an empty data directory, until t ends. No parts means all.
func Start(t testing.TB, parts ...Part) *embedded.Stack {
	t.Helper()
	s, err := start(t.TempDir(), set(parts))
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

// Shared returns the stack with these parts that the tests running now share; no parts means all. The first to ask
// starts it, and when the last of them ends it is closed and its data removed. Tests keep apart by a [Database] and a
// [Prefix] of their own.
func Shared(t testing.TB, parts ...Part) *embedded.Stack {
	t.Helper()
	s, err := stacks.acquire(set(parts))
	if err != nil {
		t.Fatalf("start the embedded stack: %v", err)
	}
	t.Cleanup(func() {
		if err := stacks.release(set(parts)); err != nil {
			t.Errorf("close the embedded stack: %v", err)
		}
	})
	return s
}

// Database returns the name of a control database that no other test has.
func Database(testing.TB) string { return "test_" + unique() }

// Prefix returns the beginning of an object's key, "<unique>/", that no other test has.
func Prefix(testing.TB) string { return unique() + "/" }

// unique has 10 characters: with it and "_t_" and the longest tenant, a database's name stays within 63 bytes.
func unique() string { return strings.ToLower(rand.Text()[:10]) }

func set(parts []Part) (all Part) {
	if len(parts) == 0 {
		return MongoDB | Redis | S3
	}
	for _, p := range parts {
		all |= p
	}
	return all
}

func start(dir string, parts Part) (*embedded.Stack, error) {
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

// stacks are those that Shared gave out.
var stacks = pool{running: map[Part]*shared{}}

type pool struct {
	mu      sync.Mutex
	running map[Part]*shared
}

type shared struct {
	stack *embedded.Stack
	dir   string
	users int
}

func (p *pool) acquire(parts Part) (*embedded.Stack, error) {
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
		s = &shared{stack: stack, dir: dir}
		p.running[parts] = s
	}
	s.users++
	return s.stack, nil
}

func (p *pool) release(parts Part) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.running[parts]
	if s.users--; s.users > 0 {
		return nil
	}
	delete(p.running, parts)
	return errors.Join(s.stack.Close(), os.RemoveAll(s.dir))
}
