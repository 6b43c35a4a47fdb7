package main

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// storageCheckTimeout is the maximum time that a start waits for the storage.
const storageCheckTimeout = 15 * time.Second

// checkStorage uploads a small file in the way of exports. It returns an error if the configuration
// is invalid. A storage that does not answer is logged: the process starts, and is not ready until
// the storage answers.
func (s *system) checkStorage(ctx context.Context) error {
	checkCtx, cancel := context.WithTimeout(ctx, storageCheckTimeout)
	defer cancel()
	report, err := s.storage.Check(checkCtx)
	location := s.storage.Location()
	switch {
	case err == nil && report.Refused != "":
		s.log.WarnContext(ctx, "the file storage refuses uploads with checksums; files are uploaded without them and verified by their SHA-256",
			"bucket", location.Bucket, "endpoint", location.Endpoint, "code", report.Refused, "checksums", report.Checksums)
	case err == nil:
		s.log.InfoContext(ctx, "the file storage accepts uploads", "bucket", location.Bucket, "endpoint", location.Endpoint, "checksums", report.Checksums)
	case ctx.Err() != nil || errs.CodeOf(err) == errs.CodeInvalidRequest:
		return err
	default:
		s.log.ErrorContext(ctx, "the file storage does not answer; the process is not ready and exports wait. Check EGRESS_S3_ENDPOINT and the storage",
			"bucket", location.Bucket, "endpoint", location.Endpoint, "error", err)
	}
	return nil
}
