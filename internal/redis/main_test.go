package redis

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/redis/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// onEachKind runs a test on the embedded Redis and on a real one, each empty and used by this test
// alone.
func onEachKind(t *testing.T, test func(t *testing.T, ctx context.Context, c *Client)) {
	t.Parallel()
	for kind, url := range map[string]func(t *testing.T) string{
		"embedded":     func(t *testing.T) string { return embeddedtest.Start(t, embeddedtest.Redis).RedisURL() },
		"redis-server": func(t *testing.T) string { return redistest.Server(t).URL() },
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			t.Cleanup(cancel)
			test(t, ctx, connect(t, url(t)))
		})
	}
}

func connect(t *testing.T, url string) *Client {
	t.Helper()
	c, err := Connect(url, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// receive receives a value from a channel, or fails the test.
func receive[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(2 * time.Minute):
		t.Fatalf("no %s", what)
	}
	return v
}
