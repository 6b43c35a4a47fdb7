// Package bodystream writes the bodies of responses while they are made: it waits for slow clients,
// disconnects clients that stop reading, and cancels the work for clients that have gone or may no
// longer receive the data.
package bodystream

import (
	"context"
	"net"
	"time"
)

const (
	permissionCheckInterval = 3 * time.Second // between two checks that the client may still receive the body
	stallTimeout            = time.Minute     // for a client to read what was already written
)

// Options describe a body. Conn, Write and Done are required.
type Options struct {
	// Conn is the connection of the request.
	Conn net.Conn
	// Write writes the whole body, or returns an error. Its context is done when the client has gone
	// or is no longer authorized, with the cause Gone, and after Timeout.
	Write func(ctx context.Context, to *Writer) error
	// Done is called once: with the error of Write, and with the error of sending what Write has
	// written, which is nil if the last chunk was sent. Neither Write nor Conn is in use then.
	Done func(written, sent error)
	// Authorized reports whether the client may still receive the body. It is called in every
	// CheckInterval. When it returns false, the response is aborted. Nil: the client always may.
	Authorized    func(context.Context) bool
	CheckInterval time.Duration // 0: 3 s
	// Timeout limits how long Write may take. 0: no limit.
	Timeout time.Duration
	// Gone is the cause with which Write is cancelled. Nil: ErrClientGone.
	Gone error
}

// Body is the body of a response. If Read fails, the connection closes without the last chunk, so that
// an incomplete body never looks complete.
type Body struct {
	*Writer

	o       Options
	cancel  context.CancelCauseFunc // cancels Write
	written chan struct{}           // closed when Write has returned
	watched chan struct{}           // closed when the client is no longer watched
}

// New returns a body and calls Write in a goroutine of its own. Pass the body to fasthttp's
// SetBodyStream, which closes it.
func New(o Options) *Body {
	if o.Gone == nil {
		o.Gone = ErrClientGone
	}
	if o.CheckInterval == 0 {
		o.CheckInterval = permissionCheckInterval
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	b := &Body{o: o, cancel: cancel, written: make(chan struct{}), watched: make(chan struct{})}
	// The client has received a chunk when the next one is read.
	b.Writer = newWriter(ctx, func() { _ = o.Conn.SetWriteDeadline(time.Now().Add(stallTimeout)) })
	go b.watch(ctx)
	go b.run(ctx)
	return b
}

func (b *Body) run(ctx context.Context) {
	defer close(b.written)
	if b.o.Timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, b.o.Timeout)
		defer stop()
	}
	err := b.o.Write(ctx, b.Writer)
	if err != nil {
		_ = b.o.Conn.SetWriteDeadline(time.Now()) // disconnect a client that does not read
	}
	b.close(err)
}

// watch cancels Write if the client disconnects or is no longer authorized. While nothing is written,
// no write would report a disconnect.
func (b *Body) watch(ctx context.Context) {
	defer close(b.watched)
	var permissionTick <-chan time.Time
	client := time.NewTicker(ClientCheckInterval)
	defer client.Stop()
	if b.o.Authorized != nil {
		ticker := time.NewTicker(b.o.CheckInterval)
		defer ticker.Stop()
		permissionTick = ticker.C
	}
	for {
		var gone bool
		select {
		case <-b.written:
			return
		case <-client.C:
			gone = clientGone(b.o.Conn)
		case <-permissionTick:
			if gone = !b.o.Authorized(ctx); gone {
				_ = b.o.Conn.SetWriteDeadline(time.Now()) // abort a write in progress
			}
		}
		if gone {
			b.cancel(b.o.Gone)
			return
		}
	}
}

// Close implements io.Closer, which fasthttp requires. CloseWithError does the work.
func (b *Body) Close() error { return nil }

// CloseWithError implements fasthttp.ReadCloserWithError. Err is the error of sending the response,
// nil if the last chunk was sent. It blocks until Write has returned.
func (b *Body) CloseWithError(err error) error {
	if err != nil {
		b.cancel(b.o.Gone)
	}
	<-b.written
	b.cancel(nil)
	<-b.watched
	_ = b.o.Conn.SetWriteDeadline(time.Time{})
	b.o.Done(b.err, err)
	return nil
}
