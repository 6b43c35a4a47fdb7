package pipeline

import (
	"context"
	"sync/atomic"

	"github.com/egress-io/egress/internal/export"
)

// chunk is a run of consecutive bytes of the file. It holds whole users, unless one user exceeds it
// too far: that user then spans several chunks, and a run cannot resume inside of a user.
type chunk struct {
	body       []byte // CSV; compressed after compressStage
	plainBytes int64  // of CSV
	users      int64
	rows       int64
	lastID     []byte // of the last complete user

	midUser   bool   // the chunk ends inside of a user
	userID    []byte // that user
	userBytes int64  // of CSV of that user so far

	missed   export.Missed
	heaviest export.Heaviest
}

// bufferPool holds a fixed number of buffers, which bounds the memory of a run. A caller of get
// waits until a buffer is free.
type bufferPool struct {
	free   chan []byte
	wanted atomic.Int64 // size in the last call of get
}

// slack is the room in a buffer for the user who exceeds its size. The buffer of a larger user
// grows by up to maxOverrun.
const slack = 64 << 10

// newBufferPool returns a pool of n buffers. Each buffer is allocated on first use.
func newBufferPool(n int) *bufferPool {
	p := &bufferPool{free: make(chan []byte, n)}
	for range n {
		p.free <- nil
	}
	return p
}

// get waits for a buffer, and returns it with room for size bytes.
func (p *bufferPool) get(ctx context.Context, size int) ([]byte, error) {
	p.wanted.Store(int64(size))
	b, err := receive(ctx, p.free)
	if err == nil && cap(b) < size {
		b = make([]byte, 0, size+slack)
	}
	return b, err
}

func (p *bufferPool) put(b []byte) {
	if int64(cap(b)) > 2*(p.wanted.Load()+slack) {
		b = nil // an unusually large user made it grow
	}
	p.free <- b[:0]
}

// chunkSource yields the chunks of a file in order.
type chunkSource interface {
	// next returns the next chunk, one with a nil body after the last.
	next(ctx context.Context) (chunk, error)
	// release returns the buffer of a chunk whose body was copied.
	release(chunk)
}

// directChunks yields chunks that are parts already. The partSink returns their buffers.
type directChunks chan chunk

func (d directChunks) next(ctx context.Context) (chunk, error) { return receive(ctx, d) }

func (directChunks) release(chunk) {}
