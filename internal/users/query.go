package users

import "github.com/egress-io/egress/internal/export"

// Query selects the users for a list. Users must meet all of its conditions.
type Query struct {
	StoreID string       // a user store; "" or export.All for all stores
	Filter  *export.Rule // nil for no condition; fields in its errors begin with "filter"
	// Search matches users whose e-mail address, user name or names contain all of its words, and
	// the user whose id it equals. "" matches all users.
	Search string
	// Sort is the order of a list by pages; counts and look-ups ignore it.
	Sort Sort
}

// Lookup selects users by their identifiers. Users must meet all of its conditions.
type Lookup struct {
	Query                         // Search matches all attributes of text kinds, and takes wildcards (filter.ZephrSearch)
	Email       string            // compared after Fold; "" for no condition
	Username    string            // compared after Fold; "" for no condition
	ForeignKeys map[string]string // exact values by system
	Skip, Limit int64
}

// Identifies reports whether the lookup names an identifier or a foreign key, which belong to few
// users.
func (l Lookup) Identifies() bool { return l.Email != "" || l.Username != "" || len(l.ForeignKeys) > 0 }

// Page is one page of a list.
type Page struct {
	Users    []User
	Next     string // the cursor of the next page; "" on the last page
	Previous string // the cursor of the previous page; "" on the first page
}

// Count is a number of users.
type Count struct {
	Users    int64
	Accuracy Accuracy
}

// Accuracy says what a number of users means.
type Accuracy string

// The accuracies.
const (
	Exact      Accuracy = "exact"
	Estimate   Accuracy = "estimate"    // from a sample
	UpperBound Accuracy = "upper_bound" // the sample has no match: probably not more than this
)

// String returns the count in words: "7 users", "about 12,000 users", "fewer than about 1,500
// users".
func (c Count) String() string {
	words := export.Pluralize(c.Users, "user", "users")
	switch c.Accuracy {
	case Estimate:
		return "about " + words
	case UpperBound:
		return "fewer than about " + words
	case Exact:
	}
	return words
}

// DayCount is the number of users on a day.
type DayCount struct {
	Day   string // 2026-01-31
	Users int64
}

// Figures counts the users of a list.
type Figures struct {
	Total         int64
	LastSevenDays int64 // registered in the seven days before now
}
