package pipeline

import (
	"bytes"
	"context"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// source returns the users of a range of ids in ascending order, each once. If the database loses
// the cursor, source reopens it after the last id.
type source struct {
	task     *task
	span     IDRange
	retries  retryBudget
	onReopen func() // called for every lost cursor; may be nil

	cursor  Cursor
	lastID  []byte // the id of the previous user
	started bool   // a user was returned
}

// newSource returns a source. It sends no request.
func (t *task) newSource(span IDRange, reopened func()) *source {
	return &source{task: t, span: span, retries: t.newRetryBudget(), onReopen: reopened, lastID: []byte(span.After)}
}

// next returns the next user, which is valid until the following call, and io.EOF after the last.
func (s *source) next(ctx context.Context) (bson.Raw, error) {
	for {
		doc, err := s.read(ctx)
		switch {
		case err == nil:
			return doc, s.advance(doc)
		case err == io.EOF: //nolint:errorlint // a wrapped io.EOF is a broken connection, not the end
			return nil, io.EOF
		}
		s.close()
		if err := s.retries.wait(ctx, err, s.onReopen); err != nil {
			return nil, err
		}
	}
}

func (s *source) read(ctx context.Context) (bson.Raw, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if s.cursor == nil {
		t := s.task
		cursor, err := t.documents.Read(ctx, t.tenant, t.selection, t.projection, IDRange{After: string(s.lastID), Until: s.span.Until})
		if err != nil {
			return nil, err
		}
		s.cursor = cursor
	}
	return s.cursor.Next(ctx)
}

// advance records the id of doc. It fails if the id is not a string, not greater than the previous
// id, or outside the range.
func (s *source) advance(doc bson.Raw) error {
	id, ok := documentID(doc)
	if !ok {
		return NonStringIDError(s.task.noun(), BSONTypeName(doc.Lookup("_id")))
	}
	if s.task.kind == export.StateEventsFile {
		if user := doc.Lookup("user_id"); !isUserID(user) {
			return NonStringIDError("state events of users", BSONTypeName(user))
		}
	}
	if (s.started || len(s.lastID) > 0) && bytes.Compare(id, s.lastID) <= 0 || s.span.Until != "" && string(id) > s.span.Until {
		return errs.Errorf(errs.CodeUserIDsOutOfOrder, "The user database did not return users in the order of their IDs.")
	}
	s.lastID = append(s.lastID[:0], id...)
	s.started, s.retries.failures = true, 0
	return nil
}

// close frees the cursor. A later call of next reopens it.
func (s *source) close() {
	if s.cursor != nil {
		_ = s.cursor.Close() // Next has already returned every error that matters
		s.cursor = nil
	}
}
