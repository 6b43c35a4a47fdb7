package api

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
)

// streamBodyTimeout limits how long a response body may take that is written while it is sent.
const streamBodyTimeout = time.Hour

// streamBody responds with what write writes. It returns before write runs. If write fails, the
// connection ends without the last chunk, so that an incomplete body never looks complete. done is
// called with the result. A client that stops reading is disconnected.
func (s *server) streamBody(c *fiber.Ctx, write func(ctx context.Context, w io.Writer) error, done func(error)) {
	conn, request := c.Context().Conn(), requestID(c)
	out, in := io.Pipe()
	go func() {
		ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), requestIDKey, request), streamBodyTimeout)
		defer cancel()
		stop := func() {}
		if !s.readsOutliveClient { // without output, a write would not report that the client closed the connection
			ctx, stop = cancelWhenClientGone(ctx, conn)
		}
		err := s.recoverPanic(ctx, func() error { return write(ctx, &stallWriter{w: in, conn: conn}) })
		stop()
		_ = conn.SetWriteDeadline(time.Time{})
		if errors.Is(err, io.ErrClosedPipe) {
			err = errClientGone
		}
		in.CloseWithError(err) // nil ends the body normally
		done(err)
	}()
	c.Context().SetBodyStream(out, -1)
}

// stallWriter sets a write deadline before each chunk.
type stallWriter struct {
	w    io.Writer
	conn net.Conn
}

// Write implements io.Writer.
func (p *stallWriter) Write(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(time.Now().Add(stallTimeout)); err != nil {
		return 0, err
	}
	return p.w.Write(b)
}
