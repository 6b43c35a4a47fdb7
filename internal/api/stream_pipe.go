package api

import (
	"context"
	"io"
)

// bodyPipe is a pipe without copying: Receive passes a chunk to the reader and returns when the
// reader has consumed it. Both ends fail when ctx is done.
type bodyPipe struct {
	ctx      context.Context
	chunks   chan []byte
	consumed chan struct{}
	closed   chan struct{} // closed after the last chunk
	err      error         // the result; set before closed is closed
	unread   []byte        // the rest of the current chunk
	onChunk  func()        // called before a chunk is read
}

func newBodyPipe(ctx context.Context, onChunk func()) *bodyPipe {
	return &bodyPipe{ctx: ctx, chunks: make(chan []byte), consumed: make(chan struct{}), closed: make(chan struct{}), onChunk: onChunk}
}

// Receive implements pipeline.Receiver. If it returns an error, the reader may still use p.
func (h *bodyPipe) Receive(ctx context.Context, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	select {
	case h.chunks <- p:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-h.consumed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// close ends the pipe. The reader then gets err, or io.EOF if err is nil.
func (h *bodyPipe) close(err error) {
	h.err = err
	close(h.closed)
}

// Read implements io.Reader.
func (h *bodyPipe) Read(b []byte) (int, error) {
	if len(h.unread) == 0 {
		select {
		case h.unread = <-h.chunks:
			h.onChunk()
		case <-h.closed:
			if h.err != nil {
				return 0, h.err
			}
			return 0, io.EOF
		case <-h.ctx.Done():
			return 0, context.Cause(h.ctx)
		}
	}
	n := copy(b, h.unread)
	if h.unread = h.unread[n:]; len(h.unread) == 0 {
		select {
		case h.consumed <- struct{}{}:
		case <-h.closed: // Receive no longer waits for the reader
			return n, h.err
		case <-h.ctx.Done():
			return n, context.Cause(h.ctx)
		}
	}
	return n, nil
}
