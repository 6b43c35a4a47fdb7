package embedded

import (
	"context"
	"errors"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// quietFiles keeps the gateway from printing to standard error what went wrong with a file, as it does with every error
// that is not S3's own: a client that hangs up in the middle of a part is one. The calls that Egress makes are covered.
type quietFiles struct {
	backend.Backend
	logger *slog.Logger
}

func (q quietFiles) quiet(ctx context.Context, call string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[s3err.S3Error](err); ok {
		return e
	}
	q.logger.DebugContext(ctx, "file storage failed", "part", "s3", "call", call, "error", err)
	return s3err.GetAPIError(s3err.ErrInternalError)
}

func (q quietFiles) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (
	s3response.CompleteMultipartUploadResult, string, error,
) {
	out, version, err := q.Backend.CompleteMultipartUpload(ctx, in)
	return out, version, q.quiet(ctx, "CompleteMultipartUpload", err)
}

func (q quietFiles) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) error {
	return q.quiet(ctx, "AbortMultipartUpload", q.Backend.AbortMultipartUpload(ctx, in))
}

func (q quietFiles) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (
	s3response.InitiateMultipartUploadResult, error,
) {
	out, err := q.Backend.CreateMultipartUpload(ctx, in)
	return out, q.quiet(ctx, "CreateMultipartUpload", err)
}

func (q quietFiles) ListMultipartUploads(ctx context.Context, in *s3.ListMultipartUploadsInput) (
	s3response.ListMultipartUploadsResult, error,
) {
	out, err := q.Backend.ListMultipartUploads(ctx, in)
	return out, q.quiet(ctx, "ListMultipartUploads", err)
}

func (q quietFiles) ListParts(ctx context.Context, in *s3.ListPartsInput) (s3response.ListPartsResult, error) {
	out, err := q.Backend.ListParts(ctx, in)
	return out, q.quiet(ctx, "ListParts", err)
}

func (q quietFiles) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	out, err := q.Backend.UploadPart(ctx, in)
	return out, q.quiet(ctx, "UploadPart", err)
}

func (q quietFiles) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	out, err := q.Backend.HeadObject(ctx, in)
	return out, q.quiet(ctx, "HeadObject", err)
}

func (q quietFiles) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	out, err := q.Backend.GetObject(ctx, in)
	return out, q.quiet(ctx, "GetObject", err)
}

func (q quietFiles) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	out, err := q.Backend.DeleteObject(ctx, in)
	return out, q.quiet(ctx, "DeleteObject", err)
}
