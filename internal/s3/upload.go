package s3

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/egress-io/egress/internal/pipeline"
)

// noSuchUpload is the error code for an upload that was completed, aborted or never created.
const noSuchUpload = "NoSuchUpload"

// upload is a multipart upload.
type upload struct {
	storage *Storage
	key, id string
}

// ID returns the storage's upload id.
func (u *upload) ID() string { return u.id }

// Part stores part number n and returns the storage's response. A request in flight may continue
// for the grace period after ctx is cancelled.
func (u *upload) Part(ctx context.Context, n int, body []byte) (pipeline.StoredPart, error) {
	if n < 1 || n > pipeline.MaxParts {
		return pipeline.StoredPart{}, fmt.Errorf("store part %d: parts are numbered from 1 to %d", n, pipeline.MaxParts)
	}
	if err := ctx.Err(); err != nil {
		return pipeline.StoredPart{}, fmt.Errorf("store part %d: %w", n, err)
	}
	graceCtx, cancel := withGrace(ctx, u.storage.grace)
	defer cancel()
	out, err := u.storage.client().UploadPart(graceCtx, &awss3.UploadPartInput{
		Bucket: &u.storage.bucket, Key: &u.key, UploadId: &u.id, PartNumber: aws.Int32(int32(n)), Body: bytes.NewReader(body),
	})
	if err != nil {
		return pipeline.StoredPart{}, wrap(ctx, fmt.Sprintf("store part %d", n), err)
	}
	return pipeline.StoredPart{Number: n, ETag: unquote(out.ETag), Bytes: int64(len(body)), Checksum: aws.ToString(out.ChecksumCRC32)}, nil
}

// withGrace returns a context that is cancelled some time after ctx. S3 has no fencing: if the
// client gives up on a request, the storage may still execute it, even after an abort, and leave an
// unknown part or object. A request that runs to its end has a known result.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	graceCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel()
		case <-graceCtx.Done():
		}
	})
	return graceCtx, func() {
		stop()
		cancel()
	}
}

// Parts lists the stored parts in ascending order of their numbers, or returns
// pipeline.ErrNoUpload.
func (u *upload) Parts(ctx context.Context) ([]pipeline.StoredPart, error) {
	listed, err := u.listParts(ctx)
	if err != nil {
		return nil, wrap(ctx, "list the parts of an upload", err)
	}
	parts := make([]pipeline.StoredPart, 0, len(listed))
	for _, p := range listed {
		parts = append(parts, pipeline.StoredPart{
			Number: int(aws.ToInt32(p.PartNumber)), ETag: unquote(p.ETag), Bytes: aws.ToInt64(p.Size),
			Checksum: aws.ToString(p.ChecksumCRC32),
		})
	}
	return parts, nil
}

// Complete compares the parts with the storage's listing, assembles the object from them, and
// checks its size. Without parts the object is empty. Complete drops stored parts with higher
// numbers: they belong to an attempt that got further.
func (u *upload) Complete(ctx context.Context, stored []pipeline.StoredPart) error {
	if len(stored) == 0 { // an upload needs a part, which may be empty
		empty, err := u.Part(ctx, 1, nil)
		if err != nil {
			return err
		}
		stored = []pipeline.StoredPart{empty}
	}
	parts, size, err := u.matchParts(ctx, stored)
	if err != nil {
		return err
	}
	graceCtx, cancel := withGrace(ctx, u.storage.grace)
	defer cancel()
	_, err = u.storage.client().CompleteMultipartUpload(graceCtx, &awss3.CompleteMultipartUploadInput{
		Bucket: &u.storage.bucket, Key: &u.key, UploadId: &u.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	// matchParts has just seen the upload. If it does not exist any more, an earlier try succeeded
	// and its response was lost. The size of the object tells whether it did.
	if err != nil && !hasCode(err, noSuchUpload) {
		return wrap(ctx, "complete an upload", err)
	}
	object, err := u.storage.Head(ctx, u.key)
	if err != nil {
		return fmt.Errorf("complete an upload: %w", err)
	}
	if object.Bytes != size {
		return fmt.Errorf("complete an upload: the object has %d bytes, but its parts have %d", object.Bytes, size)
	}
	return nil
}

// matchParts lists the upload's parts, and returns them with their total size if they are exactly
// those in stored.
func (u *upload) matchParts(ctx context.Context, stored []pipeline.StoredPart) (parts []types.CompletedPart, size int64, err error) {
	listed, err := u.listParts(ctx)
	if err != nil {
		return nil, 0, wrap(ctx, "list the parts of an upload", err)
	}
	if len(listed) < len(stored) {
		return nil, 0, fmt.Errorf("complete an upload: the storage has %d parts instead of %d", len(listed), len(stored))
	}
	for i, p := range listed[:len(stored)] {
		if n := aws.ToInt32(p.PartNumber); int(n) != i+1 || int(n) != stored[i].Number || unquote(p.ETag) != stored[i].ETag {
			return nil, 0, fmt.Errorf("complete an upload: part %d differs from the part that was stored", n)
		}
		size += aws.ToInt64(p.Size)
		parts = append(parts, completedPart(p, stored[i]))
	}
	return parts, size, nil
}

// completedPart returns the SDK's form of a part. Amazon S3 requires the checksum that it returned
// for the part. completedPart uses the recorded checksum, since some storages (SeaweedFS) list
// none, and the listed checksums for parts of versions of Egress that recorded none.
func completedPart(listed types.Part, stored pipeline.StoredPart) types.CompletedPart {
	c := types.CompletedPart{PartNumber: listed.PartNumber, ETag: listed.ETag}
	if stored.Checksum != "" {
		c.ChecksumCRC32 = &stored.Checksum
		return c
	}
	c.ChecksumCRC32, c.ChecksumCRC32C, c.ChecksumCRC64NVME = listed.ChecksumCRC32, listed.ChecksumCRC32C, listed.ChecksumCRC64NVME
	c.ChecksumSHA1, c.ChecksumSHA256 = listed.ChecksumSHA1, listed.ChecksumSHA256
	return c
}

// listParts lists the upload's parts in ascending order of their numbers.
func (u *upload) listParts(ctx context.Context) ([]types.Part, error) {
	var parts []types.Part
	pages := awss3.NewListPartsPaginator(u.storage.client(), &awss3.ListPartsInput{
		Bucket: &u.storage.bucket, Key: &u.key, UploadId: &u.id, MaxParts: u.storage.pageSize,
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
