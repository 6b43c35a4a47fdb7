package redis

import (
	"context"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

func TestThrottle(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		throttle := NewThrottle(c)
		blocked := func(t *testing.T, key string, l auth.Limit) time.Duration {
			t.Helper()
			wait, err := throttle.RetryAfter(ctx, key, l)
			if err != nil {
				t.Fatal(err)
			}
			return wait
		}
		fail := func(t *testing.T, key string, l auth.Limit) {
			t.Helper()
			if err := throttle.CountFailure(ctx, key, l); err != nil {
				t.Fatal(err)
			}
		}
		t.Run("blocks a key after its failures, until they are forgotten", func(t *testing.T) {
			limit := auth.Limit{Events: 3, Window: time.Minute}
			for i := range 3 {
				if blocked(t, "ada@example.com", limit) > 0 {
					t.Errorf("blocked after %d failures", i)
				}
				fail(t, "ada@example.com", limit)
			}
			if wait := blocked(t, "ada@example.com", limit); wait <= 0 || wait > time.Minute {
				t.Errorf("after three it waits %s", wait)
			}
			if n, left, err := throttle.Count(ctx, "ada@example.com"); n != 3 || left <= 0 || left > time.Minute || err != nil {
				t.Errorf("it counts %d for %s, %v", n, left, err)
			}
			if n, left, err := throttle.Count(ctx, "bob@example.com"); n != 0 || left != 0 || err != nil {
				t.Errorf("for another key it counts %d for %s, %v", n, left, err)
			}
			if blocked(t, "bob@example.com", limit) > 0 {
				t.Error("another key is blocked, too")
			}
			if err := throttle.ResetCount(ctx, "ada@example.com"); err != nil {
				t.Fatal(err)
			}
			if blocked(t, "ada@example.com", limit) > 0 {
				t.Error("blocked after its failures were forgotten")
			}
		})
		t.Run("forgets after the window", func(t *testing.T) {
			limit := auth.Limit{Events: 1, Window: 300 * time.Millisecond}
			fail(t, "short", limit)
			expired := make(chan struct{})
			go func() {
				defer close(expired)
				for ctx.Err() == nil {
					if wait, err := throttle.RetryAfter(ctx, "short", limit); err == nil && wait == 0 {
						return
					}
				}
			}()
			receive(t, expired, "end of the window")
		})
	})
}
