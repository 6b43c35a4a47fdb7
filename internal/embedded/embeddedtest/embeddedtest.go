// Package embeddedtest runs the embedded stack for tests, and a MongoDB in another process: the one
// that [MongoDBVariable] names, or FerretDB ([Engine]).
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

// Start starts a separate stack with an empty data directory in this process: Redis, S3 or both. It
// runs until t ends. No parts means both.
func Start(t testing.TB, parts ...Service) *embedded.Stack {
	t.Helper()
	s, err := start(t.TempDir(), partSet(parts)&^MongoDB)
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

// Stack is a set of services that tests share: an embedded stack, except that MongoDB runs in
// another process.
type Stack struct {
	*embedded.Stack // Redis and S3
	mongoDBURI      string
}

// MongoDBURI returns the URI of [MongoDBServer] or [Engine], or "" if the test has not asked for
// MongoDB.
func (s *Stack) MongoDBURI() string { return s.mongoDBURI }

// SingleWriter returns mongo.Options.SingleWriter for clients of the MongoDB: whether it is
// [Engine].
func (*Stack) SingleWriter() bool { return MongoDBServer() == "" }

// Shared returns a stack with the given services that concurrent tests share. No parts means all
// services. The first test starts it. When the last one ends, the stack is closed and its data
// deleted. Tests must use their own [Database] and [Prefix].
//
// MongoDB is the one that [MongoDBVariable] names, or else [Engine].
func Shared(t testing.TB, parts ...Service) *Stack {
	t.Helper()
	set := partSet(parts)
	shared := &Stack{}
	if set&MongoDB != 0 {
		if shared.mongoDBURI = MongoDBServer(); shared.mongoDBURI == "" {
			shared.mongoDBURI = Engine(t)
		}
		set &^= MongoDB
	}
	s, err := sharedStacks.acquire(set)
	if err != nil {
		t.Fatalf("start the embedded stack: %v", err)
	}
	t.Cleanup(func() {
		if err := sharedStacks.release(set); err != nil {
			t.Errorf("close the embedded stack: %v", err)
		}
	})
	shared.Stack = s
	return shared
}

// Database returns a unique name for a control database. On a [MongoDBServer], it and the databases
// of its tenants are dropped when t ends.
func Database(t testing.TB) string {
	t.Helper()
	name := "test_" + uniqueName()
	if uri := MongoDBServer(); uri != "" {
		t.Cleanup(func() {
			if err := dropDatabases(context.WithoutCancel(t.Context()), uri, name); err != nil {
				t.Errorf("drop the databases of the test: %v", err)
			}
		})
	}
	return name
}

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
		Dir:    dir,
		Redis:  parts&Redis != 0,
		S3:     parts&S3 != 0,
		Bucket: Bucket,
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
