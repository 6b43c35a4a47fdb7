package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// verifyTries is how often verifyFile reads the stored file if reading fails. It never reads a file
// again that differs.
const verifyTries = 3

// Verify reads a job's file from the storage and compares it with its receipt. It calls onRead with
// the number of bytes read so far. The error has CodeVerificationFailed if the file differs,
// CodeStoredElsewhere if it is in another storage, and CodeStorageUnavailable or CodeStorageRefused if it
// cannot be read.
func (r *Runner) Verify(ctx context.Context, job *export.Job, file export.File, onRead func(bytes int64)) error {
	return r.verifyFile(ctx, file, job.Definition.File.Compression, onRead)
}

// verifyFile reads the stored file and compares it with its receipt. It calls onRead after every
// read, with the number of bytes read so far.
func (r *Runner) verifyFile(ctx context.Context, want export.File, c export.Compression, onRead func(bytes int64)) error {
	var err error
	for range verifyTries {
		if err = r.readBack(ctx, want, c, onRead); err == nil || ctx.Err() != nil || errs.CodeOf(err) != errs.CodeInternal || isPermanent(err) {
			break
		}
	}
	return wrapFailure(ctx, errs.CodeStorageUnavailable, err, msgVerifyFailed)
}

func (r *Runner) readBack(ctx context.Context, want export.File, c export.Compression, onRead func(bytes int64)) error {
	if err := r.o.Reach.Check(want.Location); err != nil {
		return err
	}
	object, err := r.o.Storage.Head(ctx, want.Key)
	if errors.Is(err, ErrNoObject) {
		return mismatch("it does not exist")
	}
	if err != nil {
		return err
	}
	if object.Bytes != want.Bytes {
		return mismatch("it has %s instead of %s", export.Pluralize(object.Bytes, "byte", "bytes"), export.FormatThousands(want.Bytes))
	}
	body, err := r.o.Storage.Open(ctx, want.Key)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = body.Close() }) // unblocks a read that hangs
	defer func() {
		if stop() {
			_ = body.Close()
		}
	}()
	got, err := measureFile(&progressReader{from: body, onRead: onRead}, c)
	if err != nil {
		return err
	}
	switch {
	case got.bytes != want.Bytes:
		return mismatch("%s of %s could be read", export.FormatThousands(got.bytes), export.Pluralize(want.Bytes, "byte", "bytes"))
	case got.decompressErr != nil:
		return mismatch("it cannot be decompressed")
	case got.rows != want.Rows || !got.endsWithRow:
		return mismatch("it has %s instead of %s", export.Pluralize(got.rows, "row", "rows"), export.FormatThousands(want.Rows))
	case got.sha256 != want.SHA256:
		return mismatch("its SHA-256 differs")
	}
	return nil
}

// fileContents describes what a stored file contains.
type fileContents struct {
	bytes         int64 // as stored
	rows          int64 // without the header
	endsWithRow   bool  // the last row is complete
	sha256        string
	decompressErr error // nil if every member is intact
}

// measureFile reads a file to its end. The returned error is a read error.
func measureFile(from io.Reader, c export.Compression) (fileContents, error) {
	var m fileContents
	var counter csv.Counter
	hash := sha256.New()
	buffer := make([]byte, 256<<10)
	stored := &countingReader{from: io.TeeReader(from, hash)}
	plain, err := newDecompressor(c, stored)
	if err == nil {
		_, err = io.CopyBuffer(&counter, readerOnly{plain}, buffer)
		_ = plain.Close()
	}
	if stored.err != nil {
		return m, stored.err
	}
	m.decompressErr = err
	// The rest counts for size and hash, even after damage.
	if _, err := io.CopyBuffer(io.Discard, readerOnly{stored}, buffer); err != nil {
		return m, err
	}
	m.bytes, m.rows, m.endsWithRow = stored.n, counter.Records()-1, counter.AtRecordEnd()
	m.sha256 = hex.EncodeToString(hash.Sum(nil))
	return m, nil
}

// countingReader counts the bytes read, and keeps a read error.
type countingReader struct {
	from io.Reader
	n    int64
	err  error
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// readerOnly hides WriteTo, with which io.CopyBuffer would ignore the buffer.
type readerOnly struct{ io.Reader }

// progressReader reports the number of bytes read.
type progressReader struct {
	from   io.Reader
	onRead func(bytes int64)
	n      int64
}

func (w *progressReader) Read(b []byte) (int, error) {
	n, err := w.from.Read(b)
	if n > 0 {
		w.n += int64(n)
		w.onRead(w.n)
	}
	return n, err
}

func mismatch(format string, args ...any) error {
	return errs.Errorf(errs.CodeVerificationFailed, "The stored file differs from what was written: "+format+".", args...)
}
