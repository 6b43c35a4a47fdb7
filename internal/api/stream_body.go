package api

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/bodystream"
)

// streamBodyTimeout limits how long a response body may take that is written while it is sent.
const streamBodyTimeout = time.Hour

// bodyStreamer sends bodies that are written while they are sent.
type bodyStreamer struct {
	logger *slog.Logger
}

// streamBody responds with what write writes. It returns before write runs. If write fails, the
// connection ends without the last chunk, so that an incomplete body never looks complete. done is
// called with the error of write. A client that stops reading is disconnected.
func (b *bodyStreamer) streamBody(c *fiber.Ctx, write func(ctx context.Context, w io.Writer) error, done func(error)) {
	request := requestID(c)
	c.Context().SetBodyStream(bodystream.New(bodystream.Options{
		Conn: c.Context().Conn(), Timeout: streamBodyTimeout,
		Write: func(ctx context.Context, to *bodystream.Writer) error {
			ctx = context.WithValue(ctx, requestIDKey, request)
			return recoverPanic(ctx, b.logger, func() error { return write(ctx, to) })
		},
		Done: func(written, _ error) { done(written) },
	}), -1)
}
