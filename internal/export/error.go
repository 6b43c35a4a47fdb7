package export

import (
	"errors"
	"fmt"
)

// Code names a kind of failure in a way that programs may rely on. It is the `code` member of every problem+json answer
// and of a failed job; a code is never renamed.
type Code string

// The codes that Egress answers. The HTTP status of each is decided in one table of the api package.
const (
	CodeInvalid         Code = "invalid_request"        // a field of the request is wrong; Field names it
	CodeUnauthenticated Code = "unauthenticated"        // no session, or one that has ended
	CodeForbidden       Code = "forbidden"              // the requester's role does not allow it
	CodeCrossSite       Code = "cross_site_request"     // a write that another web site caused
	CodeNotFound        Code = "not_found"              // no such thing in this tenant
	CodeInProgress      Code = "export_in_progress"     // the requester has a live job; Details name it
	CodeStreamTaken     Code = "stream_taken"           // the job's stream was opened already, or it waits for none
	CodeKeyReused       Code = "idempotency_key_reused" // the same Idempotency-Key with another definition
	CodeTooNarrow       Code = "filter_too_broad"       // an account rule matches more accounts than can be looked up
	CodeTooLarge        Code = "request_too_large"      // the body is over the route's limit
	CodeExists          Code = "exists"                 // what is asked for is there already, or would leave nothing that has to be there
	CodeUnsupported     Code = "unsupported"            // the method or the media type is not one that the route takes
	CodeRateLimited     Code = "rate_limited"           // too many attempts; Details carry retryAfterSeconds
	CodeUnavailable     Code = "unavailable"            // a dependency does not answer; retrying later may work
	CodeInternal        Code = "internal"               // ours; the request id finds it in the log
	CodeMismatch        Code = "verification_failed"    // what is stored differs from what was written
	CodeForeignID       Code = "user_id_not_text"       // the store holds users whose id is not a string
	CodeOrder           Code = "user_ids_out_of_order"  // the database did not return ids in ascending order
	CodeIncomplete      Code = "read_incomplete"        // a cursor ended before it was exhausted
	CodeFileTooLarge    Code = "file_too_large"         // the file would need more parts than the storage allows
	CodeGaveUp          Code = "too_many_attempts"      // ten attempts in a row ended without progress
	CodeDatabase        Code = "database_unavailable"   // the user database failed during the run
	CodeStorage         Code = "storage_unavailable"    // the file storage failed during the run
)

// Error is a failure with a code for programs and one sentence for a human. An error that carries none is internal.
type Error struct {
	Code    Code
	Message string         // one sentence, without personal data and without secrets
	Field   string         // the path of the field that is wrong, "users.filter.rules[2].value"; empty where none is
	Details map[string]any // further members of the problem document: jobId, jobUrl, retryAfterSeconds
	Err     error          // the cause, for the log only
}

func (e *Error) Error() string {
	s := e.Message
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error with a code and a formatted sentence. The sentence is shown to clients: use Wrap for a cause.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an Error with a code and a sentence, caused by err.
func Wrap(code Code, err error, message string) *Error {
	return &Error{Code: code, Message: message, Err: err}
}

// Invalid says what is wrong with one field of a request.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of err, CodeInternal where it carries none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}
