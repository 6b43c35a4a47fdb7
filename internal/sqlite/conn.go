package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"zombiezen.com/go/sqlite"
)

// conn is one connection to a file. One goroutine uses it at a time.
type conn struct{ raw *sqlite.Conn }

// row is the current row of a query. Its values are valid until the next row.
type row struct{ *sqlite.Stmt }

func connect(path string, flags sqlite.OpenFlags) (*conn, error) {
	raw, err := sqlite.OpenConn(path, flags)
	if err != nil {
		return nil, err
	}
	return &conn{raw}, nil
}

func (c *conn) close() error { return c.raw.Close() }

// interruptWith ends the statements of the connection when ctx ends, until stop is called.
func (c *conn) interruptWith(ctx context.Context) (stop func()) {
	c.raw.SetInterrupt(ctx.Done())
	return func() { c.raw.SetInterrupt(nil) }
}

// setCache sets the memory for pages, in KiB.
func (c *conn) setCache(kib int) error { return c.exec(fmt.Sprintf("PRAGMA cache_size = -%d", kib)) }

// rollback ends the transaction, if one is open.
func (c *conn) rollback() error {
	if c.raw.AutocommitEnabled() {
		return nil
	}
	return c.exec("ROLLBACK")
}

// exec runs a statement. The arguments replace its question marks; see bind.
func (c *conn) exec(statement string, args ...any) error {
	return c.query(statement, func(*row) error { return nil }, args...)
}

// change runs a statement and returns the number of rows that it inserted, updated or deleted.
func (c *conn) change(statement string, args ...any) (int, error) {
	if err := c.exec(statement, args...); err != nil {
		return 0, err
	}
	return c.raw.Changes(), nil
}

// query runs a statement and calls each for every row. Statements stay prepared, so their text must
// not contain values: pass a list as JSON to json_each.
func (c *conn) query(statement string, each func(*row) error, args ...any) (err error) {
	s, err := c.prepare(statement, args...)
	if err != nil {
		return err
	}
	defer func() {
		if reset := s.Reset(); err == nil {
			err = reset
		}
	}()
	r := row{s}
	for {
		found, err := s.Step()
		if err != nil || !found {
			return err
		}
		if err := each(&r); err != nil {
			return err
		}
	}
}

func (c *conn) prepare(statement string, args ...any) (*sqlite.Stmt, error) {
	s, err := c.raw.Prepare(statement)
	if err != nil {
		return nil, err
	}
	if err := bind(s, args); err != nil {
		return nil, fmt.Errorf("%w in %q", err, statement)
	}
	return s, nil
}

// bind sets the arguments of a statement: text, integers, bools, bytes, times (as milliseconds since
// 1970), and nil, which is NULL. The empty text and the zero time are values of their own; see
// orNull.
func bind(s *sqlite.Stmt, args []any) error {
	for i, arg := range args {
		switch n := i + 1; a := arg.(type) {
		case nil:
			s.BindNull(n)
		case string:
			s.BindText(n, a)
		case int:
			s.BindInt64(n, int64(a))
		case int64:
			s.BindInt64(n, a)
		case bool:
			s.BindBool(n, a)
		case []byte:
			s.BindBytes(n, a)
		case bson.Raw:
			s.BindBytes(n, a)
		case time.Time:
			s.BindInt64(n, a.UnixMilli())
		default:
			return fmt.Errorf("sqlite: cannot bind a %T", arg)
		}
	}
	return nil
}

// orNull returns nil for the empty text, so that a unique index ignores it.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// timeOrNull returns nil for no time and for the zero time.
func timeOrNull(t *time.Time) any {
	if t == nil || t.IsZero() {
		return nil
	}
	return *t
}

// bytes returns a copy of the bytes of a column.
func (r *row) bytes(column int) []byte {
	b := make([]byte, r.ColumnLen(column))
	r.ColumnBytes(column, b)
	return b
}

// integer returns the first column of the first row of a query, 0 without a row.
func (c *conn) integer(statement string, args ...any) (n int64, err error) {
	err = c.query(statement, func(r *row) error { n = r.ColumnInt64(0); return nil }, args...)
	return n, err
}

// text returns the first column of the first row of a query, "" without a row.
func (c *conn) text(statement string, args ...any) (text string, err error) {
	err = c.query(statement, func(r *row) error { text = r.ColumnText(0); return nil }, args...)
	return text, err
}

// script runs several statements. The text must not end with a comment.
func (c *conn) script(statements string) error {
	for rest := statements; ; {
		s, trailing, err := c.raw.PrepareTransient(rest)
		if err != nil {
			return err
		}
		_, err = s.Step()
		if err = errors.Join(err, s.Finalize()); err != nil {
			return err
		}
		if rest = rest[len(rest)-trailing:]; strings.TrimSpace(rest) == "" {
			return nil
		}
	}
}
