package s3

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/egress-io/egress/internal/pipeline"
)

const (
	// throttleLimit is how long one call is retried while the storage throttles: about 80 requests,
	// with pauses of 1.5 s on average. If the storage refuses four of five requests, one call in 50
	// million fails.
	throttleLimit = 2 * time.Minute
	throttleBase  = 250 * time.Millisecond // maximum of the first pause, then doubled
	throttleMax   = 3 * time.Second

	// maxTries is how often a call is tried if the storage does not respond or fails. Longer
	// outages are for the next attempt of the job, which waits longer.
	maxTries    = 5
	failureBase = 100 * time.Millisecond
	failureMax  = 2 * time.Second

	// maxCredentialRetries is how often a call is retried with new credentials after they have
	// expired.
	maxCredentialRetries = 2
)

// errNoRetry ends the retries of a call. The SDK joins it with the error of the last try.
var errNoRetry = errors.New("s3: no more retries")

// retryer decides about retries. Unlike the SDK's it retries throttled calls for minutes, and has
// no token bucket, which a storage that throttles for minutes would empty.
type retryer struct {
	standard   *retry.Standard // knows which network errors are transient
	now        func() time.Time
	sleep      func(ctx context.Context, d time.Duration) error
	random     func() float64 // in [0, 1)
	invalidate func()         // drops cached credentials
}

var _ aws.RetryerV2 = (*retryer)(nil)

func newRetryer(invalidate func()) *retryer {
	return &retryer{standard: retry.NewStandard(), now: time.Now, sleep: sleep, random: rand.Float64, invalidate: invalidate}
}

// callTries counts the tries of one call.
type callTries struct {
	throttled      int
	throttledSince time.Time
	failed         int
	expired        int
}

type callTriesKey struct{}

// countTries adds a callTries to the context of every call.
func countTries(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("EgressTries", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(context.WithValue(ctx, callTriesKey{}, &callTries{}), in)
	}), middleware.Before)
}

// MaxAttempts returns 0: GetRetryToken limits the tries.
func (*retryer) MaxAttempts() int { return 0 }

// IsErrorRetryable reports whether a retry of the same call may help.
func (r *retryer) IsErrorRetryable(err error) bool {
	status, code := responseOf(err)
	if status == 0 && classify(err).Class.Permanent() { // a certificate error
		return false
	}
	return classify(err).Class == pipeline.Throttled || expiredCodes[code] || resendCodes[code] || r.standard.IsErrorRetryable(err)
}

// GetRetryToken waits before the next try, or returns an error if there must be none.
func (r *retryer) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	t, ok := ctx.Value(callTriesKey{}).(*callTries)
	if !ok {
		return nil, errNoRetry
	}
	_, code := responseOf(err)
	var pause time.Duration
	switch {
	case classify(err).Class == pipeline.Throttled:
		if t.throttled == 0 {
			t.throttledSince = r.now()
		}
		remaining := throttleLimit - r.now().Sub(t.throttledSince)
		if remaining <= 0 {
			return nil, errNoRetry
		}
		pause = min(max(r.pause(throttleBase, throttleMax, t.throttled), retryAfter(err, r.now())), remaining)
		t.throttled++
	case expiredCodes[code]:
		if t.expired == maxCredentialRetries {
			return nil, errNoRetry
		}
		r.invalidate()
		pause = r.pause(failureBase, failureMax, t.expired)
		t.expired++
	default:
		if t.failed == maxTries-1 {
			return nil, errNoRetry
		}
		pause = r.pause(failureBase, failureMax, t.failed)
		t.failed++
	}
	return func(error) error { return nil }, r.sleep(ctx, pause)
}

// pause returns a random share of base, doubled n times and at most limit.
func (r *retryer) pause(base, limit time.Duration, n int) time.Duration {
	return time.Duration(r.random() * float64(min(base<<min(n, 16), limit)))
}

// RetryDelay returns 0: GetRetryToken has already waited.
func (*retryer) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// GetInitialToken implements aws.Retryer.
func (*retryer) GetInitialToken() func(error) error { return func(error) error { return nil } }

// GetAttemptToken implements aws.RetryerV2.
func (*retryer) GetAttemptToken(context.Context) (func(error) error, error) {
	return func(error) error { return nil }, nil
}

// retryAfter returns the Retry-After header as a duration (RFC 9110, section 10.2.3), 0 without
// one.
func retryAfter(err error, now time.Time) time.Duration {
	e, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || e.Response == nil || e.Response.Response == nil {
		return 0
	}
	text := e.Response.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the storage: %w", ctx.Err())
	}
}
