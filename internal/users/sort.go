package users

import "strings"

// Sort is the order of a list of users. The zero Sort is by id, ascending.
//
// A list is ordered by a value and then by id, both in the same direction. Users without the value
// come last in both directions.
type Sort struct {
	Key        SortKey
	Descending bool
}

// SortKey names the value by which a list is sorted. An index serves each of them.
type SortKey string

// The values by which a list can be sorted. Only text that is not empty and dates count as values:
// other types, which other programs may store, count as no value. Text is compared after Fold, by
// its bytes.
const (
	SortByID         SortKey = "" // every user has one
	SortByEmail      SortKey = "email_address"
	SortByUsername   SortKey = "username"
	SortByRegistered SortKey = "registered"
	SortByLastLogin  SortKey = "last_login"
	SortByUpdated    SortKey = "updated"
)

// SortKeys are all values by which a list can be sorted.
var SortKeys = []SortKey{SortByID, SortByEmail, SortByUsername, SortByRegistered, SortByLastLogin, SortByUpdated}

const (
	sortByIDName = "id"
	descending   = "-"
)

// ParseSort parses the text form of a Sort: the name of the value, after a "-" if it descends. ""
// is the zero Sort.
func ParseSort(text string) (s Sort, ok bool) {
	if text == "" {
		return Sort{}, true
	}
	name, isDescending := strings.CutPrefix(text, descending)
	for _, key := range SortKeys {
		if key.String() == name {
			return Sort{Key: key, Descending: isDescending}, true
		}
	}
	return Sort{}, false
}

// String returns the text form that ParseSort parses.
func (s Sort) String() string {
	if s.Descending {
		return descending + s.Key.String()
	}
	return s.Key.String()
}

// String returns the name of the value.
func (k SortKey) String() string {
	if k == SortByID {
		return sortByIDName
	}
	return string(k)
}

// Path returns the path of the value in the document of a user.
func (k SortKey) Path() string {
	switch k {
	case SortByID:
		return "_id"
	case SortByEmail, SortByUsername:
		return "identifiers." + string(k)
	default:
		return string(k)
	}
}

// IsText reports whether the values are text, not dates.
func (k SortKey) IsText() bool { return k == SortByID || k == SortByEmail || k == SortByUsername }

// Words describes the order for the audit log: "by registered, descending"; "" for the zero Sort.
func (s Sort) Words() string {
	if s == (Sort{}) {
		return ""
	}
	words := "by " + map[SortKey]string{
		SortByID: "ID", SortByEmail: "email address", SortByUsername: "username", SortByRegistered: "registered", SortByLastLogin: "last login", SortByUpdated: "last updated",
	}[s.Key]
	if s.Descending {
		words += ", descending"
	}
	return words
}
