package run

import (
	"context"
	"errors"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/csv"
)

// block is a number of users of one segment. A reader fills it with documents, an encoder turns them into rows, and whoever
// puts the file together gives it back.
type block struct {
	docs []byte // the documents, copied: what a cursor returns is valid until its next call only
	ends []int  // of each in docs

	rows   []byte // complete
	ids    []byte // of the users, end to end
	misses []csv.Miss
	users  []blockUser

	encoded chan struct{} // holds something once rows and what follows are there
}

// blockUser is where a user ends.
type blockUser struct {
	end     int // in block.rows
	idEnd   int // in block.ids
	missEnd int // in block.misses
	rows    int64
}

// id returns that of user i.
func (b *block) id(i int) []byte {
	from := 0
	if i > 0 {
		from = b.users[i-1].idEnd
	}
	return b.ids[from:b.users[i].idEnd]
}

// missed returns what was missed of users first to last.
func (b *block) missed(first, last int) []csv.Miss {
	from := 0
	if first > 0 {
		from = b.users[first-1].missEnd
	}
	return b.misses[from:b.users[last].missEnd]
}

// fill reads users until the block is full, and reports whether there may be more.
func (b *block) fill(ctx context.Context, from *source, s Settings) (more bool, err error) {
	for len(b.docs) < s.BlockBytes && len(b.ends) < s.BlockUsers {
		doc, err := from.next(ctx)
		if err == io.EOF { //nolint:errorlint // one that is wrapped is a broken connection, not the end
			return false, nil
		}
		if err != nil {
			return false, err
		}
		b.docs = append(b.docs, doc...)
		b.ends = append(b.ends, len(b.docs))
	}
	return true, nil
}

// blocks are those that nobody uses.
type blocks struct {
	free chan *block
	size int // of documents, in bytes
}

func newBlocks(n, size int) blocks { return blocks{make(chan *block, n), size} }

func (p blocks) get() *block {
	select {
	case b := <-p.free:
		return b
	default:
		return &block{docs: make([]byte, 0, p.size+slack), encoded: make(chan struct{}, 1)}
	}
}

func (p blocks) put(b *block) {
	const uncommon = 8 // times as large as usual: a user was
	if cap(b.docs) > uncommon*(p.size+slack) {
		b.docs = nil
	}
	if cap(b.rows) > uncommon*(p.size+slack) {
		b.rows = nil
	}
	b.docs, b.ends = b.docs[:0], b.ends[:0]
	b.rows, b.ids, b.misses, b.users = b.rows[:0], b.ids[:0], b.misses[:0], b.users[:0]
	select {
	case p.free <- b:
	default:
	}
}

// coder encodes blocks. The names of accounts are looked up for all of a block at once, where the encoder does not know them
// yet.
type coder struct {
	task    *task
	members members
	encoder *csv.Encoder
	open    []byte // scratch: rows in which names are missing
}

func (t *task) coder() (*coder, error) {
	encoder, err := csv.New(t.options)
	if err != nil {
		return nil, export.Wrap(export.CodeInternal, err, "The columns of the job are not known to this version of Egress.")
	}
	return &coder{task: t, members: members{task: t}, encoder: encoder}, nil
}

// encode makes the rows of a block's documents.
func (c *coder) encode(ctx context.Context, b *block) error {
	if err := c.members.look(ctx, b.docs, b.ends); err != nil {
		return err
	}
	from := 0
	for _, end := range b.ends {
		if err := c.add(ctx, b, b.docs[from:end]); err != nil {
			return err
		}
		from = end
	}
	return c.complete(ctx, b)
}

// add appends the rows of a document, none where it does not belong in the file.
func (c *coder) add(ctx context.Context, b *block, doc bson.Raw) error {
	rows, n, err := b.rows, 0, error(nil)
	if c.members.has(doc) {
		rows, n, err = c.encoder.Append(b.rows, doc)
	}
	switch {
	case errors.Is(err, csv.ErrTooLarge):
		return export.Wrap(export.CodeFileTooLarge, err, "The rows of one user are larger than "+megabytes(csv.MaxUserBytes)+".")
	case err != nil:
		return failed(ctx, export.CodeDatabase, err, "The user database returned a user that cannot be read.")
	}
	id, _ := textID(doc) // the source has seen that it is text
	b.rows = rows
	b.ids = append(b.ids, id...)
	b.misses = c.encoder.Missed(b.misses)
	b.users = append(b.users, blockUser{len(rows), len(b.ids), len(b.misses), int64(n)})
	return nil
}

// complete puts in the names that are missing.
func (c *coder) complete(ctx context.Context, b *block) error {
	defer c.encoder.Reset()
	ids := c.encoder.Unnamed()
	if len(ids) == 0 {
		return nil
	}
	names, err := c.task.runner.Directory.AccountNames(ctx, c.task.tenant, ids)
	if err != nil {
		return failed(ctx, export.CodeDatabase, err, "The user database failed while the names of accounts were read.")
	}
	c.encoder.Name(ids, names)
	c.open, b.rows = b.rows, c.open[:0]
	from := 0
	for i := range b.users {
		end := b.users[i].end
		b.rows = c.encoder.Fill(b.rows, c.open, from, end)
		from, b.users[i].end = end, len(b.rows)
	}
	return nil
}
