package mongo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// closeTimeout is how long Close waits for the server to free the cursor. A cancelled export must
// free it within 5 s.
const closeTimeout = 3 * time.Second

var errCursorClosed = errors.New("the cursor is closed")

// documentCursor implements pipeline.Cursor. It is not safe for concurrent use.
type documentCursor struct {
	cursor *driver.Cursor
	noun   string // names the documents in errors, in the plural
	closed bool
}

// Next implements pipeline.Cursor. When ctx is cancelled it returns at once, even within a batch.
func (c *documentCursor) Next(ctx context.Context) (bson.Raw, error) {
	switch {
	case c.closed:
		return nil, errCursorClosed
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case c.cursor.Next(ctx):
		return c.cursor.Current, nil
	case c.cursor.Err() != nil:
		return nil, readError(ctx, c.noun, c.cursor.Err())
	default: // the server has closed the exhausted cursor
		return nil, io.EOF
	}
}

// Close implements pipeline.Cursor. It does not use the context of Read, which may be cancelled.
func (c *documentCursor) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := c.cursor.Close(ctx); err != nil && !isCursorLost(err) { // a server that is gone keeps no cursor
		return fmt.Errorf("close the cursor over %s: %w", c.noun, err)
	}
	return nil
}
