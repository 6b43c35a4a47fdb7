// Package s3test is the contract of run.Storage as tests, for every implementation and decorator of it.
package s3test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/export/run"
)

// Subject is a storage under test.
type Subject struct {
	Storage run.Storage
	Prefix  string // of all keys that the tests use: nobody else's
	// Unfinished lists the keys of the uploads that the storage holds under a prefix.
	Unfinished func(ctx context.Context, prefix string) ([]string, error)
}

// Run checks that the subject keeps the contract.
func Run(t *testing.T, s Subject) {
	t.Helper()
	for name, test := range map[string]func(context.Context, *testing.T, Subject, string){
		"parts stored in any order make the object":          partsInParallel,
		"nothing is visible before it is complete":           invisibleBeforeComplete,
		"one short part is enough":                           oneShortPart,
		"no part makes an empty object":                      emptyObject,
		"a second object under a key replaces the first":     overwrite,
		"a part stored again replaces itself":                partAgain,
		"parts that were not stored do not become an object": wrongParts,
		"parts behind those that are completed are dropped":  partsBehind,
		"an upload goes on in another process":               resumed,
		"parts of an upload that is gone are ErrNoUpload":    goneUpload,
		"a small object is stored at once":                   smallObject,
		"an abort leaves no part":                            abortLeavesNothing,
		"an abort works after the run was cancelled":         abortAfterCancel,
		"an abort may be repeated":                           abortTwice,
		"an abort by prefix ends all of it and no more":      abortPrefix,
		"what is missing is run.ErrNoObject":                 missing,
		"a cancelled context is what the error says":         cancelled,
		"a part's number has limits":                         partNumbers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			t.Cleanup(cancel)
			test(ctx, t, s, s.Prefix+t.Name()+"/users.csv")
		})
	}
}

// fill returns n bytes that differ from part to part.
func fill(seed byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = seed + byte(i%251)
	}
	return b
}

func create(ctx context.Context, t *testing.T, s Subject, key string) run.Upload {
	t.Helper()
	u, err := s.Storage.Create(ctx, key, "text/csv; charset=utf-8")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func part(ctx context.Context, t *testing.T, u run.Upload, n int, body []byte) string {
	t.Helper()
	etag, err := u.Part(ctx, n, body)
	if err != nil {
		t.Fatal(err)
	}
	if etag == "" {
		t.Fatalf("part %d has no ETag", n)
	}
	return etag
}

func store(ctx context.Context, t *testing.T, s Subject, key string, body []byte) {
	t.Helper()
	u := create(ctx, t, s, key)
	if err := u.Complete(ctx, []string{part(ctx, t, u, 1, body)}); err != nil {
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
	etags := make([]string, parts)
	g, gctx := errgroup.WithContext(ctx)
	for i := parts - 1; i >= 0; i-- {
		size := run.MinPart
		if i == parts-1 {
			size = 12345
		}
		g.Go(func() (err error) {
			body := fill(byte(i), size)
			etags[i], err = u.Part(gctx, i+1, body)
			clear(body) // the caller's buffer is its own again
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for i := range parts - 1 {
		want = append(want, fill(byte(i), run.MinPart)...)
	}
	want = append(want, fill(parts-1, 12345)...)
	if err := u.Complete(ctx, etags); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, want)
	assertUnfinished(ctx, t, s, key, 0)
}

func invisibleBeforeComplete(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	etag := part(ctx, t, u, 1, []byte("half"))
	if _, err := s.Storage.Head(ctx, key); !errors.Is(err, run.ErrNoObject) {
		t.Errorf("Head: %v", err)
	}
	if err := u.Complete(ctx, []string{etag}); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, []byte("half"))
}

func oneShortPart(ctx context.Context, t *testing.T, s Subject, key string) {
	store(ctx, t, s, key, []byte("user_id\r\n"))
	assertObject(ctx, t, s, key, []byte("user_id\r\n"))
}

func emptyObject(ctx context.Context, t *testing.T, s Subject, key string) {
	if err := create(ctx, t, s, key).Complete(ctx, nil); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, nil)
}

func overwrite(ctx context.Context, t *testing.T, s Subject, key string) {
	store(ctx, t, s, key, []byte("the first, longer one"))
	store(ctx, t, s, key, []byte("the second"))
	assertObject(ctx, t, s, key, []byte("the second"))
}

func partAgain(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	part(ctx, t, u, 1, []byte("lost"))
	if err := u.Complete(ctx, []string{part(ctx, t, u, 1, []byte("kept"))}); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, []byte("kept"))
}

func wrongParts(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	first, second := part(ctx, t, u, 1, fill(1, run.MinPart)), part(ctx, t, u, 2, []byte("end"))
	for name, etags := range map[string][]string{
		"too many":    {first, second, second},
		"swapped":     {second, first},
		"another one": {first, "0123456789abcdef0123456789abcdef"},
	} {
		if err := u.Complete(ctx, etags); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := s.Storage.Head(ctx, key); !errors.Is(err, run.ErrNoObject) {
		t.Errorf("there is an object: %v", err)
	}
	if err := u.Complete(ctx, []string{first, second}); err != nil {
		t.Errorf("the right parts: %v", err)
	}
}

func partsBehind(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	first := fill(1, run.MinPart)
	etags := []string{part(ctx, t, u, 1, first), part(ctx, t, u, 2, []byte("end"))}
	part(ctx, t, u, 3, []byte("of an attempt that came further"))
	if err := u.Complete(ctx, etags); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, append(first, "end"...))
	assertUnfinished(ctx, t, s, key, 0)
}

func resumed(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	first := fill(1, run.MinPart)
	etag := part(ctx, t, u, 1, first)
	again := s.Storage.Resume(key, u.ID())
	parts, err := again.Parts(ctx)
	if err != nil || len(parts) != 1 || parts[0] != (run.StoredPart{Number: 1, ETag: etag, Bytes: run.MinPart}) {
		t.Fatalf("parts %+v, %v", parts, err)
	}
	if err := again.Complete(ctx, []string{etag, part(ctx, t, again, 2, []byte("end"))}); err != nil {
		t.Fatal(err)
	}
	assertObject(ctx, t, s, key, append(first, "end"...))
}

func goneUpload(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	if err := u.Complete(ctx, []string{part(ctx, t, u, 1, []byte("x"))}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Storage.Resume(key, u.ID()).Parts(ctx); !errors.Is(err, run.ErrNoUpload) {
		t.Errorf("completed: %v", err)
	}
	u = create(ctx, t, s, key)
	if err := s.Storage.Abort(ctx, key); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Parts(ctx); !errors.Is(err, run.ErrNoUpload) {
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

func missing(ctx context.Context, t *testing.T, s Subject, key string) {
	if _, err := s.Storage.Head(ctx, key); !errors.Is(err, run.ErrNoObject) {
		t.Errorf("Head: %v", err)
	}
	if _, err := s.Storage.Open(ctx, key); !errors.Is(err, run.ErrNoObject) {
		t.Errorf("Open: %v", err)
	}
	if err := s.Storage.Delete(ctx, key); err != nil {
		t.Errorf("Delete: %v", err)
	}
	store(ctx, t, s, key, []byte("x"))
	if err := s.Storage.Delete(ctx, key); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if _, err := s.Storage.Head(ctx, key); !errors.Is(err, run.ErrNoObject) {
		t.Errorf("Head after Delete: %v", err)
	}
}

func partNumbers(ctx context.Context, t *testing.T, s Subject, key string) {
	u := create(ctx, t, s, key)
	for _, n := range []int{-1, 0, run.MaxParts + 1} {
		if _, err := u.Part(ctx, n, []byte("x")); err == nil {
			t.Errorf("part %d was taken", n)
		}
	}
	part(ctx, t, u, run.MaxParts, []byte("x"))
	if err := s.Storage.Abort(ctx, key); err != nil {
		t.Error(err)
	}
}
