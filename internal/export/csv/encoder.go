package csv

import (
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// ErrMalformed means that a document is not well-formed BSON. The encoder never guesses.
var ErrMalformed = errors.New("csv: malformed BSON document")

// ErrTooLarge means that the rows of one user are larger than MaxUserBytes.
var ErrTooLarge = errors.New("csv: the rows of one user are too large")

// MaxUserBytes is how much one user may take up in a file. Since a user's own cells are repeated for every grant, a
// document of 16 MB could otherwise become gigabytes.
const MaxUserBytes = 256 << 20

// bom is the byte-order mark by which spreadsheets know UTF-8.
const bom = "\uFEFF"

// Options say what an Encoder writes.
type Options struct {
	Definition export.Definition // its groups, and the dialect
	Columns    []export.Column   // as Columns made them
	Passwords  []string          // attributes that are passed over in silence, as Passwords lists them
	Labels     Labels
}

// Labels are the names that stand in a file for ids.
type Labels struct {
	Stores   map[string]string // titles by store id; a store without one is named by its id
	Products map[string]string // labels by product id; a product without one has an empty cell
}

// Encoder turns users into rows. It passes once over each document, keeps nothing of it, and in the steady state
// allocates nothing. It is for one goroutine.
type Encoder struct {
	plan       *plan
	columns    []export.Column
	marks      bool // the spreadsheet dialect
	userSlots  []slot
	grantSlots []slot
	stores     map[string][]byte // cells by store id
	products   map[string][]byte // cells by product id
	accounts   accounts
	missed     missed
	json       []byte // scratch
	valid      []byte // scratch
}

// New returns an encoder. It refuses columns that are not such as Columns makes: a job may have been frozen by another
// version of Egress.
func New(o Options) (*Encoder, error) {
	p, err := compile(o.Definition, o.Columns, o.Passwords)
	if err != nil {
		return nil, err
	}
	e := &Encoder{
		plan:       p,
		columns:    o.Columns,
		marks:      o.Definition.File.Dialect == export.DialectSpreadsheet,
		userSlots:  make([]slot, p.userSlots),
		grantSlots: make([]slot, p.grantSlots),
	}
	e.stores, e.products = e.cellsOf(o.Labels.Stores), e.cellsOf(o.Labels.Products)
	return e, nil
}

// cellsOf writes labels as cells.
func (e *Encoder) cellsOf(labels map[string]string) map[string][]byte {
	cells := make(map[string][]byte, len(labels))
	for id, label := range labels {
		cells[id] = e.label(label)
	}
	return cells
}

// label returns a name as a cell. Whatever is odd in it is no user's value and is not counted.
func (e *Encoder) label(name string) []byte {
	counted := e.missed.text
	cell := e.text(nil, []byte(name))
	e.missed.text = counted
	return cell
}

// Header appends the first record, the names of the columns, and before it what the dialect begins a file with.
func (e *Encoder) Header(dst []byte) []byte {
	if e.marks {
		dst = append(dst, bom...)
	}
	for i, c := range e.columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = e.text(dst, []byte(c.Name))
	}
	return append(dst, '\r', '\n')
}

// Append appends the rows of one user to dst, and returns how many they are: one for each grant where the file has
// grant columns, and at least one. On an error dst is returned as it was.
//
// Names of accounts that the encoder does not know yet are left open: see Unnamed.
func (e *Encoder) Append(dst []byte, doc bson.Raw) (out []byte, rows int, err error) {
	start, open := len(dst), len(e.accounts.open)
	out, rows, err = e.append(dst, doc)
	if err != nil {
		e.accounts.open = e.accounts.open[:open]
		return dst[:start], 0, err
	}
	return out, rows, nil
}

func (e *Encoder) append(dst []byte, doc []byte) ([]byte, int, error) {
	p := e.plan
	start := len(dst)
	clear(e.userSlots)
	if !e.walk(p.root, doc, 0, e.userSlots) {
		return dst, 0, ErrMalformed
	}
	dst, ok := e.cells(dst, doc, p.userCells, e.userSlots)
	if !ok {
		return dst, 0, ErrMalformed
	}
	if p.grant == nil {
		if len(dst) == start { // one column, and it is empty: a bare line would be no record to most readers
			dst = append(dst, '"', '"')
		}
		return append(dst, '\r', '\n'), 1, nil
	}
	return e.grants(dst, doc, start)
}

// grants completes a row for every grant, or one with empty cells where there is none. The user's own cells, from start
// on, are already there.
func (e *Encoder) grants(dst, doc []byte, start int) ([]byte, int, error) {
	p := e.plan
	end := len(dst)
	rows := 0
	if s := e.userSlots[p.grantsSlot]; s.typ == bson.TypeArray {
		last := int(s.end) - 1
		for at := int(s.at) + 4; at < last; {
			typ := bson.Type(doc[at])
			index, _, ok := cutZero(doc[at+1 : last])
			if !ok {
				return dst, 0, ErrMalformed
			}
			at += 1 + len(index) + 1
			stop := valueEnd(typ, doc, at, last)
			if stop < 0 {
				return dst, 0, ErrMalformed
			}
			switch {
			case typ == bson.TypeEmbeddedDocument:
				if rows > 0 {
					dst = append(dst, dst[start:end]...)
				}
				rows++
				clear(e.grantSlots)
				if !e.walk(p.grant, doc, at, e.grantSlots) {
					return dst, 0, ErrMalformed
				}
				dst = append(dst, ',')
				if dst, ok = e.cells(dst, doc, p.grantCells, e.grantSlots); !ok {
					return dst, 0, ErrMalformed
				}
				dst = append(dst, '\r', '\n')
				if len(dst)-start > MaxUserBytes {
					return dst, 0, ErrTooLarge
				}
			case !empty(typ):
				miss(&e.missed, "", "grants")
			}
			at = stop
		}
	} else if s.typ != 0 && !empty(s.typ) {
		miss(&e.missed, "", "grants")
	}
	if rows == 0 {
		rows++
		for range p.grantCells {
			dst = append(dst, ',')
		}
		dst = append(dst, '\r', '\n')
	}
	return dst, rows, nil
}

// cells appends the cells of one level, with commas between them.
func (e *Encoder) cells(dst, doc []byte, cells []cell, slots []slot) ([]byte, bool) {
	for i, c := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		s := slots[c.slot]
		if s.typ == bson.TypeString { // the commonest by far
			text := doc[s.at+4 : s.end-1]
			switch c.form {
			case storeForm:
				if title, ok := e.stores[string(text)]; ok {
					dst = append(dst, title...)
					continue
				}
			case productForm:
				dst = append(dst, e.products[string(text)]...)
				continue
			case accountForm:
				dst = e.account(dst, text)
				continue
			}
			dst = e.text(dst, text)
			continue
		}
		if c.form == productForm || c.form == accountForm {
			continue // an id that is not text names nothing
		}
		var ok bool
		if dst, ok = e.value(dst, doc, s, c.form); !ok {
			return dst, false
		}
	}
	return dst, true
}
