package pipeline

import (
	"context"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/encode/csv"
)

// block holds some users of one segment. A reader fills it with documents, a blockEncoder appends
// their rows, and the sequencer returns it to its blockPool.
type block struct {
	docs    []byte // copies: a cursor's document is valid only until its next call
	docEnds []int  // the end of each document in docs
	large   bool   // the last document is large; the sequencer releases the large gate

	rows   []byte // complete, without the rows of deferred users
	ids    []byte // the users' ids, concatenated
	misses []csv.Miss
	users  []blockUser

	encoded chan struct{} // receives a value once the rows and the fields after them are set
}

// blockUser holds the offsets at which one user's data ends.
type blockUser struct {
	rowsEnd  int // in block.rows
	idEnd    int // in block.ids
	missEnd  int // in block.misses
	rows     int64
	deferred bool // the rows are too large for the block: the sequencer encodes them
}

// id returns the id of user i.
func (b *block) id(i int) []byte {
	from := 0
	if i > 0 {
		from = b.users[i-1].idEnd
	}
	return b.ids[from:b.users[i].idEnd]
}

// missed returns the misses of the users first to last.
func (b *block) missed(first, last int) []csv.Miss {
	from := 0
	if first > 0 {
		from = b.users[first-1].missEnd
	}
	return b.misses[from:b.users[last].missEnd]
}

// doc returns the document of user i.
func (b *block) doc(i int) bson.Raw {
	from := 0
	if i > 0 {
		from = b.docEnds[i-1]
	}
	return b.docs[from:b.docEnds[i]]
}

// fill reads users until the block is full, and reports whether there may be more. It calls admit
// before it adds a large document, which is then the last of the block. A nil admit means no limit.
func (b *block) fill(ctx context.Context, from *source, s Settings, admit func(context.Context) error) (more bool, err error) {
	for len(b.docs) < s.BlockBytes && len(b.docEnds) < s.BlockUsers {
		doc, err := from.next(ctx)
		if err == io.EOF { //nolint:errorlint // a wrapped io.EOF is a broken connection, not the end
			return false, nil
		}
		if err != nil {
			return false, err
		}
		b.large = admit != nil && len(doc) > s.largeDocumentBytes()
		if b.large {
			if err := admit(ctx); err != nil {
				return false, err
			}
		}
		b.docs = append(b.docs, doc...)
		b.docEnds = append(b.docEnds, len(b.docs))
		if b.large {
			break
		}
	}
	return true, nil
}

// blockPool holds unused blocks.
type blockPool struct {
	free chan *block
	size int // bytes of documents per block
}

func newBlockPool(n, size int) blockPool { return blockPool{make(chan *block, n), size} }

func (p blockPool) get() *block {
	select {
	case b := <-p.free:
		return b
	default:
		return &block{docs: make([]byte, 0, p.size+slack), encoded: make(chan struct{}, 1)}
	}
}

func (p blockPool) put(b *block) {
	const uncommon = 4 // times the usual size: the block held an unusually large user
	if cap(b.docs) > uncommon*(p.size+slack) {
		b.docs = nil
	}
	if cap(b.rows) > uncommon*(p.size+slack) {
		b.rows = nil
	}
	b.docs, b.docEnds, b.large = b.docs[:0], b.docEnds[:0], false
	b.rows, b.ids, b.misses, b.users = b.rows[:0], b.ids[:0], b.misses[:0], b.users[:0]
	select {
	case p.free <- b:
	default:
	}
}
