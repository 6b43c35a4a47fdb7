package bodystream

import (
	"context"
	"io"
)

// Writer passes chunks to the response without copying them: Write and Receive return when the chunk
// has been sent. They fail when the client has gone.
type Writer struct {
	ctx      context.Context
	chunks   chan []byte
	consumed chan struct{}
	closed   chan struct{} // closed after the last chunk
	err      error         // the result; set before closed is closed
	unread   []byte        // the rest of the current chunk
	onChunk  func()        // called before a chunk is read
}

func newWriter(ctx context.Context, onChunk func()) *Writer {
	return &Writer{ctx: ctx, chunks: make(chan []byte), consumed: make(chan struct{}), closed: make(chan struct{}), onChunk: onChunk}
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	if err := w.Receive(w.ctx, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Receive implements pipeline.Receiver. If it returns an error, the response may still use p.
func (w *Writer) Receive(ctx context.Context, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	select {
	case w.chunks <- p:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
	select {
	case <-w.consumed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
}

// close ends the body. The reader then gets err, or io.EOF if err is nil.
func (w *Writer) close(err error) {
	w.err = err
	close(w.closed)
}

// Read implements io.Reader for the response.
func (w *Writer) Read(b []byte) (int, error) {
	if len(w.unread) == 0 {
		select {
		case w.unread = <-w.chunks:
			w.onChunk()
		case <-w.closed:
			if w.err != nil {
				return 0, w.err
			}
			return 0, io.EOF
		case <-w.ctx.Done():
			return 0, context.Cause(w.ctx)
		}
	}
	n := copy(b, w.unread)
	if w.unread = w.unread[n:]; len(w.unread) == 0 {
		select {
		case w.consumed <- struct{}{}:
		case <-w.closed: // Receive no longer waits for the reader
			return n, w.err
		case <-w.ctx.Done():
			return n, context.Cause(w.ctx)
		}
	}
	return n, nil
}
