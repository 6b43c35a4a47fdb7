package browse

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// Sizes of a page of users.
const (
	DefaultPageSize = 25
	MaxPageSize     = 500
)

// ListUsers returns one page of a tenant's users, without attributes of type password. Pages are
// cut by id, not by offset, so that users who are added or deleted do not shift the pages.
//
// The cursor is Next or Previous of a page, "" for the first page. Limit is at most MaxPageSize; 0
// stands for DefaultPageSize.
func (u *Users) ListUsers(ctx context.Context, tenant string, q users.Query, cursor string, limit int) (users.Page, error) {
	schema, err := u.schemas.Schema(ctx, tenant)
	if err != nil {
		return users.Page{}, err
	}
	selection, err := u.querySelection(ctx, tenant, q, schema)
	if err != nil {
		return users.Page{}, err
	}
	from, err := parsePageCursor(cursor)
	if err != nil {
		return users.Page{}, err
	}
	limit = min(cmp.Or(limit, DefaultPageSize), MaxPageSize)
	window := from.window()
	window.Limit = int64(limit) + 1 // one more shows whether a next page exists
	found, err := u.findVisible(ctx, tenant, selection, window, schema)
	if err != nil {
		return users.Page{}, err
	}
	return newPage(found, limit, from), nil
}

// newPage builds a page of at most limit users from those found from a cursor on.
func newPage(found []users.User, limit int, from pageCursor) users.Page {
	more := len(found) > limit
	if more {
		found = found[:limit]
	}
	if from.backwards {
		slices.Reverse(found)
	}
	p := users.Page{Users: found}
	if len(found) == 0 {
		return p
	}
	if more || from.backwards {
		p.Next = pageCursor{id: found[len(found)-1].ID}.String()
	}
	if more && from.backwards || from.set && !from.backwards {
		p.Previous = pageCursor{id: found[0].ID, backwards: true}.String()
	}
	return p
}

// pageCursor is a position between two users. Clients treat its text form as opaque.
type pageCursor struct {
	set       bool
	backwards bool // to lower ids
	id        string
}

func (p pageCursor) String() string {
	direction := "a"
	if p.backwards {
		direction = "b"
	}
	return base64.RawURLEncoding.EncodeToString([]byte(direction + p.id))
}

func parsePageCursor(s string) (pageCursor, error) {
	if s == "" {
		return pageCursor{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) == 0 || b[0] != 'a' && b[0] != 'b' {
		return pageCursor{}, errs.Invalid("cursor", "is not a cursor that a page of users returned")
	}
	return pageCursor{set: true, backwards: b[0] == 'b', id: string(b[1:])}, nil
}

// window returns the users on the cursor's side.
func (p pageCursor) window() Window {
	switch {
	case p.backwards:
		return Window{Before: &p.id, Backwards: true}
	case p.set:
		return Window{After: &p.id}
	default:
		return Window{}
	}
}
