package csv

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
)

// nameTable finds cells by ids: the names that stand in a file for ids, as they are written there. It is a hash table of
// small slots whose ids and cells lie side by side, since the names of a million accounts do not fit into a processor's cache:
// a look-up costs about one miss, where a map of strings costs five.
type nameTable struct {
	seed  maphash.Seed
	slots []nameSlot // as many as a power of two, at most half of them taken
	taken int
	texts []byte // of each name: the lengths of id and cell, id, cell
}

type nameSlot struct {
	hash uint32
	at   uint32 // in nameTable.texts; 0 where the slot is empty
}

// What a name may have to be remembered. Longer ones are looked up each time.
const maxNameLen = 1<<16 - 1

const nameHead = 4 // bytes before an id: two lengths

// newNames makes room for n names.
func newNames(n int) nameTable {
	size := 64
	for size < 2*n {
		size *= 2
	}
	return nameTable{seed: maphash.MakeSeed(), slots: make([]nameSlot, size), texts: make([]byte, 1)}
}

// full reports whether n more names do not fit.
func (t *nameTable) full(n int) bool { return 2*(t.taken+n) > len(t.slots) }

// find returns the cell of an id, and whether it is known.
func (t *nameTable) find(id []byte) ([]byte, bool) {
	if t.taken == 0 {
		return nil, false
	}
	hash := maphash.Bytes(t.seed, id)
	mask := len(t.slots) - 1
	for i := int(hash>>32) & mask; t.slots[i].at != 0; i = (i + 1) & mask {
		if t.slots[i].hash != uint32(hash) {
			continue
		}
		text := t.texts[t.slots[i].at:]
		idLen, cellLen := int(binary.LittleEndian.Uint16(text)), int(binary.LittleEndian.Uint16(text[2:]))
		if idLen == len(id) && bytes.Equal(text[nameHead:nameHead+idLen], id) {
			return text[nameHead+idLen : nameHead+idLen+cellLen], true
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
	mask := len(t.slots) - 1
	i := int(hash>>32) & mask
	for t.slots[i].at != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = nameSlot{hash: uint32(hash), at: uint32(len(t.texts))}
	t.taken++
	t.texts = binary.LittleEndian.AppendUint16(t.texts, uint16(len(id)))
	t.texts = binary.LittleEndian.AppendUint16(t.texts, uint16(len(cell)))
	t.texts = append(append(t.texts, id...), cell...)
}
