package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// completes reports whether r completes an upload.
func completes(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Query().Has("uploadId")
}

func TestCompleteLosesAnswer(t *testing.T) {
	t.Parallel()
	o := gateway(t)
	var lost atomic.Bool
	o.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && completes(r) && lost.CompareAndSwap(false, true) {
			resp.Body.Close()
			return nil, io.ErrUnexpectedEOF
		}
		return resp, err
	})
	s, ctx := open(t, o)
	key := embeddedtest.Prefix(t) + "a"
	u, err := s.Create(ctx, key, "text/csv")
	if err != nil {
		t.Fatal(err)
	}
	etag, err := u.Part(ctx, 1, []byte("stored"))
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Complete(ctx, []string{etag}); err != nil {
		t.Errorf("the object is there, but: %v", err)
	}
	if !lost.Load() {
		t.Error("no answer was lost")
	}
}

func TestCompleteComparesSize(t *testing.T) {
	t.Parallel()
	o := gateway(t)
	o.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && r.Method == http.MethodHead {
			resp.ContentLength--
			resp.Header.Set("Content-Length", "5")
		}
		return resp, err
	})
	s, ctx := open(t, o)
	u, err := s.Create(ctx, embeddedtest.Prefix(t)+"a", "text/csv")
	if err != nil {
		t.Fatal(err)
	}
	etag, err := u.Part(ctx, 1, []byte("stored"))
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Complete(ctx, []string{etag}); err == nil {
		t.Error("an object of another size was taken for the one that was stored")
	}
}

// A part that was under way while its upload was aborted may still be listed afterwards.
func TestAbortRepeats(t *testing.T) {
	t.Parallel()
	const listed = `<ListMultipartUploadsResult><Upload><Key>k/1</Key><UploadId>i</UploadId></Upload></ListMultipartUploadsResult>`
	const nothing = `<ListMultipartUploadsResult></ListMultipartUploadsResult>`
	var aborts atomic.Int32
	fake := roundTripper(func(r *http.Request) (*http.Response, error) {
		status, body := http.StatusNoContent, ""
		switch {
		case r.Method == http.MethodDelete:
			aborts.Add(1)
		case aborts.Load() < 3:
			status, body = http.StatusOK, listed
		default:
			status, body = http.StatusOK, nothing
		}
		return &http.Response{
			StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
		}, nil
	})
	s, ctx := open(t, Options{Bucket: "b", Endpoint: "http://s3.test", AccessKey: "a", SecretKey: "s", transport: fake})
	if err := s.Abort(ctx, "k/"); err != nil {
		t.Fatal(err)
	}
	if n := aborts.Load(); n != 3 {
		t.Errorf("%d aborts, want 3", n)
	}
}

// The HTTP client may go on reading a body after it has given up on the request. The SDK takes it away from it before it
// returns, and the buffer is the caller's again.
func TestPartTakesBodyBack(t *testing.T) {
	t.Parallel()
	var body io.Reader
	sent := make(chan struct{})
	fake := roundTripper(func(r *http.Request) (*http.Response, error) {
		body = r.Body
		close(sent)
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	s, ctx := open(t, Options{Bucket: "b", Endpoint: "http://s3.test", AccessKey: "a", SecretKey: "s", transport: fake})
	s.grace = time.Millisecond
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		<-sent
		cancel()
	}()
	u := &upload{storage: s, key: "k", id: "i"}
	if _, err := u.Part(ctx, 1, bytes.Repeat([]byte("x"), 100)); !errors.Is(err, context.Canceled) {
		t.Fatalf("Part: %v", err)
	}
	if b, err := io.ReadAll(body); len(b) > 0 {
		t.Errorf("the body can still be read: %d bytes, %v", len(b), err)
	}
}

// A storage that does not answer holds a cancelled part up for less than the second that a run may take to hear of a cancel.
func TestPartEndsSoonAfterACancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var cancelled time.Time
	fake := roundTripper(func(r *http.Request) (*http.Response, error) {
		cancelled = time.Now()
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	s, _ := open(t, Options{Bucket: "b", Endpoint: "http://s3.test", AccessKey: "a", SecretKey: "s", transport: fake})
	u := &upload{storage: s, key: "k", id: "i"}
	if _, err := u.Part(ctx, 1, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("a part that hangs: %v", err)
	}
	if d := time.Since(cancelled); d > time.Second {
		t.Errorf("ended %v after the cancel", d)
	}
}

// A part that is on its way when the run is cancelled gets through, so that an abort that follows is the last word.
func TestPartLingers(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	fake := roundTripper(func(r *http.Request) (*http.Response, error) {
		cancel()
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		header := http.Header{"Etag": {`"x"`}}
		return &http.Response{StatusCode: http.StatusOK, Header: header, Body: http.NoBody, Request: r}, nil
	})
	s, _ := open(t, Options{Bucket: "b", Endpoint: "http://s3.test", AccessKey: "a", SecretKey: "s", transport: fake})
	u := &upload{storage: s, key: "k", id: "i"}
	if etag, err := u.Part(ctx, 1, []byte("x")); etag != "x" || err != nil {
		t.Errorf("the part on its way: %q, %v", etag, err)
	}
	if _, err := u.Part(ctx, 2, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("the next part: %v", err)
	}
}
