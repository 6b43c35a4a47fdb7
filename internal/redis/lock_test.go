package redis

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/redis/redistest"
)

func TestLock(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		lock := NewLock(c)
		slot, other := jobs.Slot{Tenant: "daily", RequesterID: "admin:a"}, jobs.Slot{Tenant: "weekly", RequesterID: "admin:a"}
		take := func(slot jobs.Slot, job, want string) {
			t.Helper()
			if holder, err := lock.Take(ctx, slot, job); holder != want || err != nil {
				t.Errorf("%s takes: held by %q, %v, want %q", job, holder, err, want)
			}
		}
		takeOver := func(from, job string, want bool) {
			t.Helper()
			if done, err := lock.TakeOver(ctx, slot, from, job); done != want || err != nil {
				t.Errorf("%s takes over from %s: %v, %v, want %v", job, from, done, err, want)
			}
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Error(err)
			}
		}
		take(slot, "1", "1")
		take(slot, "2", "1")
		take(slot, "1", "1")
		take(other, "2", "2")
		takeOver("3", "2", false)
		takeOver("1", "2", true)
		must(lock.Release(ctx, slot, "1")) // another job holds the lock
		take(slot, "1", "2")
		must(lock.Release(ctx, slot, "2"))
		must(lock.Release(ctx, slot, "2"))
		takeOver("2", "1", false)
		take(slot, "1", "1")
		must(lock.Set(ctx, slot, "4"))
		take(slot, "1", "4")
		if ttl := c.rdb.PTTL(ctx, lockKey(slot)).Val(); ttl <= LockTTL-time.Minute || ttl > LockTTL {
			t.Errorf("the lock lives %s", ttl)
		}
	})
}

func TestLockHasOneWinner(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		lock := NewLock(c)
		slot := jobs.Slot{Tenant: "daily", RequesterID: "admin:a"}
		if _, err := lock.Take(ctx, slot, "old"); err != nil {
			t.Fatal(err)
		}
		var won atomic.Int64
		var g errgroup.Group
		for i := range 50 {
			g.Go(func() error {
				done, err := lock.TakeOver(ctx, slot, "old", string(rune('A'+i)))
				if done {
					won.Add(1)
				}
				return err
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if won.Load() != 1 {
			t.Errorf("%d of 50 took over", won.Load())
		}
	})
}

func TestCallsTimeOutWithoutServer(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	c := connect(t, server.URL())
	if err := c.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	slot := jobs.Slot{Tenant: "daily", RequesterID: "admin:a"}
	for name, call := range map[string]func() error{
		"ping":    func() error { return c.Probe(t.Context()) },
		"take":    func() error { _, err := NewLock(c).Take(t.Context(), slot, "1"); return err },
		"enqueue": func() error { _, err := NewQueue(c).Enqueue(t.Context(), "1", 1); return err },
		"control": func() error { return NewBus(c).Control(t.Context(), jobs.ControlMessage{}) },
		"nonce":   func() error { _, err := NewNonces(c).Use(t.Context(), "A", "1", time.Minute); return err },
		"throttle": func() error {
			_, err := NewThrottle(c).RetryAfter(t.Context(), "k", auth.Limit{Events: 1, Window: time.Minute})
			return err
		},
	} {
		begun := time.Now()
		if err := call(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
	server.Start()
	if err := c.Probe(t.Context()); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}
