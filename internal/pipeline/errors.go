package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/egress-io/egress/internal/errs"
)

var (
	// ErrFenced means that a newer attempt owns the job.
	ErrFenced = errors.New("pipeline: a newer attempt owns the job")
	// ErrCursorLost means that the database dropped the cursor (failover, idle timeout). Reading
	// may resume after the last id.
	ErrCursorLost = errors.New("pipeline: the database lost the cursor")
	// ErrNoUpload means that the multipart upload does not exist: it was completed, aborted or
	// never created.
	ErrNoUpload = errors.New("pipeline: no such upload")
	// ErrNoObject means that the storage has no object under the key.
	ErrNoObject = errors.New("pipeline: no such object")
)

// Messages of failures that have no more specific sentence.
const (
	msgReadFailed   = "The user database failed while Egress was reading users."
	msgStoreFailed  = "The file storage failed while Egress was writing the file."
	msgVerifyFailed = "The file storage failed while Egress was reading the stored file back."
)

// wrapFailure turns err into an error that a job can show. It returns nil for nil, and ErrFenced
// unchanged. If ctx is done, it returns the cause of ctx. It returns an *errs.Error unchanged. A
// permanent failure gets the "refused" variant of code, which is never retried.
func wrapFailure(ctx context.Context, code errs.Code, err error, message string) error {
	dependency, classified := errors.AsType[*DependencyError](err)
	switch _, known := errors.AsType[*errs.Error](err); {
	case err == nil:
		return nil
	case errors.Is(err, ErrFenced):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case known:
		return err
	case classified && dependency.Class.Permanent():
		return refusal(code, dependency, err, message)
	case classified && dependency.Class == Throttled && code == errs.CodeStorageUnavailable:
		return errs.Wrap(code, err, "The file storage throttles requests"+parenthesized(dependency.Code)+".")
	default:
		return errs.Wrap(code, err, message)
	}
}

// refusal returns the error for a request that a dependency refuses permanently: what it refused,
// its own code, and what to change.
func refusal(code errs.Code, d *DependencyError, cause error, message string) error {
	var text string
	switch {
	case code == errs.CodeDatabaseUnavailable:
		code, text = errs.CodeDatabaseRefused, "The user database refused to return users"
	case code != errs.CodeStorageUnavailable:
		return errs.Wrap(code, cause, message)
	case message == msgVerifyFailed:
		code, text = errs.CodeStorageRefused, "The file storage refused to return the stored file"
	default:
		code, text = errs.CodeStorageRefused, "The file storage refused the upload"
	}
	text += parenthesized(d.Code) + "."
	if d.Advice != "" {
		text += " " + d.Advice
	}
	return errs.Wrap(code, cause, text+" Then retry.")
}

func parenthesized(code string) string {
	if code == "" {
		return ""
	}
	return " (" + code + ")"
}

// isPermanent reports whether the same call fails again until an operator changes something.
func isPermanent(err error) bool {
	d, ok := errors.AsType[*DependencyError](err)
	return ok && d.Class.Permanent()
}

// FailureClass classifies a failure of a dependency. The class decides whether a retry can help.
type FailureClass string

// The failure classes. Adapters map every error of their technology to one of them.
const (
	Missing     FailureClass = "missing"     // the bucket or the database does not exist
	Denied      FailureClass = "denied"      // credentials or permissions are wrong
	Invalid     FailureClass = "invalid"     // it rejects the request: a setting does not fit
	Throttled   FailureClass = "throttled"   // rate limited, even after the adapter's own retries
	Unavailable FailureClass = "unavailable" // no response, or a server error
)

// Permanent reports whether the same request fails again until an operator changes something.
func (c FailureClass) Permanent() bool { return c == Missing || c == Denied || c == Invalid }

// DependencyError is a failure of the storage or of a database, classified by its adapter. Code and
// Advice are shown to users: they contain no secrets, keys or URLs.
type DependencyError struct {
	Class  FailureClass
	Code   string // the dependency's own code ("AccessDenied", "HTTP 502"); "" without a response
	Advice string // a sentence that says what to change; "" if unknown
	Err    error  // the cause, for the log only
}

// Error returns the text for the log.
func (e *DependencyError) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: %v", e.Class, e.Err)
	}
	return fmt.Sprintf("%s (%s): %v", e.Class, e.Code, e.Err)
}

// Unwrap returns the cause.
func (e *DependencyError) Unwrap() error { return e.Err }
