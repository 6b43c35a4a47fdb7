package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

const secretOfTests = "the-secret-of-tests"

// newCheckServer returns the options for a server that h implements, with a clock that makes
// waiting instant.
func newCheckServer(t *testing.T, h http.HandlerFunc) Options {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c := &clock{}
	return Options{
		Bucket: "bucket", Endpoint: server.URL, PathStyle: true, AccessKey: "access", SecretKey: secretOfTests, now: c.now, sleep: c.sleep,
	}
}

func respondWith(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		body := "<html>" + message + "</html>"
		if code != "" {
			body = "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>"
		}
		_, _ = io.WriteString(w, body)
	}
}

// Check names the environment variable of a wrong configuration in one line without secrets.
func TestCheckNamesTheVariable(t *testing.T) {
	t.Parallel()
	tlsServer := httptest.NewUnstartedServer(respondWith(http.StatusOK, "", ""))
	tlsServer.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	tlsServer.StartTLS()
	t.Cleanup(tlsServer.Close)
	for name, test := range map[string]struct {
		options  func() Options
		variable string
		says     string
	}{
		"bucket does not exist": {func() Options { o := gatewayOptions(t); o.Bucket = "no-such-bucket"; return o }, varBucket, "no-such-bucket"},
		"unknown access key":    {func() Options { o := gatewayOptions(t); o.AccessKey = "nobody"; return o }, varAccessKey, "XAdminUserNotFound"},
		"wrong secret key":      {func() Options { o := gatewayOptions(t); o.SecretKey = secretOfTests; return o }, varSecretKey, "SignatureDoesNotMatch"},
		"no permission":         {func() Options { return newCheckServer(t, respondWith(403, "AccessDenied", "m")) }, varBucket, "AccessDenied"},
		"expired token":         {func() Options { return newCheckServer(t, respondWith(400, "ExpiredToken", "m")) }, varAccessKey, "ExpiredToken"},
		"clock":                 {func() Options { return newCheckServer(t, respondWith(403, "RequestTimeTooSkewed", "m")) }, varAccessKey, "clock"},
		"region": {func() Options {
			return newCheckServer(t, respondWith(400, "AuthorizationHeaderMalformed", "the region 'us-east-1' is wrong; expecting 'eu-west-1'"))
		}, varRegion, "EGRESS_S3_REGION=eu-west-1"},
		"redirect to a region": {func() Options {
			return newCheckServer(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Amz-Bucket-Region", "eu-north-1")
				respondWith(301, "PermanentRedirect", "m")(w, r)
			})
		}, varRegion, "eu-north-1"},
		"not an S3, 404": {func() Options { return newCheckServer(t, respondWith(404, "", "not found")) }, varEndpoint, "HTTP 404|NotFound"},
		"not an S3, 405": {func() Options { return newCheckServer(t, respondWith(405, "", "no")) }, varEndpoint, "MethodNotAllowed"},
		"not an S3, 200": {func() Options { return newCheckServer(t, respondWith(200, "", "welcome")) }, varEndpoint, "no upload id"},
		"unknown CA": {func() Options {
			return Options{Bucket: "b", Endpoint: tlsServer.URL, PathStyle: true, AccessKey: "a", SecretKey: secretOfTests}
		}, varEndpoint, "unknown certificate authority"},
		"http to a TLS port": {func() Options {
			return Options{Bucket: "b", Endpoint: strings.Replace(tlsServer.URL, "https", "http", 1), PathStyle: true, AccessKey: "a", SecretKey: secretOfTests}
		}, varEndpoint, "400|BadRequest"},
		"TLS to an http port": {func() Options {
			o := newCheckServer(t, respondWith(404, "", ""))
			o.Endpoint = strings.Replace(o.Endpoint, "http", "https", 1)
			return o
		}, varEndpoint, "http://"},
		"path style": {func() Options {
			o := newCheckServer(t, respondWith(404, "", ""))
			o.Endpoint, o.PathStyle = "http://minio.test:9000", false
			o.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
				return nil, &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}
			})
			o.lookup = func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil }
			return o
		}, varPathStyle, "bucket.minio.test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := test.options()
			o.Checksums = Auto
			s, ctx := openStorage(t, o)
			_, err := s.Check(ctx)
			e, ok := errors.AsType[*errs.Error](err)
			if !ok || e.Code != errs.CodeInvalidRequest || e.Field != test.variable {
				t.Fatalf("error %v, want one of %s", err, test.variable)
			}
			found := false
			for words := range strings.SplitSeq(test.says, "|") {
				found = found || strings.Contains(err.Error(), words)
			}
			if text := err.Error(); !found || strings.Contains(text, "\n") || strings.Contains(text, o.SecretKey) || len(text) > 250 {
				t.Errorf("says %q", text)
			}
		})
	}
}

// An unavailable storage may recover, so Check does not report a wrong configuration.
func TestCheckWithUnavailableStorage(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, o := range map[string]Options{
		"refused": {Bucket: "b", Endpoint: "http://" + free.Addr().String(), PathStyle: true, AccessKey: "a", SecretKey: "s", sleep: (&clock{}).sleep},
		"503":     newCheckServer(t, respondWith(503, "", "starting")),
		"502":     newCheckServer(t, respondWith(502, "", "bad gateway")),
		"500":     newCheckServer(t, respondWith(500, "InternalError", "m")),
		"no name": {Bucket: "b", Endpoint: "http://s3.test", PathStyle: true, AccessKey: "a", SecretKey: "s", sleep: (&clock{}).sleep,
			transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				return nil, &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}
			})},
		"hangs": newCheckServer(t, hang),
	} {
		s, ctx := openStorage(t, o)
		ctx, cancel := context.WithCancel(ctx)
		if name == "hangs" {
			ctx, cancel = context.WithDeadline(ctx, time.Now())
		}
		if _, err := s.Check(ctx); err == nil || errs.CodeOf(err) == errs.CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// withChecksum reports whether a request uses the default checksums of newer SDKs.
func withChecksum(r *http.Request) bool {
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-checksum-") || name == "x-amz-sdk-checksum-algorithm" || name == "x-amz-trailer" {
			return true
		}
	}
	return false
}

// refuseChecksums refuses requests with checksums, as older storages do.
func refuseChecksums(r *http.Request) (*http.Response, error) {
	if withChecksum(r) {
		if r.Body != nil {
			r.Body.Close()
		}
		return errorResponse(r, http.StatusBadRequest, "InvalidRequest"), nil
	}
	return http.DefaultTransport.RoundTrip(r)
}

// storeChecksumFraming stores the framing of checksums as content, as some storages do without an
// error.
func storeChecksumFraming() roundTripper {
	var framed atomic.Bool
	return func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost && r.URL.Query().Has("uploads") {
			framed.Store(withChecksum(r))
		}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && r.Method == http.MethodGet && !r.URL.Query().Has("uploadId") && framed.Load() {
			resp.Body, resp.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader("4b\r\n"), resp.Body)), -1
			resp.Header.Del("Content-Length")
		}
		return resp, err
	}
}

// Check, or the first upload, probes the storage's support for checksums with a small upload, and
// removes it.
func TestChecksumsAreProbed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		transport http.RoundTripper
		checksums Checksums
		want      Report
		wrong     bool // the configuration is wrong
	}{
		"takes them":                             {http.DefaultTransport, Auto, Report{Checksums: WhenSupported}, false},
		"takes them, none wanted":                {http.DefaultTransport, WhenRequired, Report{Checksums: WhenRequired}, false},
		"omits them in listings":                 {seaweed(t), Auto, Report{Checksums: WhenSupported}, false},
		"refuses them":                           {roundTripper(refuseChecksums), Auto, Report{WhenRequired, "InvalidRequest"}, false},
		"refuses them, none wanted":              {roundTripper(refuseChecksums), WhenRequired, Report{Checksums: WhenRequired}, false},
		"refuses them, though they are demanded": {roundTripper(refuseChecksums), WhenSupported, Report{}, true},
		"stores their framing":                   {storeChecksumFraming(), Auto, Report{WhenRequired, "content changed"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := gatewayOptions(t)
			o.transport, o.Checksums = test.transport, test.checksums
			s, ctx := openStorage(t, o)
			got, err := s.Check(ctx)
			if got != test.want || test.wrong != (err != nil) {
				t.Fatalf("found %+v, %v", got, err)
			}
			if e, ok := errors.AsType[*errs.Error](err); test.wrong && (!ok || e.Field != varChecksums) {
				t.Fatalf("error %v", err)
			}
			second, _ := openStorage(t, o)
			for _, s := range []*Storage{s, second} {
				if test.wrong {
					continue
				}
				key, body := embeddedtest.Prefix(t)+"users.csv", bytes.Repeat([]byte("x"), 1000)
				u, err := s.Create(ctx, key, "text/csv")
				if err != nil {
					t.Fatal(err)
				}
				part, err := u.Part(ctx, 1, body)
				if err == nil {
					err = u.Complete(ctx, []pipeline.StoredPart{part})
				}
				if err == nil {
					err = s.verifyObject(ctx, key, body)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A probe leaves no object and no upload, even if it fails in the middle.
func TestProbeCleansUp(t *testing.T) {
	t.Parallel()
	for _, refuse := range []func(*http.Request) bool{
		func(*http.Request) bool { return false }, isComplete,
		func(r *http.Request) bool { return r.Method == http.MethodPut },
		func(r *http.Request) bool { return r.Method == http.MethodGet && !r.URL.Query().Has("uploadId") },
	} {
		o, keys := gatewayOptions(t), map[string]bool{}
		o.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, ProbePrefix) {
				keys[strings.TrimPrefix(r.URL.Path, "/"+o.Bucket+"/")] = true
			}
			if refuse(r) {
				return errorResponse(r, http.StatusForbidden, "AccessDenied"), nil
			}
			return http.DefaultTransport.RoundTrip(r)
		})
		o.Checksums = Auto
		s, ctx := openStorage(t, o)
		_, _ = s.Check(ctx)
		plain, _ := openStorage(t, gatewayOptions(t))
		if len(keys) == 0 {
			t.Fatal("nothing was stored")
		}
		for key := range keys {
			if _, err := plain.Head(ctx, key); !errors.Is(err, pipeline.ErrNoObject) {
				t.Errorf("%s is left: %v", key, err)
			}
			if leftover, err := plain.unfinished(ctx, key); err != nil || len(leftover) > 0 {
				t.Errorf("uploads %v, %v", leftover, err)
			}
		}
	}
}

// Without credentials, Check sends no request and names the variable.
func TestCheckWithoutCredentials(t *testing.T) {
	for _, name := range append([]string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}, credentialSources...) {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	o := newCheckServer(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	o.AccessKey, o.SecretKey = "", ""
	s, ctx := openStorage(t, o)
	_, err := s.Check(ctx)
	if e, ok := errors.AsType[*errs.Error](err); !ok || e.Field != varAccessKey || e.Code != errs.CodeInvalidRequest {
		t.Errorf("error %v", err)
	}
}

// Different spellings of one endpoint give the same location.
func TestLocation(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"": "", "https://s3.example.com/": "https://s3.example.com", "HTTPS://S3.Example.com:443": "https://s3.example.com",
		"http://minio:9000": "http://minio:9000", "http://[::1]:80": "http://[::1]", "https://s3.eu-west-1.amazonaws.com": "",
	} {
		s, _ := openStorage(t, Options{Bucket: "b", Endpoint: endpoint, Region: "eu-west-1", AccessKey: "a", SecretKey: "s"})
		if got := s.Location(); got != (export.Location{Bucket: "b", Endpoint: want}) {
			t.Errorf("%s: %+v", endpoint, got)
		}
	}
}

// An upload that waits for another upload's probe stops waiting when its own context ends.
func TestUploadCancelsWaitForProbe(t *testing.T) {
	t.Parallel()
	var once sync.Once
	started, ended := make(chan struct{}), make(chan struct{})
	o := Options{Bucket: "b", Endpoint: "http://s3.test", PathStyle: true, AccessKey: "a", SecretKey: "s", sleep: (&clock{}).sleep}
	o.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		once.Do(func() {
			close(started)
			<-ended
		})
		return errorResponse(r, http.StatusForbidden, "AccessDenied"), nil
	})
	s, ctx := openStorage(t, o)
	first := make(chan error, 1)
	go func() { first <- s.ensureChecksums(ctx) }()
	<-started
	waiting, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Create(waiting, "k", "text/csv"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	close(ended)
	if err := <-first; err == nil {
		t.Error("the probe was not refused")
	}
}
