package fromzephr

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// Each temporary error is retried after its pause, and the response is then complete.
func TestTemporaryErrorsAreRetried(t *testing.T) {
	t.Parallel()
	s := newZephrServer(t)
	s.body["/v3/x?b=2&a=%20"] = `[1]`
	answers := []func(w http.ResponseWriter){
		func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) },
		func(w http.ResponseWriter) { // the connection ends before the response is complete
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`[1,`))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "100000")
			w.WriteHeader(http.StatusServiceUnavailable)
		},
	}
	s.before = func(w http.ResponseWriter, _ *http.Request) bool {
		if len(answers) == 0 {
			return false
		}
		next := answers[0]
		answers = answers[1:]
		next(w)
		return true
	}
	c, pauses := s.client()
	body, err := c.Get(t.Context(), "/v3/x?b=2&a=%20")
	want := []time.Duration{7 * time.Second, 2 * time.Second, 4 * time.Second, maxRetryAfter}
	if err != nil || string(body) != `[1]` || !slices.Equal(*pauses, want) {
		t.Errorf("%q, %v, pauses %v, want %v", body, err, *pauses, want)
	}
}

func TestOtherErrorsAreNotRetried(t *testing.T) {
	t.Parallel()
	for status, says := range map[int]string{
		http.StatusBadRequest: "The server says: rpp is too large", http.StatusUnauthorized: "Check the access key", http.StatusForbidden: "Check the access key",
		http.StatusNotFound: "/v3/x", http.StatusNotImplemented: "501", http.StatusFound: "It redirects to https://other.example; redirects are not followed",
	} {
		s := newZephrServer(t)
		s.before = func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Location", "https://other.example/v3/x?token=1")
			if status != http.StatusFound {
				w.Header().Del("Location")
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte("{\"message\":\"rpp is\\ntoo large\"}"))
			return true
		}
		c, pauses := s.client()
		_, err := c.Get(t.Context(), "/v3/x?email=ada@example.com")
		wantStatus(t, err, status, says)
		if len(*pauses) > 0 || strings.Contains(err.Error(), testSecret) || strings.Contains(err.Error(), "ada@") {
			t.Errorf("status %d: pauses %v, error %v", status, *pauses, err)
		}
	}
}

func TestRetriesEnd(t *testing.T) {
	t.Parallel()
	s := newZephrServer(t)
	s.before = func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusInternalServerError)
		return true
	}
	c, pauses := s.client()
	_, err := c.Get(t.Context(), "/v3/x")
	wantStatus(t, err, http.StatusInternalServerError, "500")
	if len(*pauses) != maxTries-1 || (*pauses)[maxTries-2] != maxPause {
		t.Errorf("pauses %v", *pauses)
	}
	if len(s.retries) != maxTries-1 || !strings.Contains(s.retries[1], "status 500") || !strings.HasSuffix(s.retries[1], ", 2s") {
		t.Errorf("reported retries %q", s.retries)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(context.DeadlineExceeded)
	if _, err := c.Get(ctx, "/v3/x"); err == nil || len(*pauses) != maxTries-1 {
		t.Errorf("a stopped client: error %v, pauses %v", err, *pauses)
	}
}

func TestOptionsOfAClient(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		o     Options
		field string
	}{
		{Options{URL: "https://press.api.zephr.com/"}, ""},
		{Options{URL: "https://proxy.example/zephr"}, ""},
		{Options{URL: "http://127.0.0.1:80"}, ""},
		{Options{URL: "http://[::1]:80"}, ""},
		{Options{URL: "http://localhost"}, ""},
		{Options{URL: "http://press.api.zephr.com", AllowHTTP: true}, ""},
		{Options{URL: "http://press.api.zephr.com"}, "URL"},
		{Options{URL: "http://localhost.example"}, "URL"},
		{Options{URL: "press.api.zephr.com"}, "URL"},
		{Options{URL: "ftp://press.api.zephr.com"}, "URL"},
		{Options{URL: "https://me:pass@press.api.zephr.com"}, "URL"},
		{Options{URL: "https://press.api.zephr.com?x=1"}, "URL"},
		{Options{URL: "https://press.api.zephr.com", AccessKey: "a b"}, "--access-key"},
		{Options{URL: "https://press.api.zephr.com", AccessKey: "-"}, "EGRESS_ZEPHR_SECRET_KEY"},
	} {
		switch tt.o.AccessKey {
		case "":
			tt.o.AccessKey, tt.o.SecretKey = "A", "S"
		case "a b":
			tt.o.SecretKey = "S"
		}
		_, err := NewClient(tt.o)
		e, _ := err.(*errs.Error) //nolint:errorlint // it is never wrapped
		if (err == nil) != (tt.field == "") || e != nil && e.Field != tt.field {
			t.Errorf("%+v: %v, want an error of %q", tt.o, err, tt.field)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "-3": 0, "soon": 0, "Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Fri, 02 Jan 2026 03:04:00 GMT": 0,
	} {
		if got := parseRetryAfter(header, now); got != want {
			t.Errorf("%q is %s, want %s", header, got, want)
		}
	}
}
