package filter

import "github.com/egress-io/egress/internal/export"

// GrantAccountIDs is the stored path of the accounts of grants.
const GrantAccountIDs = "grants.account_id"

// GrantEnds is the stored path of the ends of grants.
const GrantEnds = "grants.endTime"

// InAccount matches the users of an account, whose id is compared as it is.
func InAccount(id string) Condition { return OneOf{accountIDs, []string{id}} }

// GrantedBy matches the users who hold a grant of an account, whose id is compared as it is.
func GrantedBy(account string) Condition { return OneOf{GrantAccountIDs, []string{account}} }

// AccountsNamed matches the accounts whose name contains a text, compared after users.Fold.
func AccountsNamed(text string) Condition { return NewText("name", export.Contains, text) }
