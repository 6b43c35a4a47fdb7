package s3

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/egress-io/egress/internal/pipeline"
)

// clock is a clock that only advances while somebody sleeps.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(1_800_000_000, c.passed.Load()) }

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.passed.Add(int64(d))
	return ctx.Err()
}

// newFixedStorage returns a storage that gives every request the same response, and a counter of
// requests.
func newFixedStorage(t *testing.T, status int, code string, header http.Header) (s *Storage, requests *atomic.Int32, c *clock) {
	t.Helper()
	requests, c = &atomic.Int32{}, &clock{}
	s, _ = openStorage(t, Options{
		Bucket: "b", Endpoint: "http://s3.test", PathStyle: true, AccessKey: "a", SecretKey: "s", Checksums: WhenSupported,
		now: c.now, sleep: c.sleep,
		transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			requests.Add(1)
			resp := errorResponse(r, status, code)
			maps.Copy(resp.Header, header)
			return resp, nil
		}),
	})
	return s, requests, c
}

// documentedCodes are the error codes of the Amazon S3 API Reference ("Error responses", "List of
// error codes"), and some of MinIO, Ceph and SeaweedFS, with their HTTP statuses. An empty code
// stands for a proxy's error page.
var documentedCodes = map[pipeline.FailureClass][]struct {
	status int
	code   string
}{
	pipeline.Missing: {{404, "NoSuchBucket"}, {404, ""}, {404, "NoSuchWebsiteConfiguration"}},
	pipeline.Denied: {
		{403, "AccessDenied"}, {403, "AllAccessDisabled"}, {403, "AccountProblem"}, {403, "InvalidAccessKeyId"},
		{403, "SignatureDoesNotMatch"}, {403, "InvalidSecurity"}, {403, "NotSignedUp"}, {403, "InvalidPayer"},
		{403, "InvalidObjectState"}, {403, "RequestTimeTooSkewed"}, {403, "UnauthorizedAccess"}, {400, "ExpiredToken"},
		{400, "InvalidToken"}, {400, "TokenRefreshRequired"}, {400, "MissingSecurityHeader"}, {400, "CredentialsNotSupported"},
		{401, "Unauthorized"}, {401, ""}, {403, ""}, {403, "QuotaExceeded"}, {407, ""}, {405, "AccessDenied"},
	},
	pipeline.Invalid: {
		{400, "InvalidRequest"}, {400, "InvalidArgument"}, {400, "InvalidDigest"}, {400, "EntityTooSmall"}, {400, "EntityTooLarge"},
		{400, "AuthorizationHeaderMalformed"}, {400, "AuthorizationQueryParametersError"}, {400, "IllegalLocationConstraintException"},
		{400, "InvalidBucketName"}, {400, "InvalidStorageClass"}, {400, "InvalidEncryptionAlgorithmError"}, {400, "InvalidURI"},
		{400, "KeyTooLongError"}, {400, "MalformedXML"}, {400, "MalformedPOSTRequest"}, {400, "MaxMessageLengthExceeded"},
		{400, "MissingRequestBodyError"}, {400, "UnexpectedContent"}, {400, "UserKeyMustBeSpecified"}, {400, "InvalidTargetBucketForLogging"},
		{400, "KMS.DisabledException"}, {400, "KMS.NotFoundException"}, {405, "MethodNotAllowed"}, {411, "MissingContentLength"},
		{412, "PreconditionFailed"}, {416, "InvalidRange"}, {501, "NotImplemented"}, {301, "PermanentRedirect"}, {301, ""}, {400, ""},
		{405, ""}, {413, ""}, {501, ""}, {507, "XMinioStorageFull"}, {507, ""}, {304, "NotModified"},
	},
	pipeline.Throttled: {
		{503, "SlowDown"}, {503, "ServiceUnavailable"}, {503, ""}, {429, ""}, {429, "TooManyRequests"}, {503, "Busy"}, {429, "SlowDown"},
		{400, "RequestLimitExceeded"}, {400, "ThrottlingException"}, {509, "BandwidthLimitExceeded"}, {503, "XMinioServerNotInitialized"},
		{503, "XMinioServerBusy"}, {200, "SlowDown"},
	},
	pipeline.Unavailable: {
		{500, "InternalError"}, {500, ""}, {502, ""}, {502, "BadGateway"}, {504, ""}, {504, "GatewayTimeout"}, {408, ""}, {409, "OperationAborted"},
		{409, "ConditionalRequestConflict"}, {409, ""}, {400, "RequestTimeout"}, {400, "IncompleteBody"}, {400, "BadDigest"},
		{400, "XAmzContentSHA256Mismatch"}, {400, "InvalidPart"}, {400, "InvalidPartOrder"}, {404, "NoSuchUpload"}, {307, "TemporaryRedirect"},
		{200, "InternalError"}, {520, ""}, {425, ""},
	},
}

// Every documented response has a class, with and without an XML body. Permanent ones are not
// retried.
func TestEveryErrorCodeHasItsClass(t *testing.T) {
	t.Parallel()
	for class, answers := range documentedCodes {
		for _, a := range answers {
			s, requests, _ := newFixedStorage(t, a.status, a.code, nil)
			u := &upload{storage: s, key: "k", id: "i"}
			err := u.Complete(t.Context(), []pipeline.StoredPart{{Number: 1, ETag: "x"}}) // calls ListParts first
			if a.status == http.StatusOK {
				_, err = s.client().CompleteMultipartUpload(t.Context(), completeInput(s, u))
				err = wrap(t.Context(), "complete", err)
			}
			e, ok := errors.AsType[*pipeline.DependencyError](err)
			switch {
			case !ok:
				t.Errorf("%d %s: not classified: %v", a.status, a.code, err)
				continue
			case e.Class != class:
				t.Errorf("%d %s: %s, want %s", a.status, a.code, e.Class, class)
			case a.code != "" && e.Code != a.code || e.Code == "":
				t.Errorf("%d %s: says %q", a.status, a.code, e.Code)
			case class.Permanent() && e.Advice == "":
				t.Errorf("%d %s: no advice", a.status, a.code)
			}
			if n := requests.Load(); class.Permanent() && !expiredCodes[a.code] && n != 1 {
				t.Errorf("%d %s: %d requests for what cannot work", a.status, a.code, n)
			}
			if errors.Is(err, pipeline.ErrNoObject) {
				t.Errorf("%d %s: taken for an object that does not exist", a.status, a.code)
			}
		}
	}
}

func completeInput(s *Storage, u *upload) *awss3.CompleteMultipartUploadInput {
	return &awss3.CompleteMultipartUploadInput{Bucket: &s.bucket, Key: &u.key, UploadId: &u.id}
}

// A call to a storage that always throttles is retried with growing pauses for two minutes.
func TestThrottlingEventuallyFails(t *testing.T) {
	t.Parallel()
	s, requests, c := newFixedStorage(t, http.StatusServiceUnavailable, "SlowDown", nil)
	began := c.now()
	_, err := s.Head(t.Context(), "k")
	if e, ok := errors.AsType[*pipeline.DependencyError](err); !ok || e.Class != pipeline.Throttled {
		t.Fatalf("error %v", err)
	}
	if passed, n := c.now().Sub(began), requests.Load(); passed != throttleLimit || n < 40 || n > 400 {
		t.Errorf("%d requests in %v", n, passed)
	}
}

// The retryer follows both forms of the Retry-After header, and ignores invalid values.
func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	c := &clock{}
	for text, want := range map[string]int32{
		"50": 4, c.now().Add(50 * time.Second).UTC().Format(http.TimeFormat): 0, "99999999": 2, "soon": 0, "-5": 0,
	} {
		s, requests, _ := newFixedStorage(t, http.StatusTooManyRequests, "", http.Header{"Retry-After": {text}})
		if _, err := s.Head(t.Context(), "k"); err == nil {
			t.Fatal("no error")
		}
		n := requests.Load()
		if want > 0 && n != want || want == 0 && n < 4 {
			t.Errorf("Retry-After %q: %d requests in two minutes, want %d", text, n, want)
		}
	}
}

// An outage fails a call after a few tries. Expired credentials are renewed twice.
func TestRetriesOfOneCall(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int32{"InternalError": maxTries, "ExpiredToken": 1 + maxCredentialRetries} {
		status := http.StatusInternalServerError
		if code == "ExpiredToken" {
			status = http.StatusBadRequest
		}
		s, requests, c := newFixedStorage(t, status, code, nil)
		began := c.now()
		err := s.Put(t.Context(), "k", "text/plain", []byte("x"))
		if n := requests.Load(); err == nil || n != want || c.now().Sub(began) > 10*time.Second {
			t.Errorf("%s: %d requests, want %d; %v", code, n, want, err)
		}
	}
}

// A storage's error code is shown to users only if it looks like a code.
func TestOnlySafeCodesAreShown(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"http://x/?X-Amz-Signature=abc", "two words", "a&lt;b", "x/y"} {
		s, _, _ := newFixedStorage(t, http.StatusForbidden, code, nil)
		_, err := s.Open(t.Context(), "k")
		if e, ok := errors.AsType[*pipeline.DependencyError](err); !ok || e.Code != "HTTP 403" {
			t.Errorf("%q is shown as %v", code, err)
		}
	}
}
