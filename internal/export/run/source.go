package run

import (
	"bytes"
	"context"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// source yields the users of a span in ascending order of their ids, each once. Where the database loses the cursor it goes
// on after the last id.
type source struct {
	task     *task
	span     Span
	patience patience
	reopened func() // hears of every lost cursor; nil: nobody does

	cursor  Cursor
	last    []byte // the id of the user before
	started bool   // there was one
}

// source opens nothing yet.
func (t *task) source(span Span, reopened func()) *source {
	return &source{task: t, span: span, patience: t.patience(), reopened: reopened, last: []byte(span.After)}
}

// next returns the next user, valid until the following call, and io.EOF behind the last.
func (s *source) next(ctx context.Context) (bson.Raw, error) {
	for {
		doc, err := s.read(ctx)
		switch {
		case err == nil:
			return doc, s.advance(doc)
		case err == io.EOF: //nolint:errorlint // one that is wrapped is a broken connection, not the end
			return nil, io.EOF
		}
		s.close()
		if err := s.patience.bear(ctx, err, s.reopened); err != nil {
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
		cursor, err := t.documents.Read(ctx, t.tenant, t.match, t.projection, Span{After: string(s.last), Until: s.span.Until})
		if err != nil {
			return nil, err
		}
		s.cursor = cursor
	}
	return s.cursor.Next(ctx)
}

// advance checks that the id of doc is text, greater than the one before, and not behind the span.
func (s *source) advance(doc bson.Raw) error {
	id, ok := textID(doc)
	if !ok {
		return foreignID("another type")
	}
	if (s.started || len(s.last) > 0) && bytes.Compare(id, s.last) <= 0 || s.span.Until != "" && string(id) > s.span.Until {
		return export.Errorf(export.CodeOrder, "The user database did not return users in the order of their ids.")
	}
	s.last = append(s.last[:0], id...)
	s.started, s.patience.lost = true, 0
	return nil
}

// close frees the cursor. The source may be read on.
func (s *source) close() {
	if s.cursor != nil {
		_ = s.cursor.Close() // all that can be said of it was said by Next
		s.cursor = nil
	}
}

// textID returns the _id of a document. MongoDB has it first.
func textID(doc bson.Raw) ([]byte, bool) {
	const head = 4 + 1 + len("_id\x00") // the document's length, the type
	if len(doc) > head+5 && bson.Type(doc[4]) == bson.TypeString && string(doc[5:head]) == "_id\x00" {
		n := int(uint32(doc[head]) | uint32(doc[head+1])<<8 | uint32(doc[head+2])<<16 | uint32(doc[head+3])<<24)
		if n >= 1 && n <= len(doc)-head-4 {
			return doc[head+4 : head+4+n-1], true
		}
		return nil, false
	}
	v, err := doc.LookupErr("_id")
	if err != nil {
		return nil, false
	}
	id, ok := v.StringValueOK()
	return []byte(id), ok
}

func foreignID(bsonType string) error {
	return export.Errorf(export.CodeForeignID,
		"The tenant has users whose id is not text but %s. An export reads users in the order of their ids, which only text ids have in common.", bsonType)
}
