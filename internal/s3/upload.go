package s3

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/egress-io/egress/internal/export/run"
)

// noSuchUpload is the code for an upload that was completed, or aborted, or never begun.
const noSuchUpload = "NoSuchUpload"

// upload is an object on its way.
type upload struct {
	storage *Storage
	key, id string
}

// ID is what the storage calls the upload.
func (u *upload) ID() string { return u.id }

// Part stores part number n and returns its ETag. When ctx is cancelled, a part on its way has a moment to arrive.
func (u *upload) Part(ctx context.Context, n int, body []byte) (string, error) {
	if n < 1 || n > run.MaxParts {
		return "", fmt.Errorf("store part %d: parts are numbered from 1 to %d", n, run.MaxParts)
	}
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("store part %d: %w", n, err)
	}
	lingering, cancel := linger(ctx, u.storage.grace)
	defer cancel()
	out, err := u.storage.client.UploadPart(lingering, &awss3.UploadPartInput{
		Bucket: &u.storage.bucket, Key: &u.key, UploadId: &u.id, PartNumber: aws.Int32(int32(n)), Body: bytes.NewReader(body),
	})
	if err != nil {
		return "", wrap(ctx, fmt.Sprintf("store part %d", n), err)
	}
	return unquote(out.ETag), nil
}

// linger returns a context that is cancelled a while after ctx is. The storage has no fencing: a request that its client
// gives up on may still be carried out, after an abort even, and then the part, or the object, is there and nobody knows
// of it. One that is let through is known to be through.
func linger(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	lingering, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel()
		case <-lingering.Done():
		}
	})
	return lingering, func() {
		stop()
		cancel()
	}
}

// Parts lists what is stored, in the order of the numbers, or run.ErrNoUpload.
func (u *upload) Parts(ctx context.Context) ([]run.StoredPart, error) {
	listed, err := u.parts(ctx)
	if hasCode(err, noSuchUpload) {
		return nil, fmt.Errorf("list the parts of an upload: %w", run.ErrNoUpload)
	}
	if err != nil {
		return nil, wrap(ctx, "list the parts of an upload", err)
	}
	parts := make([]run.StoredPart, 0, len(listed))
	for _, p := range listed {
		parts = append(parts, run.StoredPart{
			Number: int(aws.ToInt32(p.PartNumber)), ETag: unquote(p.ETag), Bytes: aws.ToInt64(p.Size),
		})
	}
	return parts, nil
}

// Complete makes the object of the parts, after comparing them with what the storage lists, and checks its size. Without
// parts the object is empty. Parts behind them are of an attempt that came further, and are left out.
func (u *upload) Complete(ctx context.Context, etags []string) error {
	if len(etags) == 0 { // an upload must have a part, which may be empty
		etag, err := u.Part(ctx, 1, nil)
		if err != nil {
			return err
		}
		etags = []string{etag}
	}
	parts, size, err := u.compare(ctx, etags)
	if err != nil {
		return err
	}
	lingering, cancel := linger(ctx, u.storage.grace)
	defer cancel()
	_, err = u.storage.client.CompleteMultipartUpload(lingering, &awss3.CompleteMultipartUploadInput{
		Bucket: &u.storage.bucket, Key: &u.key, UploadId: &u.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	// The upload was there a moment ago: it is gone because a first try got through and its answer was lost. Whether it
	// did is what the size tells.
	if err != nil && !hasCode(err, noSuchUpload) {
		return wrap(ctx, "complete an upload", err)
	}
	object, err := u.storage.Head(ctx, u.key)
	if err != nil {
		return fmt.Errorf("complete an upload: %w", err)
	}
	if object.Bytes != size {
		return fmt.Errorf("complete an upload: the object has %d bytes, its parts have %d", object.Bytes, size)
	}
	return nil
}

// compare lists the upload's parts, and returns them with their sizes' sum where they are exactly those of etags.
func (u *upload) compare(ctx context.Context, etags []string) (parts []types.CompletedPart, size int64, err error) {
	listed, err := u.parts(ctx)
	if err != nil {
		return nil, 0, wrap(ctx, "list the parts of an upload", err)
	}
	if len(listed) < len(etags) {
		return nil, 0, fmt.Errorf("complete an upload: the storage has %d parts, not %d", len(listed), len(etags))
	}
	for i, p := range listed[:len(etags)] {
		if n := aws.ToInt32(p.PartNumber); int(n) != i+1 || unquote(p.ETag) != etags[i] {
			return nil, 0, fmt.Errorf("complete an upload: part %d of the storage is not the one that was stored", n)
		}
		size += aws.ToInt64(p.Size)
		parts = append(parts, types.CompletedPart{
			PartNumber: p.PartNumber, ETag: p.ETag,
			// Amazon wants the checksums again that it was given with the parts.
			ChecksumCRC32: p.ChecksumCRC32, ChecksumCRC32C: p.ChecksumCRC32C, ChecksumCRC64NVME: p.ChecksumCRC64NVME,
			ChecksumSHA1: p.ChecksumSHA1, ChecksumSHA256: p.ChecksumSHA256,
		})
	}
	return parts, size, nil
}

// parts lists what is stored of the upload, in the order of the numbers.
func (u *upload) parts(ctx context.Context) ([]types.Part, error) {
	var parts []types.Part
	pages := awss3.NewListPartsPaginator(u.storage.client, &awss3.ListPartsInput{
		Bucket: &u.storage.bucket, Key: &u.key, UploadId: &u.id, MaxParts: u.storage.page,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		parts = append(parts, page.Parts...)
	}
	return parts, nil
}
