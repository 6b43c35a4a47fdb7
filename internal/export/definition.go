package export

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// All selects every user store, or every app id, in a Definition.
const All = "all"

// Definition specifies the content of an export. decode.Definition returns one that is complete and
// structurally valid. The filter package checks that its fields and values exist in a tenant.
type Definition struct {
	Include     Include      `json:"include"`
	Users       Selection    `json:"users"`
	StateEvents *StateEvents `json:"stateEvents"` // nil: none
	File        FileFormat   `json:"file"`
}

// Include selects the optional groups of columns in the users file.
type Include struct {
	Attributes       bool      `json:"attributes"`
	ExtendedProfiles *Profiles `json:"extendedProfiles"` // nil: none
	ForeignKeys      bool      `json:"foreignKeys"`
	Grants           bool      `json:"grants"` // one row per grant instead of one per user
}

// Profiles selects extended profiles by app id.
type Profiles struct {
	AppIDs       []string `json:"appIds"`       // sorted, without repetition; ["all"] for every app id of the registry
	OnlyMatching bool     `json:"onlyMatching"` // export only users who have at least one of them
}

// AllApps reports whether AppIDs is ["all"].
func (p *Profiles) AllApps() bool { return len(p.AppIDs) == 1 && p.AppIDs[0] == All }

// RequiresProfile reports whether the export contains only users with a matching profile: if
// OnlyMatching is set, or, as in Zephr, if the definition includes profiles without attributes.
func (d Definition) RequiresProfile() bool {
	p := d.Include.ExtendedProfiles
	return p != nil && (p.OnlyMatching || !d.Include.Attributes)
}

// HasUsersFile reports whether the definition includes a users file. An export may have only state
// events.
func (d Definition) HasUsersFile() bool {
	i := d.Include
	return i.Attributes || i.ExtendedProfiles != nil || i.ForeignKeys || i.Grants
}

// Files returns the kinds of files of the export, in the order in which a job writes them.
func (d Definition) Files() []FileKind {
	var kinds []FileKind
	if d.HasUsersFile() || d.StateEvents == nil {
		kinds = append(kinds, UsersFile)
	}
	if d.StateEvents != nil {
		kinds = append(kinds, StateEventsFile)
	}
	return kinds
}

// Selection selects the users to export. Users must meet all of its conditions.
type Selection struct {
	UserStoreID string `json:"userStoreId"` // a store's id, or "all"
	Filter      *Rule  `json:"filter"`      // nil: no condition
	// Search is the search text of the users screen; "" for no search. JSON omits an empty one, so
	// that the fingerprints of definitions from before there were searches stay the same.
	Search           string `json:"search,omitempty"`
	Since            *Time  `json:"since"` // updated at or after
	RegisteredSince  *Time  `json:"registeredSince"`
	RegisteredBefore *Time  `json:"registeredBefore"` // registered before this time, exclusive
}

// StateEvents selects the state events file. Both bounds are inclusive; nil means no bound.
type StateEvents struct {
	From *Time `json:"from"`
	To   *Time `json:"to"`
}

// Dialect is the format of values in a CSV file.
type Dialect string

// The two dialects.
const (
	DialectRFC4180     Dialect = "rfc4180"     // unchanged values, no byte-order mark
	DialectSpreadsheet Dialect = "spreadsheet" // UTF-8 byte-order mark; a ' before strings that could run as formulas
)

// Compression is the compression of a file.
type Compression string

// The compressions. A compressed file is a sequence of complete gzip members or zstd frames. Gzip
// readers, and zstd readers that decode streams, read them as one stream.
const (
	CompressionNone Compression = "none"
	CompressionGzip Compression = "gzip" // RFC 1952
	CompressionZstd Compression = "zstd" // RFC 8878
)

// Suffix returns the file name extension of the compression, with its dot, or "".
func (c Compression) Suffix() string {
	switch c {
	case CompressionGzip:
		return ".gz"
	case CompressionZstd:
		return ".zst"
	default:
		return ""
	}
}

// FileFormat is the format of the files.
type FileFormat struct {
	Dialect     Dialect     `json:"dialect"`
	Compression Compression `json:"compression"`
}

// Time is an instant in UTC with a precision of milliseconds. Its JSON is RFC 3339. UnmarshalJSON
// reads a bare date as the start of that day in UTC.
type Time struct{ time.Time }

// TimeFormat is the layout of all times in files and responses: RFC 3339 in UTC with milliseconds.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// NewTime returns t in UTC, truncated to milliseconds, the precision of the database.
func NewTime(t time.Time) Time { return Time{t.UTC().Truncate(time.Millisecond)} }

// MarshalJSON returns the instant in the format of FormatTime.
func (t Time) MarshalJSON() ([]byte, error) {
	return json.Marshal(FormatTime(t.Time))
}

// UnmarshalJSON accepts any form of ParseInstant.
func (t *Time) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, _, err := ParseTime(s)
	if err != nil {
		return err
	}
	*t = NewTime(v)
	return nil
}

// ParseTime parses any form of ParseInstant, a bare date as the start of that day in UTC. dateOnly
// reports whether the text is a bare date. The error is an errs.CodeInvalidRequest.
func ParseTime(s string) (t time.Time, dateOnly bool, err error) {
	in, err := ParseInstant(s)
	if err != nil {
		return time.Time{}, false, errs.Errorf(errs.CodeInvalidRequest, "%q is neither a date (2026-01-31) nor an RFC 3339 time (2026-01-31T08:30:00Z)", Truncate(s))
	}
	const day = 24 * time.Hour
	return in.Time, in.Unit == day, nil
}

// Canonical returns the definition as JSON in a canonical form: equal definitions have equal text.
func (d Definition) Canonical() []byte {
	b, err := json.Marshal(d)
	if err != nil { // cannot happen for a decoded definition
		panic("export: definition does not encode: " + err.Error())
	}
	return b
}

// Fingerprint returns the SHA-256 of the canonical form in hex. Equal definitions have equal
// fingerprints.
func (d Definition) Fingerprint() string {
	sum := sha256.Sum256(d.Canonical())
	return hex.EncodeToString(sum[:])
}

// ShortFingerprint returns the first 16 digits of the fingerprint, which identify a definition in the
// audit log.
func (d Definition) ShortFingerprint() string { return d.Fingerprint()[:16] }
