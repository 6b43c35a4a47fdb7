package csv

import (
	"bytes"
	"hash/maphash"
)

// nameTable finds cells by ids: the names that stand in a file for ids, as they are written there. It is a hash table whose
// ids and cells lie side by side, since the names of a million accounts do not fit into a processor's cache: a look-up
// costs two misses, where a map of strings costs five.
type nameTable struct {
	seed  maphash.Seed
	slots []nameSlot // as many as a power of two, at most half of them taken
	taken int
	texts []byte // id and cell of each name, end to end
}

type nameSlot struct {
	hash  uint64
	at    uint32 // in nameTable.texts
	idLen uint16
	len   uint16 // of the cell
	taken bool
}

// What a name may have to be remembered. Longer ones are looked up each time.
const maxNameLen = 1<<16 - 1

// newNames makes room for n names.
func newNames(n int) nameTable {
	size := 64
	for size < 2*n {
		size *= 2
	}
	return nameTable{seed: maphash.MakeSeed(), slots: make([]nameSlot, size)}
}

// full reports whether n more names do not fit.
func (t *nameTable) full(n int) bool { return 2*(t.taken+n) > len(t.slots) }

// find returns the cell of an id, and whether it is known.
func (t *nameTable) find(id []byte) ([]byte, bool) {
	if t.taken == 0 {
		return nil, false
	}
	hash := maphash.Bytes(t.seed, id)
	for i := int(hash) & (len(t.slots) - 1); t.slots[i].taken; i = (i + 1) & (len(t.slots) - 1) {
		s := &t.slots[i]
		if s.hash == hash && int(s.idLen) == len(id) {
			text := t.texts[s.at:]
			if bytes.Equal(text[:s.idLen], id) {
				return text[s.idLen : int(s.idLen)+int(s.len)], true
			}
		}
	}
	return nil, false
}

// add remembers the cell of an id that is not there yet. The caller sees to it that there is room.
func (t *nameTable) add(id string, cell []byte) {
	if len(id) > maxNameLen || len(cell) > maxNameLen || len(t.texts) > 1<<31 {
		return
	}
	hash := maphash.String(t.seed, id)
	i := int(hash) & (len(t.slots) - 1)
	for t.slots[i].taken {
		i = (i + 1) & (len(t.slots) - 1)
	}
	t.slots[i] = nameSlot{hash: hash, at: uint32(len(t.texts)), idLen: uint16(len(id)), len: uint16(len(cell)), taken: true}
	t.taken++
	t.texts = append(append(t.texts, id...), cell...)
}
