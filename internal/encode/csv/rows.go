package csv

import (
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ErrLarge means that the rows of one user are larger than MaxAppend. Use Encoder.Rows for this
// user.
var ErrLarge = errors.New("csv: the rows of one user exceed the limit of Append")

// MaxAppend is the maximum size in bytes of the rows that one Append writes. Every row of a user
// repeats the user's own cells, so a document of some kilobytes can become gigabytes of rows.
const MaxAppend = 1 << 20

// maxKeptScratch is the size in bytes above which an encoder drops its scratch buffers after a
// large user.
const maxKeptScratch = 1 << 20

// Rows encodes the rows of one large user in batches. It holds the user's own cells once, and one
// batch. A cell has at most six bytes per byte of the document (a control character in JSON), so
// the size of a document bounds the memory.
//
// Between Encoder.Rows and Close, the encoder must not be used for other users.
type Rows struct {
	encoder *Encoder
	doc     []byte

	userCells []byte // the user's own cells, with which each row begins
	at, last  int    // the rest of the grants array in doc
	rows      int    // encoded so far
	ended     bool

	storedBytes, cellBytes int // of the grants so far: as BSON, and as cells
}

// Rows starts the rows of a user. Encoder.Missed reports misses after the last batch.
func (e *Encoder) Rows(doc bson.Raw) (*Rows, error) {
	p := e.plan
	clear(e.userSlots)
	if !e.walk(p.root, doc, 0, e.userSlots) {
		return nil, ErrMalformed
	}
	own, ok := e.cells(nil, doc, p.userCells, e.userSlots)
	if !ok {
		return nil, ErrMalformed
	}
	r := &Rows{encoder: e, doc: doc, userCells: own}
	if p.grant == nil {
		return r, nil
	}
	switch s := e.userSlots[p.grantsSlot]; {
	case s.typ == bson.TypeArray:
		r.at, r.last = int(s.at)+4, int(s.end)-1
	case s.typ != 0 && !isNull(s.typ):
		countMiss(&e.misses, "", "grants")
	}
	return r, nil
}

// Own returns the user's own cells, with which every row begins.
func (r *Rows) Own() []byte { return r.userCells }

// Next appends the grant cells of the next rows to dst. A row is Own followed by its grant cells.
// Next stops after the row that reaches size bytes, appends the end of each row in dst to ends, and
// reports whether there may be more rows. It leaves the cells of unknown account names open, as
// Append does.
func (r *Rows) Next(dst []byte, ends []int, size int) (out []byte, all []int, more bool, err error) {
	start := len(dst)
	for len(dst)-start < size && !r.ended {
		if dst, err = r.next(dst); err != nil {
			return dst, ends, false, err
		}
		if !r.ended || r.rows == 0 {
			r.rows++
			ends = append(ends, len(dst))
		}
	}
	return dst, ends, !r.ended, nil
}

// next appends the grant cells of the next row. After the last grant it appends nothing, except for
// a user without grants, who has one row with empty cells.
func (r *Rows) next(dst []byte) ([]byte, error) {
	p := r.encoder.plan
	for r.at < r.last {
		at, stop, typ := arrayElement(r.doc, r.at, r.last)
		if stop < 0 {
			return dst, ErrMalformed
		}
		r.at = stop
		if typ != bson.TypeEmbeddedDocument {
			if !isNull(typ) {
				countMiss(&r.encoder.misses, "", "grants")
			}
			continue
		}
		start := len(dst)
		dst, ok := r.encoder.grantRow(dst, r.doc, at)
		if !ok {
			return dst, ErrMalformed
		}
		r.storedBytes += stop - at
		r.cellBytes += len(dst) - start
		return dst, nil
	}
	r.ended = true
	if r.rows > 0 {
		return dst, nil
	}
	if len(r.userCells) == 0 && p.grant == nil {
		dst = append(dst, '"', '"') // as in Append
	}
	for range p.grantCells {
		dst = append(dst, ',')
	}
	return append(dst, '\r', '\n'), nil
}

// arrayElement returns the bounds and the type of the array element at doc[at:]. stop is -1 if the
// element is malformed.
func arrayElement(doc []byte, at, last int) (begin, stop int, typ bson.Type) {
	typ = bson.Type(doc[at])
	index, _, ok := cutZero(doc[at+1 : last])
	if !ok {
		return 0, -1, typ
	}
	at += 1 + len(index) + 1
	return at, valueEnd(typ, doc, at, last), typ
}

// grantRow appends the cells of the grant at doc[at:] and the line end.
func (e *Encoder) grantRow(dst, doc []byte, at int) ([]byte, bool) {
	clear(e.grantSlots)
	if !e.walk(e.plan.grant, doc, at, e.grantSlots) {
		return dst, false
	}
	dst, ok := e.cells(append(dst, ','), doc, e.plan.grantCells, e.grantSlots)
	return append(dst, '\r', '\n'), ok
}

// Remaining returns the number of remaining rows, and estimates their size in bytes from the grants
// so far. The size is exact if there are no grants.
func (r *Rows) Remaining() (rows, bytes int64) {
	if r.ended {
		return 0, 0
	}
	var stored int64
	for at := r.at; at < r.last; {
		begin, stop, typ := arrayElement(r.doc, at, r.last)
		if stop < 0 {
			break
		}
		if typ == bson.TypeEmbeddedDocument {
			rows++
			stored += int64(stop - begin)
		}
		at = stop
	}
	if rows == 0 && r.rows > 0 {
		return 0, 0
	}
	cells := stored / 2 // BSON has about as many bytes of field names and types
	if r.storedBytes > 0 {
		cells = int64(float64(stored) * float64(r.cellBytes) / float64(r.storedBytes))
	}
	rows = max(rows, 1)
	return rows, rows*int64(len(r.userCells)) + cells
}

// Close ends the rows, drops scratch buffers that grew, and discards misses that nobody asked for.
func (r *Rows) Close() {
	e := r.encoder
	if cap(e.json) > maxKeptScratch {
		e.json = nil
	}
	if cap(e.valid) > maxKeptScratch {
		e.valid = nil
	}
	e.misses.discard()
	e.Reset()
	r.userCells = nil
}

// discard drops the misses since the last call of Missed.
func (m *missCounts) discard() {
	for _, n := range m.counted {
		n.Count = 0
	}
	m.counted, m.invalidTexts = m.counted[:0], 0
}
