package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// errCheckpointMismatch means that the stored parts do not match the checkpoint.
var errCheckpointMismatch = errors.New("pipeline: the stored parts do not match the checkpoint")

// resume continues the file from the job's checkpoint, and returns the final checkpoint once the
// file is verified. It returns nil if the job has no usable checkpoint. The caller must restart the
// file if the error is errCheckpointMismatch, or has CodeVerificationFailed because the finished file differs
// from what was written.
//
// An earlier attempt that hangs may still overwrite a part. Then the ETags or the verification
// differ, so Egress never accepts such a file.
func (t *task) resume(ctx context.Context, file *export.File) (*export.Checkpoint, error) {
	saved := t.job.Checkpoint
	if saved == nil || cmp.Or(saved.Kind, export.UsersFile) != t.kind || saved.Parts == 0 || len(t.job.ColumnsOf(t.kind)) == 0 {
		return nil, nil
	}
	cp := *saved
	if err := t.runner.o.Reach.Check(cp.Location); err != nil {
		return nil, fmt.Errorf("%w: %w", errCheckpointMismatch, err)
	}
	upload := t.runner.o.Storage.Resume(cp.Key, cp.UploadID)
	stored, err := upload.Parts(ctx)
	if errors.Is(err, ErrNoUpload) && cp.File != nil {
		return t.resumeVerification(ctx, cp, file)
	}
	if errors.Is(err, ErrNoUpload) {
		return nil, fmt.Errorf("%w: %w", errCheckpointMismatch, err)
	}
	if err != nil {
		return nil, wrapFailure(ctx, errs.CodeStorageUnavailable, err, msgStoreFailed)
	}
	parts, err := matchParts(cp, stored)
	if err != nil {
		return nil, err
	}
	t.startReading(cp.ReadAsOf)
	t.meter.resume(cp)
	if err := t.obs.Prepared(ctx, t.kind, t.columns, t.meter.progress(true, false)); err != nil {
		return nil, saveError(ctx, err)
	}
	t.obs.Event("resumed", fmt.Sprintf("Resumed after %s. No row is duplicated.", export.Pluralize(cp.Rows, "row", "rows")))
	if cp.File != nil {
		*file = *cp.File
		return &cp, t.complete(ctx, upload, parts, *file)
	}
	return t.writeAndComplete(ctx, upload, cp, parts, file)
}

// resumeVerification verifies an object that an earlier attempt completed: its upload no longer
// exists.
func (t *task) resumeVerification(ctx context.Context, cp export.Checkpoint, file *export.File) (*export.Checkpoint, error) {
	*file = *cp.File
	t.meter.resume(cp)
	written := t.meter.progress(true, true)
	if err := t.obs.Prepared(ctx, t.kind, t.columns, written); err != nil {
		return nil, saveError(ctx, err)
	}
	if err := t.runner.verifyFile(ctx, *file, t.compression(), func(int64) { t.obs.Progress(written) }); err != nil {
		return nil, err
	}
	t.obs.Event("verified", "The file of an earlier attempt was read back. Its rows, bytes and SHA-256 match what was written.")
	return &cp, nil
}

// matchParts returns the parts of a checkpoint if the storage has them. It ignores parts with
// higher numbers, which the run stores again. The checksums are the checkpoint's, since a storage
// may list none.
func matchParts(cp export.Checkpoint, stored []StoredPart) ([]StoredPart, error) {
	if len(stored) < cp.Parts {
		return nil, fmt.Errorf("%w: %d parts instead of %d", errCheckpointMismatch, len(stored), cp.Parts)
	}
	parts := slices.Clone(stored[:cp.Parts])
	var size int64
	for i, p := range parts {
		if p.Number != i+1 {
			return nil, fmt.Errorf("%w: part %d is missing", errCheckpointMismatch, i+1)
		}
		if i < len(cp.Checksums) && cp.Checksums[i] != "" {
			parts[i].Checksum = cp.Checksums[i]
		}
		size += p.Bytes
	}
	if _, err := restoreHash(cp.Hash); err != nil {
		return nil, fmt.Errorf("%w: %w", errCheckpointMismatch, err)
	}
	if size != cp.Bytes || !bytes.Equal(etagDigest(parts), cp.ETags) {
		return nil, fmt.Errorf("%w: sizes or ETags differ", errCheckpointMismatch)
	}
	return parts, nil
}
