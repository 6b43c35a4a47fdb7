package export

import (
	"maps"
	"slices"
)

// Checkpoint is how far a file is stored: a further attempt that finds the storage as it says goes on from there, and makes
// the same bytes that an undisturbed run would have made. It holds the id of a user: it is kept, and never shown or sent.
type Checkpoint struct {
	Kind     FileKind `json:"kind,omitempty"` // of the file; "" for a users file of versions that made no others
	Key      string   `json:"key"`            // of the object that is to be
	UploadID string   `json:"uploadId"`       // what the storage calls the upload
	Parts    int      `json:"parts"`          // parts 1 to Parts are stored
	ETags    []byte   `json:"etags"`          // a digest of their ETags, in order

	LastID []byte `json:"lastId"` // of the last user in them
	Users  int64  `json:"users"`
	Rows   int64  `json:"rows"`  // header not counted
	Plain  int64  `json:"plain"` // bytes of CSV, header included
	Bytes  int64  `json:"bytes"` // as stored
	Hash   []byte `json:"hash"`  // the state of the SHA-256 behind them

	Matched int64  `json:"matched"` // users that matched when the export was prepared
	Missed  Missed `json:"missed"`

	File *File `json:"file,omitempty"` // set when every part is stored and only completing and proving are left
}

// maxMissedNames is how many names Missed tells apart: a store with a million odd ones must not fill the memory or the receipt.
const maxMissedNames = 50

// Missed counts values that are not in a file as the users have them.
type Missed struct {
	Names  map[string]int64 `json:"names,omitempty"`  // values that have no column, by stored path
	Others int64            `json:"others,omitempty"` // such values under further names
	Texts  int64            `json:"texts,omitempty"`  // texts that were not UTF-8
}

// Empty reports whether nothing was missed.
func (m Missed) Empty() bool { return len(m.Names) == 0 && m.Others == 0 && m.Texts == 0 }

// Name counts n values that have no column under their name.
func (m *Missed) Name(path string, n int64) {
	if _, known := m.Names[path]; !known && len(m.Names) == maxMissedNames {
		m.Others += n
		return
	}
	if m.Names == nil {
		m.Names = map[string]int64{}
	}
	m.Names[path] += n
}

// Add counts what o counts.
func (m *Missed) Add(o Missed) {
	for _, path := range slices.Sorted(maps.Keys(o.Names)) {
		m.Name(path, o.Names[path])
	}
	m.Others += o.Others
	m.Texts += o.Texts
}

// Clone returns a copy that shares nothing.
func (m Missed) Clone() Missed {
	m.Names = maps.Clone(m.Names)
	return m
}
