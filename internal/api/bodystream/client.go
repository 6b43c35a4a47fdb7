package bodystream

import (
	"context"
	"errors"
	"net"
	"time"
)

// ErrClientGone cancels the work for a client that has closed its connection.
var ErrClientGone = errors.New("the client closed the connection")

// ClientCheckInterval is the time between two checks that a client is connected.
const ClientCheckInterval = 500 * time.Millisecond

// WatchClient returns a context that is cancelled with ErrClientGone when the client closes the
// connection. fasthttp does not report this. Call stop to end the watching: it returns when conn is no
// longer used.
func WatchClient(ctx context.Context, conn net.Conn) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(ClientCheckInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if clientGone(conn) {
					cancel(ErrClientGone)
				}
			}
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-ended
	}
}
