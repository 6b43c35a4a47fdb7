package s3

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/egress-io/egress/internal/pipeline"
)

// wrap adds the action to err and classifies it as pipeline.Storage requires. It returns nil for
// nil.
func wrap(ctx context.Context, action string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", action, ctx.Err())
	case hasCode(err, noSuchUpload):
		return fmt.Errorf("%s: %w: %w", action, pipeline.ErrNoUpload, classify(err))
	default:
		return fmt.Errorf("%s: %w", action, classify(err))
	}
}

// wrapObject is wrap for calls that read an object: a missing object becomes pipeline.ErrNoObject.
func wrapObject(ctx context.Context, action string, err error) error {
	if err != nil && ctx.Err() == nil && hasCode(err, "NoSuchKey", "NotFound") {
		return fmt.Errorf("%s: %w", action, pipeline.ErrNoObject)
	}
	return wrap(ctx, action, err)
}

// safeCode matches codes that may be shown to users: a storage or proxy could send any text.
var safeCode = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// classify returns err as a pipeline.DependencyError.
func classify(err error) *pipeline.DependencyError {
	if e, ok := errors.AsType[*pipeline.DependencyError](err); ok {
		return e
	}
	status, code := responseOf(err)
	if status == 0 && code == "" {
		return classifyConnection(err)
	}
	r := ruleFor(status, code)
	e := &pipeline.DependencyError{Class: r.class, Code: code, Advice: r.advice, Err: err}
	if !safeCode.MatchString(code) {
		e.Code = fmt.Sprintf("HTTP %d", status)
	}
	return e
}

// classifyConnection classifies the error of a call without a response.
func classifyConnection(err error) *pipeline.DependencyError {
	if problem := certificateFault(err); problem != "" {
		return &pipeline.DependencyError{
			Class: pipeline.Invalid, Code: problem, Err: err,
			Advice: "Check EGRESS_S3_ENDPOINT, and add the certificate authority to SSL_CERT_FILE or AWS_CA_BUNDLE.",
		}
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return &pipeline.DependencyError{
			Class: pipeline.Invalid, Code: "no TLS", Err: err, Advice: "EGRESS_S3_ENDPOINT must begin with http://.",
		}
	}
	return &pipeline.DependencyError{Class: pipeline.Unavailable, Err: err}
}

// certificateFault describes what is wrong with the storage's certificate. It returns "" for other
// errors.
func certificateFault(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "unknown certificate authority"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "certificate for another host"
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if e.Reason == x509.Expired {
			return "certificate expired or not valid yet"
		}
		return "certificate not valid"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "certificate not valid"
	}
	return ""
}

// responseOf returns the HTTP status and the error code of the storage's response, 0 and "" without
// one. The codes that the SDK derives from the status of an empty response ("NotFound",
// "BadGateway") count.
func responseOf(err error) (status int, code string) {
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && e.Response != nil {
		status = e.HTTPStatusCode()
	}
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		code = e.ErrorCode()
	}
	return status, code
}

// hasCode reports whether the storage responded with one of these error codes.
func hasCode(err error, codes ...string) bool {
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(codes, e.ErrorCode())
}

// unquote removes the quotes around an ETag. Some storages send them, others do not.
func unquote(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }
