package csv

import (
	"maps"
	"slices"
)

// What an encoder remembers of account names. What it forgets is asked for again, so the file is the same whatever the
// numbers.
const (
	maxAccounts     = 1 << 16
	maxAccountBytes = 8 << 20
)

// accounts are the account names that an encoder knows, and the cells that wait for one.
//
// Names are looked up for many users at once, after their rows were written: a cell whose name is not known is left open,
// and Fill puts the names in when it copies the rows on.
type accounts struct {
	known nameTable         // cells by id; empty where there is no such account
	asked map[string][]byte // cells by id, of those that were named since the last Reset
	open  []openCell        // in the order of at
	next  int               // the first of open that Fill has not come to
	ids   []byte            // the ids of open cells, end to end
}

// openCell is a place in what Append returned where a name is missing.
type openCell struct {
	at           int // offset
	idAt, idStop int // in accounts.ids
}

// account appends the name of an account as a cell, or leaves it open.
func (e *Encoder) account(dst, id []byte) []byte {
	a := &e.accounts
	if len(id) == 0 {
		return dst
	}
	if cell, ok := a.known.find(id); ok {
		return append(dst, cell...)
	}
	from := len(a.ids)
	a.ids = append(a.ids, id...)
	a.open = append(a.open, openCell{len(dst), from, len(a.ids)})
	return dst
}

// Unnamed returns the ids of the accounts whose names were missing since the last Reset, sorted, each once. While there are
// any, what Append returned is to be completed by Name and Fill.
func (e *Encoder) Unnamed() []string {
	a := &e.accounts
	if len(a.open) == 0 {
		return nil
	}
	ids := map[string]struct{}{}
	for _, c := range a.open {
		if id := a.ids[c.idAt:c.idStop]; !has(ids, id) {
			ids[string(id)] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// Name tells the names of accounts: those of ids that names lacks do not exist, and their cells are empty.
func (e *Encoder) Name(ids []string, names map[string]string) {
	a := &e.accounts
	if a.known.slots == nil || a.known.full(len(ids)) || len(a.known.texts) > maxAccountBytes {
		a.known = newNames(max(maxAccounts, len(ids)))
	}
	a.asked = make(map[string][]byte, len(ids))
	for _, id := range ids {
		cell := e.label(names[id])
		a.asked[id] = cell
		a.known.add(id, cell)
	}
}

// Fill appends src[from:to] to dst with the names in its open cells. src is what Append returned, written since the last
// Reset from an empty slice on, and is copied from front to back.
func (e *Encoder) Fill(dst, src []byte, from, to int) []byte {
	a := &e.accounts
	for ; a.next < len(a.open) && a.open[a.next].at < to; a.next++ {
		c := a.open[a.next]
		dst = append(dst, src[from:c.at]...)
		dst = append(dst, a.asked[string(a.ids[c.idAt:c.idStop])]...)
		from = c.at
	}
	return append(dst, src[from:to]...)
}

// Reset forgets the open cells. What Append returned before is complete, or given up.
func (e *Encoder) Reset() {
	a := &e.accounts
	a.open, a.ids, a.next, a.asked = a.open[:0], a.ids[:0], 0, nil
}

func has(m map[string]struct{}, key []byte) bool {
	_, ok := m[string(key)]
	return ok
}
