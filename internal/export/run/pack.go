package run

import (
	"bytes"
	"context"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/egress-io/egress/internal/export"
)

// memberSize is how many bytes of CSV one member of a compressed file holds, cut after the user that reaches it. It is large
// enough that compressing members apart costs nearly nothing, and small enough that many of them are on their way at once.
// It is part of the file's form: another one makes other bytes.
const memberSize = 1 << 20

// zstdWindow bounds what a reader of the file must keep in memory.
const zstdWindow = 1 << 20

// packer compresses one member at a time. It keeps nothing from one to the next.
type packer interface {
	// pack appends the member that holds plain to dst.
	pack(dst, plain []byte) ([]byte, error)
}

// newPacker returns a packer of the user's choice, nil where files are stored as they are.
func newPacker(c export.Compression) (packer, error) {
	switch c {
	case export.CompressionGzip:
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		return &gzipPacker{w: w}, err
	case export.CompressionZstd:
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithWindowSize(zstdWindow), zstd.WithLowerEncoderMem(true))
		return zstdPacker{e}, err
	case export.CompressionNone, "":
		return nil, nil
	default:
		return nil, export.Errorf(export.CodeInternal, "The compression %q is not known to this version of Egress.", string(c))
	}
}

type gzipPacker struct {
	w   *gzip.Writer
	out bytes.Buffer
}

func (p *gzipPacker) pack(dst, plain []byte) ([]byte, error) {
	p.out = *bytes.NewBuffer(dst)
	p.w.Reset(&p.out)
	if _, err := p.w.Write(plain); err != nil {
		return nil, err
	}
	if err := p.w.Close(); err != nil {
		return nil, err
	}
	return p.out.Bytes(), nil
}

type zstdPacker struct{ e *zstd.Encoder }

func (p zstdPacker) pack(dst, plain []byte) ([]byte, error) { return p.e.EncodeAll(plain, dst), nil }

// unpack returns a reader of the CSV in a stored file. It reads ahead of what it returns.
func unpack(c export.Compression, stored io.Reader) (io.ReadCloser, error) {
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

// packing compresses pieces, several at once, and gives them out in their order.
type packing struct {
	plain  *pool // of the pieces that come
	packed *pool // of those that go
	work   chan *member
	order  chan *member
}

type member struct {
	piece
	done chan struct{} // closed when it is packed
}

// newPacking starts the goroutines that pack.
func newPacking(ctx context.Context, crew crew, c export.Compression, workers int, plain *pool) (*packing, error) {
	p := &packing{
		plain: plain, packed: newPool(workers + 2),
		work: make(chan *member), order: make(chan *member, workers),
	}
	for range workers {
		packer, err := newPacker(c)
		if err != nil {
			return nil, err
		}
		crew.Go(func() error { return p.pack(ctx, packer) })
	}
	return p, nil
}

func (p *packing) pack(ctx context.Context, packer packer) error {
	for {
		m, err := receive(ctx, p.work)
		if err != nil || m == nil {
			return err
		}
		out, err := p.packed.get(ctx, memberSize/4)
		if err != nil {
			return err
		}
		plain := m.body
		if m.body, err = packer.pack(out, plain); err != nil {
			return export.Wrap(export.CodeInternal, err, "The file could not be compressed.")
		}
		p.plain.put(plain)
		close(m.done)
	}
}

// add gives a piece to whoever packs next.
func (p *packing) add(ctx context.Context, plain piece) error {
	m := &member{piece: plain, done: make(chan struct{})}
	if err := send(ctx, p.order, m); err != nil {
		return err
	}
	return send(ctx, p.work, m)
}

// close says that no piece follows.
func (p *packing) close() {
	close(p.work)
	close(p.order)
}

// next implements pieces.
func (p *packing) next(ctx context.Context) (piece, error) {
	m, err := receive(ctx, p.order)
	if err != nil || m == nil {
		return piece{}, err
	}
	_, err = receive(ctx, m.done)
	return m.piece, err
}

// release implements pieces.
func (p *packing) release(done piece) { p.packed.put(done.body) }
