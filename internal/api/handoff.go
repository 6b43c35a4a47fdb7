package api

import (
	"context"
	"io"
)

// handoff lends what one goroutine makes to another that reads, without copying it in between: Receive returns when the reader
// has taken everything. Reading ends with the context of the handoff.
type handoff struct {
	ctx    context.Context
	pieces chan []byte
	taken  chan struct{}
	ended  chan struct{} // closed behind the last piece
	err    error         // how it ended; set before ended is closed
	rest   []byte        // of the piece that is being read
	next   func()        // is called before a piece is read
}

func newHandoff(ctx context.Context, next func()) *handoff {
	return &handoff{ctx: ctx, pieces: make(chan []byte), taken: make(chan struct{}), ended: make(chan struct{}), next: next}
}

// Receive implements run.Receiver. On an error the reader may still look at p.
func (h *handoff) Receive(ctx context.Context, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	select {
	case h.pieces <- p:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-h.taken:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// end says that nothing more is written: with nil the reader comes to the end, otherwise it gets the error.
func (h *handoff) end(err error) {
	h.err = err
	close(h.ended)
}

// Read implements io.Reader.
func (h *handoff) Read(b []byte) (int, error) {
	if len(h.rest) == 0 {
		select {
		case h.rest = <-h.pieces:
			h.next()
		case <-h.ended:
			if h.err != nil {
				return 0, h.err
			}
			return 0, io.EOF
		case <-h.ctx.Done():
			return 0, context.Cause(h.ctx)
		}
	}
	n := copy(b, h.rest)
	if h.rest = h.rest[n:]; len(h.rest) == 0 {
		select {
		case h.taken <- struct{}{}:
		case <-h.ended: // nobody waits for it to be taken any more
			return n, h.err
		case <-h.ctx.Done():
			return n, context.Cause(h.ctx)
		}
	}
	return n, nil
}
