package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// Limits on the memory that one user takes, whatever the document contains. docs/operations.md adds
// them up. Changing maxOverrun changes the bytes of compressed files.
const (
	largeDocumentFactor = 4       // × BlockBytes: a larger document is read alone
	blockRowsFactor     = 4       // × BlockBytes of rows: later users of the block are deferred
	maxOverrun          = 1 << 20 // bytes by which one user may exceed a chunk, at most its size
)

// largeGate admits one large document at a time, and only from the segment whose turn it is.
// Otherwise a reader that is ahead could hold the gate while the sequencer waits for an earlier
// reader: a deadlock.
type largeGate struct{ token chan struct{} }

func newLargeGate() largeGate { return largeGate{make(chan struct{}, 1)} }

// acquire blocks until turn is closed and no other large document is held.
func (g largeGate) acquire(ctx context.Context, turn <-chan struct{}) error {
	if _, err := receive(ctx, turn); err != nil {
		return err
	}
	return send(ctx, g.token, struct{}{})
}

// release admits the next large document.
func (g largeGate) release() { <-g.token }

// writeLarge encodes and writes the rows of one deferred user in batches.
func (s *sequencer) writeLarge(ctx context.Context, doc bson.Raw) error {
	if s.encoder == nil {
		var err error
		if s.encoder, err = s.task.newBlockEncoder(); err != nil {
			return err
		}
	}
	batches, err := s.encoder.newRowBatches(ctx, doc)
	if err != nil {
		return err
	}
	defer batches.close()
	if s.userBytes = 0; s.task.kind == export.UsersFile {
		s.userID = batches.userID
	}
	meter := &s.task.meter
	var w export.Weight
	for more := true; more; {
		if more, err = batches.next(ctx, s.task.settings.BlockBytes); err != nil {
			return err
		}
		rows, bytes := batches.rows.Remaining()
		meter.setRemainder(export.Weight{Rows: rows + int64(len(batches.ends)), Bytes: bytes + batches.bytes()})
		from := 0
		for _, end := range batches.ends {
			if err := s.write(ctx, batches.rows.Own()); err != nil {
				return err
			}
			if err := s.write(ctx, batches.filled[from:end]); err != nil {
				return err
			}
			row := totals{rows: 1, bytes: int64(len(batches.rows.Own()) + end - from)}
			from = end
			s.chunk.rows++
			w.Rows, w.Bytes = w.Rows+1, w.Bytes+row.bytes
			meter.addPassed(row, nil)
		}
		s.observer.Progress(meter.progress(true, false))
	}
	s.chunk.users++
	s.chunk.lastID = append(s.chunk.lastID[:0], batches.userID...)
	csv.AddMisses(&s.chunk.missed, s.encoder.encoder.Missed(nil))
	s.chunk.heaviest.Add(w)
	meter.addPassed(totals{users: 1}, export.Heaviest{w})
	s.userID = nil
	return s.cutIfFull(ctx)
}

// overrunLimit returns how many bytes one user may exceed the chunk by.
func (s *sequencer) overrunLimit() int { return min(s.task.settings.maxOverrun, max(s.limit, slack)) }

// write appends rows of the current user, and cuts inside of the user where the chunk would grow
// too large.
func (s *sequencer) write(ctx context.Context, p []byte) error {
	for len(p) > 0 {
		room := s.limit + s.overrunLimit() - len(s.chunk.body)
		if room <= 0 {
			s.chunk.midUser, s.chunk.userID, s.chunk.userBytes = true, s.userID, s.userBytes
			if err := s.cut(ctx); err != nil {
				return err
			}
			s.observer.Progress(s.task.meter.progress(true, false))
			continue
		}
		n := min(room, len(p))
		s.chunk.body = append(s.chunk.body, p[:n]...)
		s.userBytes += int64(n)
		p = p[n:]
	}
	return nil
}

// rowBatches encodes the rows of one large user in batches.
type rowBatches struct {
	encoder *blockEncoder
	userID  []byte
	rows    *csv.Rows
	pending []byte // the grant cells of the batch's rows, without account names
	filled  []byte // the same with account names
	ends    []int  // the end of each row in filled
}

func (e *blockEncoder) newRowBatches(ctx context.Context, doc bson.Raw) (*rowBatches, error) {
	id, _ := documentID(doc) // the source has checked that it is a string
	rows, err := e.encoder.Rows(doc)
	if err != nil {
		return nil, e.task.unreadableUserError(ctx, err, id)
	}
	return &rowBatches{encoder: e, userID: bytes.Clone(id), rows: rows}, nil
}

// next encodes the next batch, with about the given number of bytes of grant cells, and reports
// whether there may be more.
func (b *rowBatches) next(ctx context.Context, bytes int) (more bool, err error) {
	e := b.encoder.encoder
	e.Reset()
	if b.pending, b.ends, more, err = b.rows.Next(b.pending[:0], b.ends[:0], bytes); err != nil {
		return false, b.encoder.task.unreadableUserError(ctx, err, b.userID)
	}
	if ids := e.UnknownAccounts(); len(ids) > 0 {
		if err := b.encoder.lookUpNames(ctx, ids); err != nil {
			return false, err
		}
	}
	b.filled = b.filled[:0]
	from := 0
	for i, end := range b.ends {
		b.filled = e.FillNames(b.filled, b.pending, from, end)
		from, b.ends[i] = end, len(b.filled)
	}
	return more, nil
}

// bytes returns the size of the batch's rows.
func (b *rowBatches) bytes() int64 { return int64(len(b.ends)*len(b.rows.Own()) + len(b.filled)) }

func (b *rowBatches) close() { b.rows.Close() }

// unreadableUserError returns an error that names the user and says how to export all others.
func (t *task) unreadableUserError(ctx context.Context, err error, id []byte) error {
	err = wrapFailure(ctx, errs.CodeDatabaseUnavailable, err, "The user database returned a user that Egress cannot read.")
	if t.kind == export.StateEventsFile {
		return err
	}
	return nameUser(err, id, "Egress cannot read the user %s.")
}

// userTooLargeError returns the error for a file that one user's rows fill.
func userTooLargeError(id []byte) error {
	return nameUser(fileTooLargeError(), id, "The rows of the user %s take up more than half of a file that would be larger than the storage can hold.")
}

// nameUser adds the user's id to an error, and how to export all others. The log does not contain
// the id.
func nameUser(err error, id []byte, message string) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return err
	}
	named := *e
	named.Logged = e.Message
	named.Message = fmt.Sprintf(message, displayID(id)) + " To export everybody else, add the filter rule “User ID is not” with this ID."
	return &named
}

// displayID returns an id quoted, as valid UTF-8, and shortened.
func displayID(id []byte) string {
	const maxLength = 100
	text := strings.ToValidUTF8(string(id[:min(len(id), maxLength)]), "")
	if len(id) > maxLength {
		text += "…"
	}
	return fmt.Sprintf("%q", text)
}
