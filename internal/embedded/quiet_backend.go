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

// quietBackend wraps the gateway's storage backend. The gateway prints every error that is not an
// S3 error to standard error, such as that of a client that disconnects during an upload.
// quietBackend logs these errors at level debug and returns an internal S3 error instead. It covers
// the calls that Egress makes.
type quietBackend struct {
	backend.Backend
	logger *slog.Logger
}

func (q quietBackend) hideError(ctx context.Context, call string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[s3err.S3Error](err); ok {
		return e
	}
	q.logger.DebugContext(ctx, "S3 backend call failed", "part", "s3", "call", call, "error", err)
	return s3err.GetAPIError(s3err.ErrInternalError)
}

func (q quietBackend) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (
	s3response.CompleteMultipartUploadResult, string, error,
) {
	out, version, err := q.Backend.CompleteMultipartUpload(ctx, in)
	return out, version, q.hideError(ctx, "CompleteMultipartUpload", err)
}

func (q quietBackend) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) error {
	return q.hideError(ctx, "AbortMultipartUpload", q.Backend.AbortMultipartUpload(ctx, in))
}

func (q quietBackend) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (
	s3response.InitiateMultipartUploadResult, error,
) {
	out, err := q.Backend.CreateMultipartUpload(ctx, in)
	return out, q.hideError(ctx, "CreateMultipartUpload", err)
}

func (q quietBackend) ListMultipartUploads(ctx context.Context, in *s3.ListMultipartUploadsInput) (
	s3response.ListMultipartUploadsResult, error,
) {
	out, err := q.Backend.ListMultipartUploads(ctx, in)
	return out, q.hideError(ctx, "ListMultipartUploads", err)
}

func (q quietBackend) ListParts(ctx context.Context, in *s3.ListPartsInput) (s3response.ListPartsResult, error) {
	out, err := q.Backend.ListParts(ctx, in)
	return out, q.hideError(ctx, "ListParts", err)
}

func (q quietBackend) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	out, err := q.Backend.UploadPart(ctx, in)
	return out, q.hideError(ctx, "UploadPart", err)
}

func (q quietBackend) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	out, err := q.Backend.HeadObject(ctx, in)
	return out, q.hideError(ctx, "HeadObject", err)
}

func (q quietBackend) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	out, err := q.Backend.GetObject(ctx, in)
	return out, q.hideError(ctx, "GetObject", err)
}

func (q quietBackend) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	out, err := q.Backend.DeleteObject(ctx, in)
	return out, q.hideError(ctx, "DeleteObject", err)
}
