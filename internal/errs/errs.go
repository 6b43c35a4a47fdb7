// Package errs defines the errors that clients see: a code for programs, a sentence for people, and
// the name of the invalid field. It imports no other package of Egress.
package errs

import (
	"errors"
	"fmt"
)

// Code identifies a kind of failure for programs. It is the `code` member of every problem+json
// response and of a failed job. A code never changes.
type Code string

// The codes. internal/api maps each one to an HTTP status in one table.
const (
	CodeInvalidRequest       Code = "invalid_request"        // a field of the request is invalid; Field names it
	CodeUnauthenticated      Code = "unauthenticated"        // the session or signature is missing, invalid or expired
	CodeForbidden            Code = "forbidden"              // the requester's role does not allow the action
	CodeCrossSiteRequest     Code = "cross_site_request"     // another web site caused this write
	CodeNotFound             Code = "not_found"              // the tenant does not have the resource
	CodeExportInProgress     Code = "export_in_progress"     // the requester has a live job; Details name it
	CodeStreamTaken          Code = "stream_taken"           // the job's stream is already open, or the job has no stream
	CodeIdempotencyKeyReused Code = "idempotency_key_reused" // the same Idempotency-Key with a different definition
	CodeFilterTooBroad       Code = "filter_too_broad"       // an account rule matches more accounts than Egress looks up
	CodeRequestTooLarge      Code = "request_too_large"      // the body exceeds the route's limit
	CodeExists               Code = "exists"                 // the request conflicts with the current state
	CodeUnsupported          Code = "unsupported"            // the route does not support the method or media type
	CodeNotServedHere        Code = "not_served_here"        // an endpoint of Zephr's Admin API that Egress does not serve
	CodeRateLimited          Code = "rate_limited"           // too many requests; Details hold retryAfterSeconds
	CodeSecondFactorRequired Code = "second_factor_required" // the password is correct; Details hold secondFactor
	CodeSecondFactorMissing  Code = "second_factor_missing"  // the tenant requires a second factor; the session has none
	CodeConfirmationRequired Code = "confirmation_required"  // the admin must confirm the session with the password
	CodeTenantRequired       Code = "tenant_required"        // the admin has several tenants; Details list them
	CodeMailNotConfigured    Code = "mail_not_configured"    // no mail server is configured
	CodeTenantBusy           Code = "tenant_busy"            // the tenant reached its job limit; Details hold retryAfterSeconds
	CodeTimeout              Code = "timeout"                // the response took longer than its time limit; a retry at once costs as much again
	CodeUnavailable          Code = "unavailable"            // a dependency does not respond; a retry may succeed
	CodeInternal             Code = "internal"               // a fault of Egress; the log has the request id
	CodeVerificationFailed   Code = "verification_failed"    // the stored file differs from what was written
	CodeNonStringID          Code = "user_id_not_text"       // the store holds users whose id is not a string
	CodeUserIDsOutOfOrder    Code = "user_ids_out_of_order"  // the database did not return ids in ascending order
	CodeReadIncomplete       Code = "read_incomplete"        // a cursor ended before all documents were read
	CodeFileTooLarge         Code = "file_too_large"         // the file needs more parts than the storage allows
	CodeTooManyAttempts      Code = "too_many_attempts"      // ten attempts in a row made no progress
	CodeDatabaseUnavailable  Code = "database_unavailable"   // the user database failed during the run
	CodeStorageUnavailable   Code = "storage_unavailable"    // the file storage failed during the run
	CodeDatabaseRefused      Code = "database_refused"       // the user database rejects the request; a retry alone does not help
	CodeStorageRefused       Code = "storage_refused"        // the file storage rejects the request; a retry alone does not help
	CodeStoredElsewhere      Code = "stored_elsewhere"       // the file is in a bucket other than the configured one
)

// Error is a failure with a code for programs and one sentence for people. Any other error type
// counts as CodeInternal.
type Error struct {
	Code    Code
	Message string         // one sentence without secrets; it may contain a user id
	Logged  string         // Message without the user id, for the log; "" if Message contains none
	Field   string         // path of the invalid field, "users.filter.rules[2].value"; or ""
	Details map[string]any // more members of the problem document: jobId, retryAfterSeconds
	Err     error          // the cause, for the log only
}

func (e *Error) Error() string {
	s := e.Message
	if e.Logged != "" {
		s = e.Logged
	}
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

// Errorf returns an Error with a code and a formatted sentence. Clients see the sentence: pass the
// cause to Wrap instead.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an Error with a code, a sentence and the cause err. Clients do not see err.
func Wrap(code Code, err error, message string) *Error {
	return &Error{Code: code, Message: message, Err: err}
}

// Invalid returns an Error with CodeInvalidRequest that says what is wrong with one field of a request.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalidRequest, Field: field, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of err: "" for nil, CodeInternal if err holds no Error.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}
