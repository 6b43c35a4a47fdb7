package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/csv"
)

// proofs is how often the stored file is read back where reading breaks off. A file that was read and differs is never
// read again.
const proofs = 3

// prove reads the stored file back and compares it with what was written. It calls moves while it reads.
func (r *Runner) prove(ctx context.Context, want export.File, moves func()) error {
	var err error
	for range proofs {
		if err = r.readBack(ctx, want, moves); err == nil || ctx.Err() != nil || export.CodeOf(err) == export.CodeMismatch {
			break
		}
	}
	return failed(ctx, export.CodeStorage, err, proveFailed)
}

func (r *Runner) readBack(ctx context.Context, want export.File, moves func()) error {
	object, err := r.Storage.Head(ctx, want.Key)
	if errors.Is(err, ErrNoObject) {
		return mismatch("it is not there")
	}
	if err != nil {
		return err
	}
	if object.Bytes != want.Bytes {
		return mismatch("it has %s instead of %s", export.Counted(object.Bytes, "byte", "bytes"), export.Thousands(want.Bytes))
	}
	body, err := r.Storage.Open(ctx, want.Key)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = body.Close() }) // a read that hangs ends with the run
	defer func() {
		if stop() {
			_ = body.Close()
		}
	}()
	var counter csv.Counter
	hash := sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(hash, &counter), watched{body, moves}, make([]byte, 256<<10))
	if err != nil {
		return err
	}
	switch rows := counter.Records() - 1; { // without the header
	case n != want.Bytes:
		return mismatch("%s of %s could be read", export.Thousands(n), export.Counted(want.Bytes, "byte", "bytes"))
	case rows != want.Rows || !counter.Whole():
		return mismatch("it has %s instead of %s", export.Counted(rows, "row", "rows"), export.Thousands(want.Rows))
	case hex.EncodeToString(hash.Sum(nil)) != want.SHA256:
		return mismatch("its SHA-256 is another one")
	}
	return nil
}

// watched tells of every read. It also hides a WriteTo, which would pass the buffer by.
type watched struct {
	from  io.Reader
	moves func()
}

func (w watched) Read(b []byte) (int, error) {
	n, err := w.from.Read(b)
	if n > 0 {
		w.moves()
	}
	return n, err
}

func mismatch(format string, args ...any) error {
	return export.Errorf(export.CodeMismatch, "The stored file differs from what was written: "+format+".", args...)
}
