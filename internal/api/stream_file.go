package api

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// fileSource makes a file; *jobs.Stream.
type fileSource interface {
	// Run writes the whole file to the receiver, or returns an error.
	Run(ctx context.Context, to pipeline.Receiver) error
	// Sent reports the result of sending what Run has written.
	Sent(ctx context.Context, failed error)
}

// fileBody is the response body of a stream. If Read fails, the connection closes without the last
// chunk, so that an incomplete file never looks complete.
type fileBody struct {
	*bodyPipe
	source     fileSource
	conn       net.Conn
	log        *slog.Logger
	cancel     context.CancelCauseFunc // cancels Run
	done       chan struct{}           // closed when Run has returned
	authorized func(context.Context) bool
}

// newFileBody starts Run. Authorized reports whether the client may still receive the file; it is
// called in every checkInterval.
func newFileBody(source fileSource, conn net.Conn, log *slog.Logger, authorized func(context.Context) bool, checkInterval time.Duration) *fileBody {
	ctx, cancel := context.WithCancelCause(context.Background())
	o := &fileBody{source: source, conn: conn, log: log, cancel: cancel, done: make(chan struct{}), authorized: authorized}
	// The client has received a chunk when the next one is read.
	o.bodyPipe = newBodyPipe(ctx, func() { _ = conn.SetWriteDeadline(time.Now().Add(stallTimeout)) })
	go o.watch(ctx, checkInterval)
	go func() {
		defer close(o.done)
		err := source.Run(ctx, o.bodyPipe)
		if err != nil {
			_ = conn.SetWriteDeadline(time.Now()) // disconnect a client that does not read
		}
		o.close(err)
	}()
	return o
}

// watch cancels the stream if the client disconnects or is no longer authorized. While the file is
// prepared, nothing is written that would report a disconnect.
func (o *fileBody) watch(ctx context.Context, checkInterval time.Duration) {
	clientTicker, permissionTicker := time.NewTicker(clientCheckInterval), time.NewTicker(checkInterval)
	defer clientTicker.Stop()
	defer permissionTicker.Stop()
	for {
		var gone bool
		select {
		case <-o.done:
			return
		case <-clientTicker.C:
			gone = clientGone(o.conn)
		case <-permissionTicker.C:
			if gone = !o.authorized(ctx); gone {
				o.log.Info("stream cancelled: the client is no longer authorized")
				_ = o.conn.SetWriteDeadline(time.Now()) // abort a write in progress
			}
		}
		if gone {
			o.cancel(jobs.ClientGone())
			return
		}
	}
}

// Close implements io.Closer, which fasthttp requires. CloseWithError does the work.
func (o *fileBody) Close() error { return nil }

// CloseWithError implements fasthttp.ReadCloserWithError. Err is the error of sending the response,
// nil if the last chunk was sent.
func (o *fileBody) CloseWithError(err error) error {
	if err != nil {
		o.cancel(jobs.ClientGone())
	}
	<-o.done
	o.cancel(nil)
	_ = o.conn.SetWriteDeadline(time.Time{})
	if o.err == nil {
		o.source.Sent(context.Background(), err)
	} else {
		o.log.Info("stream aborted", "cause", o.err)
	}
	return nil
}
