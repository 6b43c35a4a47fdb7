package s3

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/egress-io/egress/internal/export/run"
)

// wrap says what was tried, and makes the error one of the three kinds that run.Storage promises: the context's,
// run.ErrNoObject or a failure of the storage.
func wrap(ctx context.Context, action string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", action, ctx.Err())
	case hasCode(err, "NoSuchKey", "NotFound"):
		return fmt.Errorf("%s: %w", action, run.ErrNoObject)
	default:
		return fmt.Errorf("%s: %w", action, err)
	}
}

// hasCode reports whether the storage answered with one of these error codes.
func hasCode(err error, codes ...string) bool {
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(codes, e.ErrorCode())
}

// unquote takes off the quotes that ETags have in HTTP, which storages write and leave out as they like.
func unquote(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }
