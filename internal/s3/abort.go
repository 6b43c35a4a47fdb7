package s3

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// A part whose upload request overlaps the abort may be stored after it, and then costs money
// forever. So abort until the storage lists no upload (Amazon S3, "AbortMultipartUpload").
const (
	abortAttempts = 12
	abortPause    = 50 * time.Millisecond // after the first attempt, then doubled
	abortMaxPause = 2 * time.Second
)

var errStillListed = errors.New("the storage still lists an aborted upload")

// Abort aborts every unfinished upload whose key begins with prefix. It returns once the storage
// lists none, or an error after abortAttempts.
func (s *Storage) Abort(ctx context.Context, prefix string) error {
	aborted := map[string]bool{}
	return retryAbort(ctx, "abort unfinished uploads", func() error {
		for {
			// The first page is enough: once its uploads are aborted, the next ones are on it. The
			// embedded gateway does not support upload markers.
			page, err := s.client().ListMultipartUploads(ctx, &awss3.ListMultipartUploadsInput{
				Bucket: &s.bucket, Prefix: &prefix, MaxUploads: s.pageSize,
			})
			if err != nil || len(page.Uploads) == 0 {
				return err
			}
			repeated := false
			for _, u := range page.Uploads {
				key, id := aws.ToString(u.Key), aws.ToString(u.UploadId)
				if err := s.abort(ctx, key, id); err != nil {
					return err
				}
				repeated = repeated || aborted[key+"\n"+id]
				aborted[key+"\n"+id] = true
			}
			if repeated {
				return errStillListed
			}
		}
	})
}

// abort sends one AbortMultipartUpload request. An upload that does not exist is not an error.
func (s *Storage) abort(ctx context.Context, key, id string) error {
	_, err := s.client().AbortMultipartUpload(ctx, &awss3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: &key, UploadId: &id})
	if hasCode(err, noSuchUpload) {
		return nil
	}
	return err
}

// retryAbort calls abortAll until it succeeds, with growing pauses. It retries only errStillListed:
// the client has already retried transient errors.
func retryAbort(ctx context.Context, action string, abortAll func() error) error {
	pause := abortPause
	var err error
	for range abortAttempts {
		if err = abortAll(); err == nil {
			return nil
		}
		if !errors.Is(err, errStillListed) {
			return wrap(ctx, action, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", action, ctx.Err())
		case <-time.After(pause):
		}
		pause = min(2*pause, abortMaxPause)
	}
	return wrap(ctx, action, err)
}
