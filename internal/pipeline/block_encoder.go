package pipeline

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/errs"
)

// blockEncoder encodes blocks. It looks up the account names that its encoder does not know, once
// per block.
type blockEncoder struct {
	task        *task
	userFilter  userFilter
	encoder     *csv.Encoder
	maxRowBytes int    // rows per block; users after that are deferred
	scratch     []byte // rows without their account names
}

func (t *task) newBlockEncoder() (*blockEncoder, error) {
	encoder, err := csv.New(t.options)
	if err != nil {
		return nil, errs.Wrap(errs.CodeInternal, err, "This version of Egress does not know the columns of the job.")
	}
	return &blockEncoder{task: t, userFilter: userFilter{task: t}, encoder: encoder, maxRowBytes: t.settings.maxBlockRowBytes()}, nil
}

// encode appends the rows of a block's documents to the block.
func (e *blockEncoder) encode(ctx context.Context, b *block) error {
	if err := e.userFilter.load(ctx, b.docs, b.docEnds); err != nil {
		return err
	}
	for i := range b.docEnds {
		if err := e.encodeUser(ctx, b, b.doc(i)); err != nil {
			return err
		}
	}
	return e.fillNames(ctx, b)
}

// encodeUser appends the rows of a document. It appends none if the document does not match, or if
// the block has no room for them: then it marks the user as deferred.
func (e *blockEncoder) encodeUser(ctx context.Context, b *block, doc bson.Raw) error {
	rows, n, err := b.rows, 0, error(nil)
	matches := e.userFilter.matches(doc)
	deferred := matches && (len(rows) > e.maxRowBytes || len(doc) > e.task.settings.largeDocumentBytes())
	if matches && !deferred {
		rows, n, err = e.encoder.Append(b.rows, doc)
		deferred = errors.Is(err, csv.ErrLarge)
	}
	id, _ := documentID(doc) // the source has checked that it is a string
	if err != nil && !deferred {
		return e.task.unreadableUserError(ctx, err, id)
	}
	b.rows = rows
	b.ids = append(b.ids, id...)
	b.misses = e.encoder.Missed(b.misses)
	b.users = append(b.users, blockUser{len(rows), len(b.ids), len(b.misses), int64(n), deferred})
	return nil
}

// fillNames inserts the missing account names.
func (e *blockEncoder) fillNames(ctx context.Context, b *block) error {
	defer e.encoder.Reset()
	ids := e.encoder.UnknownAccounts()
	if len(ids) == 0 {
		return nil
	}
	if err := e.lookUpNames(ctx, ids); err != nil {
		return err
	}
	e.scratch, b.rows = b.rows, e.scratch[:0]
	from := 0
	for i := range b.users {
		end := b.users[i].rowsEnd
		b.rows = e.encoder.FillNames(b.rows, e.scratch, from, end)
		from, b.users[i].rowsEnd = end, len(b.rows)
	}
	return nil
}

// lookUpNames loads the names of accounts into the encoder.
func (e *blockEncoder) lookUpNames(ctx context.Context, ids []string) error {
	names, err := e.task.runner.o.Accounts.AccountNames(ctx, e.task.tenant, ids)
	if err != nil {
		return wrapFailure(ctx, errs.CodeDatabaseUnavailable, err, "The user database failed while Egress was reading account names.")
	}
	e.encoder.SetNames(ids, names)
	return nil
}
