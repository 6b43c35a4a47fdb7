package s3

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// A part that was on its way while its upload was aborted may be stored after all, and would then be kept, and paid
// for, by nobody. So abort again until the storage lists nothing (Amazon S3, "AbortMultipartUpload").
const (
	abortAttempts = 12
	abortPause    = 50 * time.Millisecond // after the first attempt; it doubles
	abortMaxPause = 2 * time.Second
)

var errStillListed = errors.New("the storage still lists it")

// Abort ends every unfinished upload whose key begins with prefix, and returns once the storage lists none.
func (s *Storage) Abort(ctx context.Context, prefix string) error {
	asked := map[string]bool{}
	return repeat(ctx, "abort unfinished uploads", func() error {
		for {
			// The first page is enough: when its uploads are gone, the next ones are on it. And the embedded gateway takes
			// no markers of uploads.
			page, err := s.client.ListMultipartUploads(ctx, &awss3.ListMultipartUploadsInput{
				Bucket: &s.bucket, Prefix: &prefix, MaxUploads: s.page,
			})
			if err != nil || len(page.Uploads) == 0 {
				return err
			}
			again := false
			for _, u := range page.Uploads {
				key, id := aws.ToString(u.Key), aws.ToString(u.UploadId)
				if err := s.abort(ctx, key, id); err != nil {
					return err
				}
				again = again || asked[key+"\n"+id]
				asked[key+"\n"+id] = true
			}
			if again {
				return errStillListed
			}
		}
	})
}

// abort asks once.
func (s *Storage) abort(ctx context.Context, key, id string) error {
	_, err := s.client.AbortMultipartUpload(ctx, &awss3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: &key, UploadId: &id})
	if hasCode(err, noSuchUpload) {
		return nil
	}
	return err
}

// repeat calls do until it succeeds, with growing pauses. Errors that the storage itself answered with end it at once,
// since the client has retried those that pass.
func repeat(ctx context.Context, action string, do func() error) error {
	pause := abortPause
	var err error
	for range abortAttempts {
		if err = do(); err == nil {
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
