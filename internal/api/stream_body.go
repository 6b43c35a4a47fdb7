package api

import (
	"context"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/bodystream"
)

// streamBodyTimeout limits how long a response body may take that is written while it is sent.
const streamBodyTimeout = time.Hour

// streamBody responds with what write writes. It returns before write runs. If write fails, the
// connection ends without the last chunk, so that an incomplete body never looks complete. done is
// called with the error of write. A client that stops reading is disconnected.
func (s *server) streamBody(c *fiber.Ctx, write func(ctx context.Context, w io.Writer) error, done func(error)) {
	request := requestID(c)
	c.Context().SetBodyStream(bodystream.New(bodystream.Options{
		Conn: c.Context().Conn(), Timeout: streamBodyTimeout, Uncancelled: s.readsOutliveClient,
		Write: func(ctx context.Context, to *bodystream.Writer) error {
			ctx = context.WithValue(ctx, requestIDKey, request)
			return s.recoverPanic(ctx, func() error { return write(ctx, to) })
		},
		Done: func(written, _ error) { done(written) },
	}), -1)
}
