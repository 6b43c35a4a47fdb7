package export

import (
	"maps"
	"slices"
	"time"
)

// Checkpoint is the stored part of an incomplete file. If the storage still matches the checkpoint,
// the next attempt resumes there, and the file gets the same bytes as without an interruption. A
// checkpoint contains a user id: only the store keeps it, and nothing shows or sends it.
type Checkpoint struct {
	Kind     FileKind `json:"kind,omitempty"` // "" for a users file of older versions
	Key      string   `json:"key"`            // the key of the object
	UploadID string   `json:"uploadId"`       // the id of the multipart upload
	Location Location `json:"location"`       // the bucket of the object; empty in checkpoints of older versions
	Parts    int      `json:"parts"`          // parts 1 to Parts are stored
	ETags    []byte   `json:"etags"`          // a digest of the parts' ETags, in order

	// Checksums are the checksums that the storage returned for the parts; "" for none. Nil if it
	// returned none for any part, and in checkpoints of older versions.
	Checksums []string `json:"checksums,omitempty"`

	// Counts of the stored parts.
	LastID []byte `json:"lastId"` // the id of the last user
	Users  int64  `json:"users"`
	Rows   int64  `json:"rows"`  // without the header
	Plain  int64  `json:"plain"` // bytes of CSV before compression, with the header
	Bytes  int64  `json:"bytes"` // as stored
	Hash   []byte `json:"hash"`  // the state of the SHA-256 after the last part

	Matched int64  `json:"matched"` // users that matched when the export was prepared
	Missed  Missed `json:"missed"`

	// ReadAsOf are the moments as of which the stored parts were read; nil if the store has no
	// snapshots.
	ReadAsOf []time.Time `json:"readAsOf,omitempty"`

	Heaviest Heaviest `json:"heaviest,omitempty"` // the largest users so far, for estimating the total

	File *File `json:"file,omitempty"` // set when all parts are stored; the upload must be completed and verified
}

// maxMissedNames is the maximum number of names in Missed. It bounds the memory and the receipt if
// the users have very many unexpected names.
const maxMissedNames = 50

// Missed counts values that a file lacks or contains only with changes.
type Missed struct {
	Names  map[string]int64 `json:"names,omitempty"`  // values without a column, by stored path
	Others int64            `json:"others,omitempty"` // values without a column under further names
	Texts  int64            `json:"texts,omitempty"`  // texts with invalid UTF-8
}

// Empty reports whether all counts are zero.
func (m Missed) Empty() bool { return len(m.Names) == 0 && m.Others == 0 && m.Texts == 0 }

// Name adds n values without a column at a path.
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

// Add adds the counts of o.
func (m *Missed) Add(o Missed) {
	for _, path := range slices.Sorted(maps.Keys(o.Names)) {
		m.Name(path, o.Names[path])
	}
	m.Others += o.Others
	m.Texts += o.Texts
}

// Clone returns a deep copy.
func (m Missed) Clone() Missed {
	m.Names = maps.Clone(m.Names)
	return m
}
