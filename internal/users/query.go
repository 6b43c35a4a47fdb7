package users

import "github.com/egress-io/egress/internal/export"

// Query selects users for a screen. Its conditions are joined by "and".
type Query struct {
	StoreID string       // a user store; "" or export.All for every one
	Filter  *export.Rule // nil: no condition; fields of its errors begin with "filter"
	Search  string       // words that all stand in the e-mail address, user name or a name, or the whole id; "" for no search
}

// Lookup finds users by what programs know of them. Its conditions are joined by "and".
type Lookup struct {
	Query
	Email       string            // exact; "" for no condition
	Username    string            // exact; "" for no condition
	ForeignKeys map[string]string // by system, exact
	Skip, Limit int64
}

// Page is one page of a list, by ascending id.
type Page struct {
	Users    []User
	Next     string // cursor of the page after this; "" where there is none
	Previous string // cursor of the page before this; "" on the first page
}

// Figures are the counts above a list of users.
type Figures struct {
	Total         int64
	LastSevenDays int64 // registered in the seven days before now
}
