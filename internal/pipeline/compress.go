package pipeline

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/bits"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// memberSize is how many bytes of CSV one compressed member or frame holds. It is cut after the
// user that reaches it. Separate members of this size cost almost no compression, and are small
// enough to compress many in parallel. Changing it changes the bytes of files.
const memberSize = 1 << 20

// zstdWindow limits the memory that a reader of the file needs.
const zstdWindow = 1 << 20

// compressor compresses one member at a time. It keeps no state between members.
type compressor interface {
	// compress appends the member that contains plain to dst.
	compress(dst, plain []byte) ([]byte, error)
}

// newCompressor returns a compressor, nil for an uncompressed file.
func newCompressor(c export.Compression) (compressor, error) {
	switch c {
	case export.CompressionGzip:
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		return &gzipCompressor{w: w}, err
	case export.CompressionZstd:
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true))
		return zstdCompressor{e}, err
	case export.CompressionNone, "":
		return nil, nil
	default:
		return nil, errs.Errorf(errs.CodeInternal, "This version of Egress does not know the compression %q.", string(c))
	}
}

type gzipCompressor struct {
	w   *gzip.Writer
	out bytes.Buffer
}

func (c *gzipCompressor) compress(dst, plain []byte) ([]byte, error) {
	c.out = *bytes.NewBuffer(dst)
	c.w.Reset(&c.out)
	if _, err := c.w.Write(plain); err != nil {
		return nil, err
	}
	if err := c.w.Close(); err != nil {
		return nil, err
	}
	return c.out.Bytes(), nil
}

type zstdCompressor struct{ e *zstd.Encoder }

func (c zstdCompressor) compress(dst, plain []byte) ([]byte, error) {
	start := len(dst)
	dst = c.e.EncodeAll(plain, dst)
	frame, err := removeContentSize(dst[start:])
	return dst[:start+len(frame)], err
}

// newDecompressor returns a reader of the CSV in a stored file. It may read ahead. The caller
// closes it.
func newDecompressor(c export.Compression, stored io.Reader) (io.ReadCloser, error) {
	switch c {
	case export.CompressionGzip:
		return gzip.NewReader(stored)
	case export.CompressionZstd:
		d, err := zstd.NewReader(stored, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	default:
		return io.NopCloser(stored), nil
	}
}

// compressStage compresses chunks in parallel, and yields them in order.
type compressStage struct {
	plainBuffers  *bufferPool // of its input
	memberBuffers *bufferPool // of its output
	work          chan *compressedMember
	order         chan *compressedMember
}

type compressedMember struct {
	chunk
	done chan struct{} // closed once the body is compressed
}

// newCompressStage starts the goroutines that compress.
func newCompressStage(ctx context.Context, group group, c export.Compression, parallel int, plain *bufferPool) (*compressStage, error) {
	s := &compressStage{
		plainBuffers: plain, memberBuffers: newBufferPool(parallel + 2),
		work: make(chan *compressedMember), order: make(chan *compressedMember, parallel),
	}
	for range parallel {
		comp, err := newCompressor(c)
		if err != nil {
			return nil, err
		}
		group.Go(func() error { return s.run(ctx, comp) })
	}
	return s, nil
}

func (s *compressStage) run(ctx context.Context, c compressor) error {
	for {
		m, err := receive(ctx, s.work)
		if err != nil || m == nil {
			return err
		}
		out, err := s.memberBuffers.get(ctx, memberSize/4)
		if err != nil {
			return err
		}
		plain := m.body
		if m.body, err = c.compress(out, plain); err != nil {
			return errs.Wrap(errs.CodeInternal, err, "Egress could not compress the file.")
		}
		s.plainBuffers.put(plain)
		close(m.done)
	}
}

// add sends a chunk to the next free compressor.
func (s *compressStage) add(ctx context.Context, plain chunk) error {
	m := &compressedMember{chunk: plain, done: make(chan struct{})}
	if err := send(ctx, s.order, m); err != nil {
		return err
	}
	return send(ctx, s.work, m)
}

// close marks the end of the input.
func (s *compressStage) close() {
	close(s.work)
	close(s.order)
}

// next implements chunkSource.
func (s *compressStage) next(ctx context.Context) (chunk, error) {
	m, err := receive(ctx, s.order)
	if err != nil || m == nil {
		return chunk{}, err
	}
	if _, err := receive(ctx, m.done); err != nil {
		return chunk{}, err // a compressor may still use the body
	}
	return m.chunk, nil
}

// release implements chunkSource.
func (s *compressStage) release(done chunk) { s.memberBuffers.put(done.body) }

// The header of a zstd frame (RFC 8878, 3.1.1.1).
const (
	zstdHeaderSize   = 4 + 1 + 1 // magic number, descriptor, window
	zstdChecksumFlag = 1 << 2    // in the descriptor: a checksum of the content ends the frame
)

// removeContentSize removes the content size from a frame's header, in place. A file consists of
// many frames. A decoder that trusts the size in the first frame returns only that frame as the
// whole file; without the size such a decoder fails. The header limits back-references by the
// window size instead.
func removeContentSize(frame []byte) ([]byte, error) {
	var h zstd.Header
	if err := h.Decode(frame); err != nil || h.Skippable || h.DictionaryID != 0 || h.HeaderSize < zstdHeaderSize {
		return nil, errors.Join(errors.New("pipeline: unexpected zstd frame"), err)
	}
	descriptor := byte(0)
	if h.HasCheckSum {
		descriptor = zstdChecksumFlag
	}
	frame[4], frame[5] = descriptor, windowDescriptor(zstdWindow)
	return frame[:zstdHeaderSize+copy(frame[zstdHeaderSize:], frame[h.HeaderSize:])], nil
}

// windowDescriptor returns the header byte for a window size that is a power of two.
func windowDescriptor(size uint) byte { return byte(bits.Len(size)-1-10) << 3 }
