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

// Verify reads a job's file from the storage and compares it with its receipt. It tells moved how many bytes it has read. The
// error is CodeMismatch where they differ, and CodeStorage where the file cannot be read.
func (r *Runner) Verify(ctx context.Context, job *export.Job, file export.File, moved func(bytes int64)) error {
	return r.prove(ctx, file, job.Definition.File.Compression, moved)
}

// prove reads the stored file back and compares it with what was written. It tells moved how far it has read.
func (r *Runner) prove(ctx context.Context, want export.File, c export.Compression, moved func(bytes int64)) error {
	var err error
	for range proofs {
		if err = r.readBack(ctx, want, c, moved); err == nil || ctx.Err() != nil || export.CodeOf(err) == export.CodeMismatch {
			break
		}
	}
	return failed(ctx, export.CodeStorage, err, proveFailed)
}

func (r *Runner) readBack(ctx context.Context, want export.File, c export.Compression, moved func(bytes int64)) error {
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
	got, err := measure(&watched{from: body, moved: moved}, c)
	if err != nil {
		return err
	}
	switch {
	case got.bytes != want.Bytes:
		return mismatch("%s of %s could be read", export.Thousands(got.bytes), export.Counted(want.Bytes, "byte", "bytes"))
	case got.damaged != nil:
		return mismatch("it cannot be decompressed")
	case got.rows != want.Rows || !got.whole:
		return mismatch("it has %s instead of %s", export.Counted(got.rows, "row", "rows"), export.Thousands(want.Rows))
	case got.sha256 != want.SHA256:
		return mismatch("its SHA-256 is another one")
	}
	return nil
}

// measured is what a stored file holds.
type measured struct {
	bytes   int64 // as stored
	rows    int64 // without the header
	whole   bool  // it ends with the end of a row
	sha256  string
	damaged error // why its members cannot be decompressed
}

// measure reads a file to its end. The error is of the reading.
func measure(from io.Reader, c export.Compression) (measured, error) {
	var m measured
	var counter csv.Counter
	hash := sha256.New()
	buffer := make([]byte, 256<<10)
	stored := &counted{from: io.TeeReader(from, hash)}
	plain, err := unpack(c, stored)
	if err == nil {
		_, err = io.CopyBuffer(&counter, onlyReader{plain}, buffer)
		_ = plain.Close()
	}
	if stored.err != nil {
		return m, stored.err
	}
	m.damaged = err
	if _, err := io.CopyBuffer(io.Discard, onlyReader{stored}, buffer); err != nil { // what is behind the damage, or the end
		return m, err
	}
	m.bytes, m.rows, m.whole = stored.n, counter.Records()-1, counter.Whole()
	m.sha256 = hex.EncodeToString(hash.Sum(nil))
	return m, nil
}

// counted counts what is read, and keeps the error that ended it.
type counted struct {
	from io.Reader
	n    int64
	err  error
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// onlyReader hides a WriteTo, which would pass the buffer by.
type onlyReader struct{ io.Reader }

// watched tells of every read.
type watched struct {
	from  io.Reader
	moved func(bytes int64)
	n     int64
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.from.Read(b)
	if n > 0 {
		w.n += int64(n)
		w.moved(w.n)
	}
	return n, err
}

func mismatch(format string, args ...any) error {
	return export.Errorf(export.CodeMismatch, "The stored file differs from what was written: "+format+".", args...)
}
