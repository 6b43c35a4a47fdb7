package csv

import (
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// ErrMalformed means that a document is not well-formed BSON. The encoder never writes a guess.
var ErrMalformed = errors.New("csv: malformed BSON document")

// bom is the byte-order mark, by which spreadsheets recognize UTF-8.
const bom = "\uFEFF"

// Options configure an Encoder.
type Options struct {
	Definition export.Definition // selects groups and dialect
	Columns    []export.Column   // from the function Columns
	Passwords  []string          // attributes to ignore without a warning, from PasswordSlugs
	Labels     Labels
}

// Labels are the names that the file shows instead of ids.
type Labels struct {
	Stores   map[string]string // titles by store id; a store without a title is shown by its id
	Products map[string]string // labels by product id; a product without a label has an empty cell
}

// Encoder encodes users as rows. It walks each document once, keeps no reference to it, and does
// not allocate in the steady state. It is not safe for concurrent use.
type Encoder struct {
	plan        *plan
	columns     []export.Column
	spreadsheet bool // the dialect
	userSlots   []slot
	grantSlots  []slot
	stores      map[string][]byte // cells by store id
	products    map[string][]byte // cells by product id
	accounts    accountCells
	misses      missCounts
	json        []byte // scratch
	valid       []byte // scratch
}

// New returns an encoder. It returns an error for columns that this version of Egress does not
// know: another version may have frozen them in a job.
func New(o Options) (*Encoder, error) {
	p, err := compile(o.Definition, o.Columns, o.Passwords)
	if err != nil {
		return nil, err
	}
	e := &Encoder{
		plan:        p,
		columns:     o.Columns,
		spreadsheet: o.Definition.File.Dialect == export.DialectSpreadsheet,
		userSlots:   make([]slot, p.userSlots),
		grantSlots:  make([]slot, p.grantSlots),
	}
	e.stores, e.products = e.labelCells(o.Labels.Stores), e.labelCells(o.Labels.Products)
	return e, nil
}

// labelCells encodes labels as cells.
func (e *Encoder) labelCells(labels map[string]string) map[string][]byte {
	cells := make(map[string][]byte, len(labels))
	for id, label := range labels {
		cells[id] = e.labelCell(label)
	}
	return cells
}

// labelCell encodes a name as a cell. Invalid UTF-8 in it does not count as a miss.
func (e *Encoder) labelCell(name string) []byte {
	counted := e.misses.invalidTexts
	cell := e.text(nil, []byte(name))
	e.misses.invalidTexts = counted
	return cell
}

// Header appends the record of column names, in the spreadsheet dialect after a byte-order mark.
func (e *Encoder) Header(dst []byte) []byte {
	if e.spreadsheet {
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

// Append appends the rows of one user to dst and returns their number: one per grant if the file
// has grant columns, and at least one. On an error it returns dst unchanged and counts no misses.
// ErrLarge means that the rows, without account names, are larger than MaxAppend.
//
// Append leaves the cells of unknown account names open: see UnknownAccounts.
func (e *Encoder) Append(dst []byte, doc bson.Raw) (out []byte, rows int, err error) {
	start, openBefore := len(dst), len(e.accounts.openCells)
	out, rows, err = e.append(dst, doc)
	if err != nil {
		e.accounts.openCells = e.accounts.openCells[:openBefore]
		e.misses.discard()
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
	if len(dst)-start > MaxAppend {
		return dst, 0, ErrLarge
	}
	if p.grant == nil {
		if len(dst) == start { // most readers would skip an empty line
			dst = append(dst, '"', '"')
		}
		return append(dst, '\r', '\n'), 1, nil
	}
	return e.grants(dst, doc, start)
}

// grants appends one row per grant, or one row with empty grant cells. dst[start:] already holds
// the user's own cells.
func (e *Encoder) grants(dst, doc []byte, start int) ([]byte, int, error) {
	p := e.plan
	end := len(dst)
	rows := 0
	if s := e.userSlots[p.grantsSlot]; s.typ == bson.TypeArray {
		last := int(s.end) - 1
		for at := int(s.at) + 4; at < last; {
			begin, stop, typ := arrayElement(doc, at, last)
			if stop < 0 {
				return dst, 0, ErrMalformed
			}
			switch {
			case typ == bson.TypeEmbeddedDocument:
				if rows > 0 {
					dst = append(dst, dst[start:end]...)
				}
				rows++
				var ok bool
				if dst, ok = e.grantRow(dst, doc, begin); !ok {
					return dst, 0, ErrMalformed
				}
				if len(dst)-start > MaxAppend {
					return dst, 0, ErrLarge
				}
			case !isNull(typ):
				countMiss(&e.misses, "", "grants")
			}
			at = stop
		}
	} else if s.typ != 0 && !isNull(s.typ) {
		countMiss(&e.misses, "", "grants")
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

// cells appends the cells of a user or of a grant, separated by commas.
func (e *Encoder) cells(dst, doc []byte, cells []cell, slots []slot) ([]byte, bool) {
	for i, c := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		s := slots[c.slot]
		if s.typ == bson.TypeString { // by far the most common type
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
				dst = e.accountCell(dst, text)
				continue
			}
			dst = e.text(dst, text)
			continue
		}
		if c.form == productForm || c.form == accountForm {
			continue // only a string is an id
		}
		var ok bool
		if dst, ok = e.value(dst, doc, s, c.form); !ok {
			return dst, false
		}
	}
	return dst, true
}
