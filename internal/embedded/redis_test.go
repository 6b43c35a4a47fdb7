package embedded_test

import (
	"errors"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/egress-io/egress/internal/embedded"
)

func TestRedis(t *testing.T) {
	t.Parallel()

	t.Run("keys expire as time passes", func(t *testing.T) {
		t.Parallel()
		ctx := testContext(t)
		s := mustStart(ctx, t, embedded.Options{Dir: t.TempDir(), Redis: true})
		defer mustClose(t, s)
		withRedis(t, s, func(c *goredis.Client) {
			if err := c.Set(ctx, "short", "v", 200*time.Millisecond).Err(); err != nil {
				t.Fatal(err)
			}
			if err := c.Set(ctx, "long", "v", time.Hour).Err(); err != nil {
				t.Fatal(err)
			}
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for c.Exists(ctx, "short").Val() == 1 {
				select {
				case <-tick.C:
				case <-ctx.Done():
					t.Fatal("the key does not expire")
				}
			}
			if ttl := c.TTL(ctx, "long").Val(); ttl > time.Hour || ttl < 58*time.Minute {
				t.Errorf("the other key has %v left of an hour", ttl)
			}
		})
	})

	t.Run("it requires the password", func(t *testing.T) {
		t.Parallel()
		ctx := testContext(t)
		s := mustStart(ctx, t, embedded.Options{Dir: t.TempDir(), Redis: true})
		defer mustClose(t, s)
		o, err := goredis.ParseURL(s.RedisURL())
		if err != nil {
			t.Fatal(err)
		}
		o.Password, o.MaxRetries = "", -1
		c := goredis.NewClient(o)
		defer c.Close()
		if err := c.Get(ctx, "k").Err(); err == nil || errors.Is(err, goredis.Nil) {
			t.Errorf("without the password: %v", err)
		}
	})
}
