package redis

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestNonces(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		nonces := NewNonces(c)
		spend := func(t *testing.T, accessKey, nonce string, keep time.Duration) bool {
			t.Helper()
			fresh, err := nonces.Use(ctx, accessKey, nonce, keep)
			if err != nil {
				t.Fatal(err)
			}
			return fresh
		}
		t.Run("are fresh once for each key pair", func(t *testing.T) {
			if !spend(t, "A", "1", time.Minute) || !spend(t, "A", "2", time.Minute) || !spend(t, "B", "1", time.Minute) {
				t.Error("a fresh nonce was refused")
			}
			if spend(t, "A", "1", time.Minute) {
				t.Error("a nonce was taken twice")
			}
		})
		t.Run("are fresh for one of many who come at once", func(t *testing.T) {
			var fresh atomic.Int32
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					if ok, err := nonces.Use(ctx, "A", "race", time.Minute); err != nil {
						t.Error(err)
					} else if ok {
						fresh.Add(1)
					}
				})
			}
			all.Wait()
			if fresh.Load() != 1 {
				t.Errorf("%d of 20 calls reported a fresh nonce", fresh.Load())
			}
		})
		t.Run("are forgotten when their time is over", func(t *testing.T) {
			if !spend(t, "A", "short", 200*time.Millisecond) {
				t.Fatal("a fresh nonce was refused")
			}
			for !spend(t, "A", "short", 200*time.Millisecond) {
				if ctx.Err() != nil {
					t.Fatal("it is remembered for ever")
				}
			}
		})
	})
}
