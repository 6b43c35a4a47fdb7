package mongo

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"
)

// Whoever asks while a count is under way waits for that one, also where the one who began it has gone.
func TestOneCountForAllWhoAsk(t *testing.T) {
	t.Parallel()
	var s sharedCounts
	var counts atomic.Int64
	begun, release := make(chan struct{}), make(chan struct{})
	counting := func(ctx context.Context) (int64, error) {
		if counts.Add(1) == 1 {
			close(begun)
		}
		select {
		case <-release:
			return 7, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	match := bson.D{{Key: "attributes.country", Value: "GB"}}
	impatient, leave := context.WithCancel(t.Context())
	var g errgroup.Group
	g.Go(func() error {
		if _, err := s.count(impatient, "daily", match, counting); !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
		return nil
	})
	<-begun
	leave()
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for range 50 { // while the first count goes on
		if _, err := s.count(impatient, "daily", match, counting); !errors.Is(err, context.Canceled) {
			t.Errorf("who had left: %v", err)
		}
	}
	if n := counts.Load(); n != 1 {
		t.Errorf("%d counts while one was under way", n)
	}
	close(release)
	for _, tenant := range []string{"daily", "weekly"} { // the second is another question
		n, err := s.count(t.Context(), tenant, match, counting)
		if n != 7 || err != nil {
			t.Errorf("counted %d, %v", n, err)
		}
	}
	if n := counts.Load(); n > 3 {
		t.Errorf("%d counts", n)
	}
}
