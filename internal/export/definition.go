package export

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// All is the word for "every one" where a definition names a user store or app ids.
const All = "all"

// Definition is what one export is to contain. Decode makes one from JSON, complete and valid in its shape; whether its
// fields and values exist in a tenant is the filter's to say.
type Definition struct {
	Include     Include      `json:"include"`
	Users       Selection    `json:"users"`
	StateEvents *StateEvents `json:"stateEvents"` // nil: none
	File        FileFormat   `json:"file"`
}

// Include says which groups of columns the users file has, beside those that it always has.
type Include struct {
	Attributes       bool      `json:"attributes"`
	ExtendedProfiles *Profiles `json:"extendedProfiles"` // nil: none
	ForeignKeys      bool      `json:"foreignKeys"`
	Grants           bool      `json:"grants"` // one row per subscription instead of one per user
}

// Profiles selects extended profiles by app id.
type Profiles struct {
	AppIDs       []string `json:"appIds"`       // sorted, each once; ["all"] for every app id of the registry
	OnlyMatching bool     `json:"onlyMatching"` // keep only users who have at least one of them
}

// AllApps reports whether every app id is selected.
func (p *Profiles) AllApps() bool { return len(p.AppIDs) == 1 && p.AppIDs[0] == All }

// RequiresProfile reports whether only users with a matching profile are kept: when asked for, and, as in Zephr, when
// profiles are selected without attributes.
func (d Definition) RequiresProfile() bool {
	p := d.Include.ExtendedProfiles
	return p != nil && (p.OnlyMatching || !d.Include.Attributes)
}

// HasUsersFile reports whether the definition asks for a users file at all (state events may stand alone).
func (d Definition) HasUsersFile() bool {
	i := d.Include
	return i.Attributes || i.ExtendedProfiles != nil || i.ForeignKeys || i.Grants
}

// Files returns the kinds of file that the definition asks for, in the order in which they are made.
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

// Selection says which users are exported. Its conditions are joined by "and".
type Selection struct {
	UserStoreID string `json:"userStoreId"` // a store's id, or "all"
	Filter      *Rule  `json:"filter"`      // nil: no condition
	// Search is what the users screen is searched for, "" for nothing. It is left out of JSON then, so that a definition
	// without one is the text, and has the fingerprint, that it had before there were searches.
	Search           string `json:"search,omitempty"`
	Since            *Time  `json:"since"` // updated at or after
	RegisteredSince  *Time  `json:"registeredSince"`
	RegisteredBefore *Time  `json:"registeredBefore"` // registered before, the instant itself excluded
}

// StateEvents asks for the second file: events from From (included) to To (included).
type StateEvents struct {
	From *Time `json:"from"`
	To   *Time `json:"to"`
}

// Dialect is how values are written into a CSV file.
type Dialect string

// The two dialects.
const (
	DialectRFC4180     Dialect = "rfc4180"     // values verbatim, no byte-order mark
	DialectSpreadsheet Dialect = "spreadsheet" // UTF-8 byte-order mark, and strings that could run as formulas begin with '
)

// Compression is how a file is compressed.
type Compression string

// The compressions. A compressed file is a row of members, each complete in itself, which every reader takes for one stream.
const (
	CompressionNone Compression = "none"
	CompressionGzip Compression = "gzip" // RFC 1952
	CompressionZstd Compression = "zstd" // RFC 8878
)

// Suffix is what the compression adds to a file's name.
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

// FileFormat says how the files are written.
type FileFormat struct {
	Dialect     Dialect     `json:"dialect"`
	Compression Compression `json:"compression"`
}

// Time is an instant, kept and written in UTC with milliseconds (RFC 3339). A bare date in JSON is that day's start in UTC.
type Time struct{ time.Time }

// TimeFormat is RFC 3339 in UTC with milliseconds, as every time in files and answers is written.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// NewTime returns t in UTC, cut to milliseconds, which is what the database keeps.
func NewTime(t time.Time) Time { return Time{t.UTC().Truncate(time.Millisecond)} }

// MarshalJSON writes the instant in TimeFormat.
func (t Time) MarshalJSON() ([]byte, error) {
	return json.Marshal(t.UTC().Format(TimeFormat))
}

// UnmarshalJSON reads RFC 3339 or a bare date.
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

// ParseTime reads RFC 3339, or a bare date as the start of that day in UTC; dateOnly tells which it was.
func ParseTime(s string) (t time.Time, dateOnly bool, err error) {
	if t, err := time.ParseInLocation(time.DateOnly, s, time.UTC); err == nil {
		return t, true, nil
	}
	t, err = time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, false, Errorf(CodeInvalid, "%q is neither a date (2026-01-31) nor an RFC 3339 time (2026-01-31T08:30:00Z)", clip(s))
	}
	return t.UTC(), false, nil
}

// Canonical returns the definition as JSON in one fixed form: equal definitions have equal text.
func (d Definition) Canonical() []byte {
	b, err := json.Marshal(d)
	if err != nil { // only scalars, strings and slices: cannot fail once decoded
		panic("export: definition does not encode: " + err.Error())
	}
	return b
}

// Fingerprint is the SHA-256 of the canonical form, in hex. It tells whether two requests ask for the same.
func (d Definition) Fingerprint() string {
	sum := sha256.Sum256(d.Canonical())
	return hex.EncodeToString(sum[:])
}

func clip(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
