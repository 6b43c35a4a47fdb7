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
	"github.com/egress-io/egress/internal/pipeline"
)

// isComplete reports whether r is a CompleteMultipartUpload request.
func isComplete(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Query().Has("uploadId")
}

func TestCompleteWithLostResponse(t *testing.T) {
	t.Parallel()
	o := gatewayOptions(t)
	var lost atomic.Bool
	o.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && isComplete(r) && lost.CompareAndSwap(false, true) {
			resp.Body.Close()
			return nil, io.ErrUnexpectedEOF
		}
		return resp, err
	})
	s, ctx := openStorage(t, o)
	key := embeddedtest.Prefix(t) + "a"
	u, err := s.Create(ctx, key, "text/csv")
	if err != nil {
		t.Fatal(err)
	}
	part, err := u.Part(ctx, 1, []byte("stored"))
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Complete(ctx, []pipeline.StoredPart{part}); err != nil {
		t.Errorf("the object is there, but: %v", err)
	}
	if !lost.Load() {
		t.Error("no answer was lost")
	}
}

func TestCompleteComparesSize(t *testing.T) {
	t.Parallel()
	o := gatewayOptions(t)
	o.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && r.Method == http.MethodHead {
			resp.ContentLength--
			resp.Header.Set("Content-Length", "5")
		}
		return resp, err
	})
	s, ctx := openStorage(t, o)
	u, err := s.Create(ctx, embeddedtest.Prefix(t)+"a", "text/csv")
	if err != nil {
		t.Fatal(err)
	}
	part, err := u.Part(ctx, 1, []byte("stored"))
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Complete(ctx, []pipeline.StoredPart{part}); err == nil {
		t.Error("an object of the wrong size was accepted")
	}
}

// A part that was in flight during the abort may be listed after it.
func TestAbortRetries(t *testing.T) {
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
	s, ctx := openStorage(t, Options{Bucket: "b", Endpoint: "http://s3.test", AccessKey: "a", SecretKey: "s", transport: fake})
	if err := s.Abort(ctx, "k/"); err != nil {
		t.Fatal(err)
	}
	if n := aborts.Load(); n != 3 {
		t.Errorf("%d aborts, want 3", n)
	}
}

// The HTTP client may still read a body after it has given up on the request. The SDK detaches the
// body before Part returns, so the caller may reuse its buffer.
func TestPartDoesNotKeepBody(t *testing.T) {
	t.Parallel()
	var body io.Reader
	sent := make(chan struct{})
	fake := roundTripper(func(r *http.Request) (*http.Response, error) {
		body = r.Body
		close(sent)
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	s, ctx := openStorage(t, Options{Bucket: "b", Endpoint: "http://s3.test", AccessKey: "a", SecretKey: "s", transport: fake})
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

// If the storage does not respond, Part returns after a cancel, without retries.
func TestPartStopsAfterCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var cancelled time.Time
	fake := roundTripper(func(r *http.Request) (*http.Response, error) {
		cancelled = time.Now()
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	s, _ := openStorage(t, Options{Bucket: "b", Endpoint: "http://s3.test", AccessKey: "a", SecretKey: "s", transport: fake})
	u := &upload{storage: s, key: "k", id: "i"}
	if _, err := u.Part(ctx, 1, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("a part that hangs: %v", err)
	}
	if d := time.Since(cancelled); d > 30*time.Second {
		t.Errorf("ended %v after the cancel", d)
	}
}

// A part that is in flight at a cancel completes, so that no part arrives after the following
// abort.
func TestPartFinishesWithinGrace(t *testing.T) {
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
	s, _ := openStorage(t, Options{Bucket: "b", Endpoint: "http://s3.test", AccessKey: "a", SecretKey: "s", transport: fake})
	u := &upload{storage: s, key: "k", id: "i"}
	if part, err := u.Part(ctx, 1, []byte("x")); part.ETag != "x" || err != nil {
		t.Errorf("the part in flight: %+v, %v", part, err)
	}
	if _, err := u.Part(ctx, 2, []byte("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("the next part: %v", err)
	}
}
