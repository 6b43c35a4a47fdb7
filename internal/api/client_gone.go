package api

import (
	"context"
	"errors"
	"net"
	"time"
)

// errClientGone cancels the work for a client that has closed its connection.
var errClientGone = errors.New("the client closed the connection")

// statusClientGone appears in the access log only: no client reads the response. nginx uses the
// same status.
const statusClientGone = 499

// cancelWhenClientGone returns a context that is cancelled with errClientGone when the client
// closes the connection. fasthttp does not report this. Stop ends the watching and returns when
// conn is no longer used.
func cancelWhenClientGone(ctx context.Context, conn net.Conn) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(clientCheckInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if clientGone(conn) {
					cancel(errClientGone)
				}
			}
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-ended
	}
}
