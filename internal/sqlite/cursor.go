package sqlite

import (
	"context"
	"errors"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"
	"zombiezen.com/go/sqlite"
)

var errCursorClosed = errors.New("the cursor is closed")

// cursor implements pipeline.Cursor. It is not safe for concurrent use. It allocates nothing per
// document: each document is copied into the same buffer.
type cursor struct {
	lease  *lease // nil after Close
	noun   string // names the documents in errors, in the plural
	rows   *sqlite.Stmt
	plan   plan
	buffer []byte
	ended  bool // a further step would start again
}

// Next implements pipeline.Cursor.
func (c *cursor) Next(ctx context.Context) (bson.Raw, error) {
	if c.lease == nil {
		return nil, errCursorClosed
	}
	for !c.ended {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		doc, found, err := c.lease.step(c.rows, c.buffer)
		if err != nil {
			return nil, readError(ctx, c.lease.file, c.noun, err)
		}
		if !found {
			c.ended = true
			break
		}
		c.buffer = doc
		if c.plan.selected(c.buffer) {
			return c.buffer, nil
		}
	}
	return nil, io.EOF
}

// Close implements pipeline.Cursor.
func (c *cursor) Close() error {
	if c.lease == nil {
		return nil
	}
	if c.lease.lock() == nil { // else the statement has been reset
		_ = c.rows.Reset() // repeats the error of the last step
		c.lease.unlock()
	}
	c.lease.release()
	c.lease = nil
	return nil
}

// copyColumn copies the bytes of a column into buffer, which grows where it must.
func copyColumn(s *sqlite.Stmt, column int, buffer []byte) []byte {
	n := s.ColumnLen(column)
	if cap(buffer) < n {
		buffer = make([]byte, n, n+n/2)
	}
	buffer = buffer[:n]
	s.ColumnBytes(column, buffer)
	return buffer
}

// documents calls each for the documents in the first column of a query. A document is valid during
// the call.
func (c *conn) documents(ctx context.Context, statement string, each func(bson.Raw) error, args ...any) error {
	var buffer []byte
	return c.query(statement, func(r *row) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		buffer = copyColumn(r.Stmt, 0, buffer)
		return each(buffer)
	}, args...)
}
