package mongo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/export/run"
)

// closeTimeout bounds how long Close waits for the server to free the cursor. A cancelled export frees it within 5 s.
const closeTimeout = 3 * time.Second

var errCursorClosed = errors.New("the cursor is closed")

// documentCursor implements run.Cursor. It is for one goroutine.
type documentCursor struct {
	cursor *driver.Cursor
	noun   string // what it yields, for errors
	closed bool
}

// Next implements run.Cursor. A cancelled context ends it at once, also in the middle of a batch.
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
	default: // the server said that there is no more: its cursor id is 0
		return nil, io.EOF
	}
}

// Close implements run.Cursor. It does not use the context of Read, which may be cancelled.
func (c *documentCursor) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := c.cursor.Close(ctx); err != nil && !isLost(err) { // a server that is gone keeps no cursor
		return fmt.Errorf("close the cursor over %s: %w", c.noun, err)
	}
	return nil
}

// readError says what ended a read: the context, a loss after which reading may go on, or a failure.
func readError(ctx context.Context, noun string, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case isLost(err):
		return fmt.Errorf("read %s: %w: %w", noun, run.ErrCursorLost, err)
	default:
		return fmt.Errorf("read %s: %w", noun, err)
	}
}

// lostCodes are the server errors after which a new cursor may work: the cursor is gone, or the server that held it is
// changing its role, shutting down or out of reach (mongo/src/mongo/base/error_codes.yml).
var lostCodes = []int{
	6,     // HostUnreachable
	7,     // HostNotFound
	43,    // CursorNotFound
	63,    // StaleShardVersion
	89,    // NetworkTimeout
	91,    // ShutdownInProgress
	133,   // FailedToSatisfyReadPreference
	150,   // StaleEpoch
	175,   // QueryPlanKilled
	189,   // PrimarySteppedDown
	237,   // CursorKilled
	262,   // ExceededTimeLimit
	9001,  // SocketException
	10107, // NotWritablePrimary
	11600, // InterruptedAtShutdown
	11602, // InterruptedDueToReplStateChange
	13388, // StaleConfig
	13435, // NotPrimaryNoSecondaryOk
	13436, // NotPrimaryOrSecondary
}

func isLost(err error) bool {
	if driver.IsNetworkError(err) || driver.IsTimeout(err) {
		return true
	}
	server, ok := errors.AsType[driver.ServerError](err)
	if !ok {
		return false
	}
	return slices.ContainsFunc(lostCodes, server.HasErrorCode)
}
