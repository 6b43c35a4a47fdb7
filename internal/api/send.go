package api

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
)

// sendLimit is how long an answer may take that is made while it is sent.
const sendLimit = time.Hour

// send answers with what write writes, while it does. Where write fails the connection ends without the last chunk, so that
// what broke off never looks whole; done hears how it ended. A client that reads nothing for long is left.
func (s *server) send(c *fiber.Ctx, write func(ctx context.Context, w io.Writer) error, done func(error)) {
	conn, request := c.Context().Conn(), requestID(c)
	out, in := io.Pipe()
	go func() {
		ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), requestIDKey, request), sendLimit)
		defer cancel()
		err := s.guarded(ctx, func() error { return write(ctx, &patient{w: in, conn: conn}) })
		_ = conn.SetWriteDeadline(time.Time{})
		if errors.Is(err, io.ErrClosedPipe) {
			err = errClientLeft
		}
		in.CloseWithError(err) // with nil it is the end
		done(err)
	}()
	c.Context().SetBodyStream(out, -1)
}

var errClientLeft = errors.New("the client has left")

// patient gives the client its time for each piece.
type patient struct {
	w    io.Writer
	conn net.Conn
}

// Write implements io.Writer.
func (p *patient) Write(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(time.Now().Add(stallTimeout)); err != nil {
		return 0, err
	}
	return p.w.Write(b)
}
