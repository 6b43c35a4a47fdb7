package run

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/csv"
)

// maxBlock is the size in bytes at which a block is handed on, however few users it has.
const maxBlock = segmentBytes / segmentBlocks

// block is a number of users of one segment, encoded. It passes from a reader to the one who puts the file together, and
// back.
type block struct {
	rows   []byte // complete
	ids    []byte // of the users, end to end
	misses []csv.Miss
	users  []blockUser
}

type blockUser struct {
	end     int32 // in block.rows
	idEnd   int32 // in block.ids
	missEnd int32 // in block.misses
	rows    int32
}

// id returns that of user i.
func (b *block) id(i int) []byte {
	from := int32(0)
	if i > 0 {
		from = b.users[i-1].idEnd
	}
	return b.ids[from:b.users[i].idEnd]
}

// missed returns what was missed of users first to last.
func (b *block) missed(first, last int) []csv.Miss {
	from := int32(0)
	if first > 0 {
		from = b.users[first-1].missEnd
	}
	return b.misses[from:b.users[last].missEnd]
}

func (b *block) reset() {
	if cap(b.rows) > 4*maxBlock {
		b.rows = nil // grown by an uncommonly large user
	}
	b.rows, b.ids, b.misses, b.users = b.rows[:0], b.ids[:0], b.misses[:0], b.users[:0]
}

// blocks are those that nobody uses.
type blocks struct{ free chan *block }

func newBlocks(n int) blocks { return blocks{make(chan *block, n)} }

func (p blocks) get() *block {
	select {
	case b := <-p.free:
		return b
	default:
		return &block{rows: make([]byte, 0, maxBlock+slack)}
	}
}

func (p blocks) put(b *block) {
	b.reset()
	select {
	case p.free <- b:
	default:
	}
}

// reader reads and encodes users. The names of accounts are looked up for all of a block at once, where the encoder does not
// know them yet.
type reader struct {
	task    *task
	encoder *csv.Encoder
	pool    blocks
	block   *block
	ahead   *ahead
}

func (t *task) reader(pool blocks) (*reader, error) {
	encoder, err := csv.New(t.options)
	if err != nil {
		return nil, export.Wrap(export.CodeInternal, err, "The columns of the job are not known to this version of Egress.")
	}
	return &reader{task: t, encoder: encoder, pool: pool, block: pool.get(), ahead: newAhead(t.settings.AheadBytes)}, nil
}

// read reads a segment's users into its blocks.
func (r *reader) read(ctx context.Context, s *segment, reopened func()) error {
	crew, ctx := newCrew(ctx)
	r.ahead.begin()
	crew.Go(func() error {
		users := r.task.source(s.span, reopened)
		defer users.close()
		return r.ahead.fill(ctx, users)
	})
	crew.Go(func() error { return r.encode(ctx, s) })
	return crew.wait()
}

func (r *reader) encode(ctx context.Context, s *segment) error {
	for {
		doc, err := r.ahead.next(ctx)
		if err != nil {
			return err
		}
		if doc == nil {
			break
		}
		if err := r.add(ctx, doc); err != nil {
			return err
		}
		if len(r.block.users) == r.task.settings.BlockUsers || len(r.block.rows) >= maxBlock {
			if err := r.hand(ctx, s); err != nil {
				return err
			}
		}
	}
	if err := r.hand(ctx, s); err != nil {
		return err
	}
	close(s.blocks)
	return nil
}

func (r *reader) add(ctx context.Context, doc bson.Raw) error {
	b := r.block
	id, _ := textID(doc) // the source has seen that it is text
	rows, n, err := r.encoder.Append(b.rows, doc)
	switch {
	case errors.Is(err, csv.ErrTooLarge):
		return export.Wrap(export.CodeFileTooLarge, err, "The rows of one user are larger than "+megabytes(csv.MaxUserBytes)+".")
	case err != nil:
		return failed(ctx, export.CodeDatabase, err, "The user database returned a user that cannot be read.")
	}
	b.rows = rows
	b.ids = append(b.ids, id...)
	b.misses = r.encoder.Missed(b.misses)
	b.users = append(b.users, blockUser{int32(len(rows)), int32(len(b.ids)), int32(len(b.misses)), int32(n)})
	return nil
}

// hand completes the block and hands it on.
func (r *reader) hand(ctx context.Context, s *segment) error {
	if len(r.block.users) == 0 {
		return nil
	}
	if err := r.complete(ctx); err != nil {
		return err
	}
	select {
	case s.blocks <- r.block:
		r.block = r.pool.get()
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// complete puts in the names that are missing.
func (r *reader) complete(ctx context.Context) error {
	defer r.encoder.Reset()
	ids := r.encoder.Unnamed()
	if len(ids) == 0 {
		return nil
	}
	names, err := r.task.runner.Directory.AccountNames(ctx, r.task.tenant, ids)
	if err != nil {
		return failed(ctx, export.CodeDatabase, err, "The user database failed while the names of accounts were read.")
	}
	r.encoder.Name(ids, names)
	open, filled := r.block, r.pool.get()
	from := 0
	for _, u := range open.users {
		filled.rows = r.encoder.Fill(filled.rows, open.rows, from, int(u.end))
		from, u.end = int(u.end), int32(len(filled.rows))
		filled.users = append(filled.users, u)
	}
	filled.ids, open.ids = open.ids, filled.ids
	filled.misses, open.misses = open.misses, filled.misses
	r.block = filled
	r.pool.put(open)
	return nil
}
