package importer

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/egress-io/egress/internal/errs"
)

// Source is the content to import. An import opens and closes it once per pass.
type Source struct {
	Open func() (io.ReadCloser, error)
	Size int64 // in bytes, before decompression, for progress; 0 if unknown
	Gzip bool  // decompress the content
}

// File returns the regular file at path as a source. It decompresses a file whose name ends in
// ".gz".
func File(path string) (Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Source{}, fmt.Errorf("open import file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return Source{}, fmt.Errorf("open import file: %s is not a regular file", path)
	}
	open := func() (io.ReadCloser, error) { return os.Open(path) }
	return Source{Open: open, Size: info.Size(), Gzip: strings.HasSuffix(path, ".gz")}, nil
}

// Bytes returns a source in memory.
func Bytes(b []byte) Source {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
	return Source{Open: open, Size: int64(len(b))}
}

// openSource is an open source. bytesRead counts bytes before decompression.
type openSource struct {
	io.Reader
	file      io.Closer
	bytesRead int64
}

func (s Source) open() (*openSource, error) {
	f, err := s.Open()
	if err != nil {
		return nil, fmt.Errorf("open import file: %w", err)
	}
	o := &openSource{file: f}
	o.Reader = countingReader{f, &o.bytesRead}
	if s.Gzip {
		z, err := gzip.NewReader(o.Reader)
		if err != nil {
			_ = f.Close() // nothing was written
			return nil, gzipError(err)
		}
		o.Reader = gzipReader{z}
	}
	return o, nil
}

// gzipReader distinguishes corrupt content (errs.CodeInvalidRequest) from a file that cannot be read.
type gzipReader struct{ z *gzip.Reader }

func (u gzipReader) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // gzip never wraps io.EOF
		err = gzipError(err)
	}
	return n, err
}

func gzipError(err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	if corrupt || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		return errs.Wrap(errs.CodeInvalidRequest, err, "the file is not in gzip format, or it is corrupt or truncated")
	}
	return fmt.Errorf("decompress import file: %w", err)
}

func (o *openSource) Close() error { return o.file.Close() }

type countingReader struct {
	r io.Reader
	n *int64
}

func (c countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}
