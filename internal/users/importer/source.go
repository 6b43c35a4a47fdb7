package importer

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
)

// Source is what is imported. It is opened once, or twice where the schema has to be inferred first.
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
			return nil, fmt.Errorf("decompress import file: %w", err)
		}
		o.Reader = z
	}
	return o, nil
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
