package run

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"

	"github.com/egress-io/egress/internal/export"
)

// errNotAsKept means that the storage does not have what the checkpoint says.
var errNotAsKept = errors.New("run: the storage does not have what the checkpoint says")

// resume goes on where an earlier attempt has stored the file, and returns where it stands when it is proven; nil where there
// is nothing to go on with. Where what is stored is not what the checkpoint says, and where the finished file turns out to be
// another than was written, the error is errNotAsKept, or has the code CodeMismatch: then the file is to be made anew.
//
// An attempt that hangs may still store a part, over one that was stored here since. Then the ETags differ, or the proof
// fails; the file is never taken for good.
func (t *task) resume(ctx context.Context, file *export.File) (*export.Checkpoint, error) {
	kept := t.job.Checkpoint
	if kept == nil || cmp.Or(kept.Kind, export.UsersFile) != t.kind || kept.Parts == 0 || len(t.job.ColumnsOf(t.kind)) == 0 {
		return nil, nil
	}
	at := *kept
	upload := t.runner.Storage.Resume(at.Key, at.UploadID)
	stored, err := upload.Parts(ctx)
	if errors.Is(err, ErrNoUpload) && at.File != nil {
		return t.resumeProof(ctx, at, file)
	}
	if errors.Is(err, ErrNoUpload) {
		return nil, fmt.Errorf("%w: %w", errNotAsKept, err)
	}
	if err != nil {
		return nil, failed(ctx, export.CodeStorage, err, storeFailed)
	}
	etags, err := compare(at, stored)
	if err != nil {
		return nil, err
	}
	t.meter.resume(at)
	if err := t.obs.Prepared(ctx, t.kind, t.columns, t.meter.progress(true, false)); err != nil {
		return nil, notKept(ctx, err)
	}
	t.obs.Event("resumed", fmt.Sprintf("Went on after %s; no row is there twice.", export.Counted(at.Rows, "row", "rows")))
	if at.File != nil {
		*file = *at.File
		return &at, t.complete(ctx, upload, etags, *file)
	}
	return t.deliver(ctx, upload, at, etags, file)
}

// resumeProof goes on where the upload is gone because an earlier attempt has made the object.
func (t *task) resumeProof(ctx context.Context, at export.Checkpoint, file *export.File) (*export.Checkpoint, error) {
	*file = *at.File
	t.meter.resume(at)
	written := t.meter.progress(true, true)
	if err := t.obs.Prepared(ctx, t.kind, t.columns, written); err != nil {
		return nil, notKept(ctx, err)
	}
	if err := t.runner.prove(ctx, *file, t.compression(), func(int64) { t.obs.Progress(written) }); err != nil {
		return nil, err
	}
	t.obs.Event("verified", "The file that an earlier attempt had stored was read back: rows, bytes and SHA-256 are those that were written.")
	return &at, nil
}

// compare returns the ETags of the parts of a checkpoint, where the storage has them. Parts behind them do not matter: they
// are stored again.
func compare(at export.Checkpoint, stored []StoredPart) ([]string, error) {
	if len(stored) < at.Parts {
		return nil, fmt.Errorf("%w: %d parts instead of %d", errNotAsKept, len(stored), at.Parts)
	}
	etags := make([]string, 0, at.Parts)
	var size int64
	for i, p := range stored[:at.Parts] {
		if p.Number != i+1 {
			return nil, fmt.Errorf("%w: part %d is missing", errNotAsKept, i+1)
		}
		etags = append(etags, p.ETag)
		size += p.Bytes
	}
	if _, err := hashAt(at.Hash); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotAsKept, err)
	}
	if size != at.Bytes || !bytes.Equal(digestOf(etags), at.ETags) {
		return nil, fmt.Errorf("%w: the parts are others", errNotAsKept)
	}
	return slices.Clip(etags), nil
}

// hashAt returns a SHA-256 in a state that was kept.
func hashAt(state []byte) (hash.Hash, error) {
	h := sha256.New()
	return h, h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state)
}

// sumOf returns the SHA-256 that a state has come to, in hex.
func sumOf(state []byte) string {
	h, err := hashAt(state)
	if err != nil {
		panic("run: a state of our own does not fit: " + err.Error())
	}
	return hex.EncodeToString(h.Sum(nil))
}
