package csv

import (
	"maps"
	"slices"
)

// Limits of the cache of account names. The encoder asks again for evicted names, so the limits do
// not affect the file.
const (
	maxAccounts     = 1 << 16
	maxAccountBytes = 8 << 20
)

// accountCells caches account names, and records the cells whose name is unknown.
//
// The caller looks up names for many users at once, after the rows are encoded. Append leaves a
// cell open if its name is unknown, and FillNames inserts the names while it copies the rows.
type accountCells struct {
	cached    nameTable         // cells by id; empty for accounts that do not exist
	lookedUp  map[string][]byte // cells by id, from SetNames since the last Reset
	openCells []openCell        // in ascending order of offset
	nextOpen  int               // the first open cell that FillNames has not filled
	ids       []byte            // ids of the open cells, concatenated
}

// openCell is an offset in the output of Append at which a name is missing.
type openCell struct {
	offset      int
	idAt, idEnd int // bounds in accountCells.ids
}

// accountCell appends the name of an account as a cell, or leaves the cell open.
func (e *Encoder) accountCell(dst, id []byte) []byte {
	a := &e.accounts
	if len(id) == 0 {
		return dst
	}
	if cell, ok := a.cached.find(id); ok {
		return append(dst, cell...)
	}
	from := len(a.ids)
	a.ids = append(a.ids, id...)
	a.openCells = append(a.openCells, openCell{len(dst), from, len(a.ids)})
	return dst
}

// UnknownAccounts returns the ids of the accounts with open cells since the last Reset, sorted,
// without duplicates. If there are any, the caller must complete the rows with SetNames and
// FillNames.
func (e *Encoder) UnknownAccounts() []string {
	a := &e.accounts
	if len(a.openCells) == 0 {
		return nil
	}
	ids := map[string]struct{}{}
	for _, c := range a.openCells {
		if id := a.ids[c.idAt:c.idEnd]; !containsKey(ids, id) {
			ids[string(id)] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// SetNames sets the names of accounts. Accounts among ids that names does not contain do not exist:
// their cells are empty.
func (e *Encoder) SetNames(ids []string, names map[string]string) {
	a := &e.accounts
	if a.cached.slots == nil || a.cached.full(len(ids)) || len(a.cached.texts) > maxAccountBytes {
		a.cached = newNames(max(maxAccounts, len(ids)))
	}
	a.lookedUp = make(map[string][]byte, len(ids))
	for _, id := range ids {
		cell := e.labelCell(names[id])
		a.lookedUp[id] = cell
		a.cached.add(id, cell)
	}
}

// FillNames appends src[from:to] to dst and fills the open cells. src must hold all output of
// Append since the last Reset. Successive calls must cover src in ascending order.
func (e *Encoder) FillNames(dst, src []byte, from, to int) []byte {
	a := &e.accounts
	for ; a.nextOpen < len(a.openCells) && a.openCells[a.nextOpen].offset < to; a.nextOpen++ {
		c := a.openCells[a.nextOpen]
		dst = append(dst, src[from:c.offset]...)
		dst = append(dst, a.lookedUp[string(a.ids[c.idAt:c.idEnd])]...)
		from = c.offset
	}
	return append(dst, src[from:to]...)
}

// Reset drops the open cells. The caller has completed or discarded the rows so far.
func (e *Encoder) Reset() {
	a := &e.accounts
	a.openCells, a.ids, a.nextOpen, a.lookedUp = a.openCells[:0], a.ids[:0], 0, nil
}

func containsKey(m map[string]struct{}, key []byte) bool {
	_, ok := m[string(key)]
	return ok
}
