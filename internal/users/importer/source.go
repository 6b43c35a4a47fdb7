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

	"github.com/egress-io/egress/internal/export"
)

// Source is what is imported. It is opened twice: to be checked, and to be written.
type Source struct {
	Open func() (io.ReadCloser, error)
	Size int64 // bytes as stored (compressed, if it is), for progress; 0 if not known
	Gzip bool  // the content is compressed
}

// File is the source at path. A name that ends in ".gz" is decompressed.
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

// Bytes is a source in memory.
func Bytes(b []byte) Source {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
	return Source{Open: open, Size: int64(len(b))}
}

// opened is a source being read; n counts the bytes as stored.
type opened struct {
	io.Reader
	file io.Closer
	n    int64
}

func (s Source) open() (*opened, error) {
	f, err := s.Open()
	if err != nil {
		return nil, fmt.Errorf("open import file: %w", err)
	}
	o := &opened{file: f}
	o.Reader = counter{f, &o.n}
	if s.Gzip {
		z, err := gzip.NewReader(o.Reader)
		if err != nil {
			_ = f.Close() // nothing was written
			return nil, unzipError(err)
		}
		o.Reader = unzipped{z}
	}
	return o, nil
}

// unzipped tells a content that is not whole from a file that cannot be read.
type unzipped struct{ z *gzip.Reader }

func (u unzipped) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // that of the content's end is never wrapped
		err = unzipError(err)
	}
	return n, err
}

func unzipError(err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	if corrupt || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		return export.Wrap(export.CodeInvalid, err, "the file is not gzip, or damaged, or cut off")
	}
	return fmt.Errorf("decompress import file: %w", err)
}

func (o *opened) Close() error { return o.file.Close() }

type counter struct {
	r io.Reader
	n *int64
}

func (c counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}
