package s3test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/pipeline"
)

func abortLeavesNothing(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	storePart(ctx, t, u, 1, makeBody(1, pipeline.MinPart))
	storePart(ctx, t, u, 2, []byte("end"))
	assertUnfinished(ctx, t, s, key, 1)
	if err := s.Storage.Abort(ctx, key); err != nil {
		t.Fatal(err)
	}
	assertUnfinished(ctx, t, s, key, 0)
	if _, err := s.Storage.Head(ctx, key); !errors.Is(err, pipeline.ErrNoObject) {
		t.Errorf("the object exists: %v", err)
	}
	if _, err := u.Part(ctx, 3, []byte("late")); err == nil {
		t.Error("a part was stored after the abort")
	}
}

func abortAfterCancel(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	running, cancel := context.WithCancel(ctx)
	var g errgroup.Group
	for n := range 4 {
		g.Go(func() error {
			_, err := u.Part(running, n+1, makeBody(byte(n), pipeline.MinPart))
			if err == nil { // the first stored part cancels the others
				cancel()
				return nil
			}
			if !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Errorf("a part that was cancelled: %v", err)
	}
	cancel()
	if err := s.Storage.Abort(ctx, key); err != nil {
		t.Fatal(err)
	}
	assertUnfinished(ctx, t, s, key, 0)
}

func abortTwice(ctx context.Context, t *testing.T, s Subject, key string) {
	create(ctx, t, s, key)
	for range 2 {
		if err := s.Storage.Abort(ctx, key); err != nil {
			t.Error(err)
		}
	}
}

func abortPrefix(ctx context.Context, t *testing.T, s Subject, key string) {
	const uploads = 5
	for i := range uploads {
		storePart(ctx, t, create(ctx, t, s, fmt.Sprintf("%s/mine/%d", key, i)), 1, []byte("x"))
	}
	other := create(ctx, t, s, key+"/other")
	storePart(ctx, t, other, 1, []byte("x"))
	storeObject(ctx, t, s, key+"/mine/finished", []byte("done"))

	assertUnfinished(ctx, t, s, key+"/mine/", uploads)
	if err := s.Storage.Abort(ctx, key+"/mine/"); err != nil {
		t.Fatal(err)
	}
	assertUnfinished(ctx, t, s, key+"/mine/", 0)
	assertUnfinished(ctx, t, s, key+"/other", 1)
	assertObject(ctx, t, s, key+"/mine/finished", []byte("done"))
	if err := s.Storage.Abort(ctx, key+"/nothing/"); err != nil {
		t.Errorf("nothing to abort: %v", err)
	}
	if err := s.Storage.Abort(ctx, key+"/other"); err != nil {
		t.Error(err)
	}
}

func cancelledContext(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, partErr := u.Part(done, 1, []byte("x"))
	_, createErr := s.Storage.Create(done, key, "text/csv")
	_, headErr := s.Storage.Head(done, key)
	_, openErr := s.Storage.Open(done, key)
	for name, err := range map[string]error{
		"Part": partErr, "Create": createErr, "Head": headErr, "Open": openErr,
		"Complete": u.Complete(done, []pipeline.StoredPart{{Number: 1, ETag: "x"}}), "Put": s.Storage.Put(done, key, "text/plain", nil),
		"Abort": s.Storage.Abort(done, key), "Delete": s.Storage.Delete(done, key),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Storage.Abort(ctx, key); err != nil {
		t.Error(err)
	}
}
