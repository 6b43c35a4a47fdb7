// Package s3test tests the contract of pipeline.Storage, for every implementation and decorator.
package s3test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/pipeline"
)

// Subject is a storage under test.
type Subject struct {
	Storage pipeline.Storage
	Prefix  string // of all keys in the tests; reserved for them
	// Unfinished lists the keys of unfinished uploads under a prefix.
	Unfinished func(ctx context.Context, prefix string) ([]string, error)
}

// Run tests that the subject implements the contract.
func Run(t *testing.T, s Subject) {
	t.Helper()
	for name, test := range map[string]func(context.Context, *testing.T, Subject, string){
		"parts may be stored in any order":                  partsInParallel,
		"the object is invisible before Complete":           invisibleBeforeComplete,
		"a single short part is allowed":                    oneShortPart,
		"Complete without parts creates an empty object":    emptyObject,
		"a second object under a key replaces the first":    overwrite,
		"a part replaces an earlier one with its number":    replacePart,
		"Complete rejects parts that were not stored":       wrongParts,
		"Complete drops later parts":                        dropLaterParts,
		"another process can resume an upload":              resumeUpload,
		"Parts of a missing upload returns ErrNoUpload":     missingUpload,
		"Put stores a small object":                         smallObject,
		"Abort removes all parts":                           abortLeavesNothing,
		"Abort works after a cancelled run":                 abortAfterCancel,
		"Abort may be repeated":                             abortTwice,
		"Abort affects exactly the uploads with the prefix": abortPrefix,
		"a missing object is ErrNoObject":                   missingObject,
		"a cancelled context returns its error":             cancelledContext,
		"part numbers have limits":                          partNumbers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			t.Cleanup(cancel)
			test(ctx, t, s, s.Prefix+t.Name()+"/users.csv")
		})
	}
}

// makeBody returns n bytes that depend on seed.
func makeBody(seed byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = seed + byte(i%251)
	}
	return b
}

func create(ctx context.Context, t *testing.T, s Subject, key string) pipeline.Upload {
	t.Helper()
	u, err := s.Storage.Create(ctx, key, "text/csv; charset=utf-8")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func storePart(ctx context.Context, t *testing.T, u pipeline.Upload, n int, body []byte) pipeline.StoredPart {
	t.Helper()
	p, err := u.Part(ctx, n, body)
	if err != nil {
		t.Fatal(err)
	}
	if p.ETag == "" || p.Number != n || p.Bytes != int64(len(body)) {
		t.Fatalf("part %d is %+v", n, p)
	}
	return p
}

func storeObject(ctx context.Context, t *testing.T, s Subject, key string, body []byte) {
	t.Helper()
	u := create(ctx, t, s, key)
	if err := u.Complete(ctx, []pipeline.StoredPart{storePart(ctx, t, u, 1, body)}); err != nil {
		t.Fatal(err)
	}
}

func assertObject(ctx context.Context, t *testing.T, s Subject, key string, want []byte) {
	t.Helper()
	o, err := s.Storage.Head(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	if o.Bytes != int64(len(want)) || o.ETag == "" {
		t.Errorf("Head says %+v, want %d bytes and an ETag", o, len(want))
	}
	r, err := s.Storage.Open(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the object has %d bytes and differs from the %d that were stored", len(got), len(want))
	}
}

func assertUnfinished(ctx context.Context, t *testing.T, s Subject, prefix string, want int) {
	t.Helper()
	keys, err := s.Unfinished(ctx, prefix)
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != want {
		t.Errorf("%d unfinished uploads, want %d: %v", len(keys), want, keys)
	}
}

func partsInParallel(ctx context.Context, t *testing.T, s Subject, key string) {
	const parts = 3
	u := create(ctx, t, s, key)
	var want []byte
	stored := make([]pipeline.StoredPart, parts)
	g, gctx := errgroup.WithContext(ctx)
	for i := parts - 1; i >= 0; i-- {
		size := pipeline.MinPart
		if i == parts-1 {
			size = 12345
		}
		g.Go(func() (err error) {
			body := makeBody(byte(i), size)
			stored[i], err = u.Part(gctx, i+1, body)
			clear(body) // the caller may reuse its buffer
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for i := range parts - 1 {
		want = append(want, makeBody(byte(i), pipeline.MinPart)...)
	}
	want = append(want, makeBody(parts-1, 12345)...)
	if err := u.Complete(ctx, stored); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, want)
	assertUnfinished(ctx, t, s, key, 0)
}

func invisibleBeforeComplete(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	half := storePart(ctx, t, u, 1, []byte("half"))
	if _, err := s.Storage.Head(ctx, key); !errors.Is(err, pipeline.ErrNoObject) {
		t.Errorf("Head: %v", err)
	}
	if err := u.Complete(ctx, []pipeline.StoredPart{half}); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, []byte("half"))
}

func oneShortPart(ctx context.Context, t *testing.T, s Subject, key string) {
	storeObject(ctx, t, s, key, []byte("user_id\r\n"))
	assertObject(ctx, t, s, key, []byte("user_id\r\n"))
}

func emptyObject(ctx context.Context, t *testing.T, s Subject, key string) {
	if err := create(ctx, t, s, key).Complete(ctx, nil); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, nil)
}

func overwrite(ctx context.Context, t *testing.T, s Subject, key string) {
	storeObject(ctx, t, s, key, []byte("the first, longer one"))
	storeObject(ctx, t, s, key, []byte("the second"))
	assertObject(ctx, t, s, key, []byte("the second"))
}

func replacePart(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	storePart(ctx, t, u, 1, []byte("lost"))
	if err := u.Complete(ctx, []pipeline.StoredPart{storePart(ctx, t, u, 1, []byte("kept"))}); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, []byte("kept"))
}

func wrongParts(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	first, second := storePart(ctx, t, u, 1, makeBody(1, pipeline.MinPart)), storePart(ctx, t, u, 2, []byte("end"))
	for name, parts := range map[string][]pipeline.StoredPart{
		"too many":    {first, second, second},
		"swapped":     {second, first},
		"another one": {first, {Number: 2, ETag: "0123456789abcdef0123456789abcdef", Bytes: second.Bytes}},
	} {
		if err := u.Complete(ctx, parts); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := s.Storage.Head(ctx, key); !errors.Is(err, pipeline.ErrNoObject) {
		t.Errorf("the object exists: %v", err)
	}
	if err := u.Complete(ctx, []pipeline.StoredPart{first, second}); err != nil {
		t.Errorf("the right parts: %v", err)
	}
}

func dropLaterParts(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	first := makeBody(1, pipeline.MinPart)
	stored := []pipeline.StoredPart{storePart(ctx, t, u, 1, first), storePart(ctx, t, u, 2, []byte("end"))}
	storePart(ctx, t, u, 3, []byte("of an attempt that got further"))
	if err := u.Complete(ctx, stored); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, append(first, "end"...))
	assertUnfinished(ctx, t, s, key, 0)
}

func resumeUpload(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	first := makeBody(1, pipeline.MinPart)
	kept := storePart(ctx, t, u, 1, first)
	resumed := s.Storage.Resume(key, u.ID())
	parts, err := resumed.Parts(ctx)
	if err != nil || len(parts) != 1 || parts[0].Number != 1 || parts[0].ETag != kept.ETag || parts[0].Bytes != pipeline.MinPart {
		t.Fatalf("parts %+v, %v", parts, err)
	}
	if err := resumed.Complete(ctx, []pipeline.StoredPart{kept, storePart(ctx, t, resumed, 2, []byte("end"))}); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, append(first, "end"...))
}

func missingUpload(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	if err := u.Complete(ctx, []pipeline.StoredPart{storePart(ctx, t, u, 1, []byte("x"))}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Storage.Resume(key, u.ID()).Parts(ctx); !errors.Is(err, pipeline.ErrNoUpload) {
		t.Errorf("completed: %v", err)
	}
	u = create(ctx, t, s, key)
	if err := s.Storage.Abort(ctx, key); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Parts(ctx); !errors.Is(err, pipeline.ErrNoUpload) {
		t.Errorf("aborted: %v", err)
	}
}

func smallObject(ctx context.Context, t *testing.T, s Subject, key string) {
	for _, body := range []string{"{}", "another"} {
		if err := s.Storage.Put(ctx, key, "application/json", []byte(body)); err != nil {
			t.Fatal(err)
		}
		assertObject(ctx, t, s, key, []byte(body))
	}
}

func missingObject(ctx context.Context, t *testing.T, s Subject, key string) {
	if _, err := s.Storage.Head(ctx, key); !errors.Is(err, pipeline.ErrNoObject) {
		t.Errorf("Head: %v", err)
	}
	if _, err := s.Storage.Open(ctx, key); !errors.Is(err, pipeline.ErrNoObject) {
		t.Errorf("Open: %v", err)
	}
	if err := s.Storage.Delete(ctx, key); err != nil {
		t.Errorf("Delete: %v", err)
	}
	storeObject(ctx, t, s, key, []byte("x"))
	if err := s.Storage.Delete(ctx, key); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if _, err := s.Storage.Head(ctx, key); !errors.Is(err, pipeline.ErrNoObject) {
		t.Errorf("Head after Delete: %v", err)
	}
}

func partNumbers(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	for _, n := range []int{-1, 0, pipeline.MaxParts + 1} {
		if _, err := u.Part(ctx, n, []byte("x")); err == nil {
			t.Errorf("part %d was accepted", n)
		}
	}
	storePart(ctx, t, u, pipeline.MaxParts, []byte("x"))
	if err := s.Storage.Abort(ctx, key); err != nil {
		t.Error(err)
	}
}
