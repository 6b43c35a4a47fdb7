package browse

import (
	"cmp"
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// Sizes of a page of users.
const (
	DefaultPageSize = 25
	MaxPageSize     = 500
)

// ListUsers returns one page of a tenant's users in the order of q.Sort, without attributes of type
// password. Pages are cut by value and id, not by offset, so that users who are added or deleted do
// not shift the pages.
//
// The cursor is Next or Previous of a page in the same order, "" for the first page. Limit is at
// most MaxPageSize; 0 stands for DefaultPageSize.
func (u *Users) ListUsers(ctx context.Context, tenant string, q users.Query, cursor string, limit int) (users.Page, error) {
	schema, err := u.schemas.Schema(ctx, tenant)
	if err != nil {
		return users.Page{}, err
	}
	selection, err := u.querySelection(ctx, tenant, q, schema)
	if err != nil {
		return users.Page{}, err
	}
	from, err := parsePageCursor(cursor, q.Sort)
	if err != nil {
		return users.Page{}, err
	}
	if err := u.readLongValue(ctx, tenant, q.Sort.Key, &from); err != nil {
		return users.Page{}, err
	}
	limit = min(cmp.Or(limit, DefaultPageSize), MaxPageSize)
	docs, err := u.findPage(ctx, tenant, selection, q.Sort, from, int64(limit)+1) // one more shows whether a next page exists
	if err != nil {
		return users.Page{}, err
	}
	more := len(docs) > limit
	if more {
		docs = docs[:limit]
	}
	if from.backwards {
		slices.Reverse(docs)
	}
	p := users.Page{}
	if p.Users, err = decodeAllVisible(docs, schema); err != nil || len(docs) == 0 {
		return p, err
	}
	if more || from.backwards {
		p.Next = u.cursorAt(docs[len(docs)-1], q.Sort, false)
	}
	if more && from.backwards || from.set && !from.backwards {
		p.Previous = u.cursorAt(docs[0], q.Sort, true)
	}
	return p, nil
}

// findPage returns at most limit of the selected users on the cursor's side, nearest first.
func (u *Users) findPage(ctx context.Context, tenant string, s filter.Selection, sort users.Sort, from pageCursor, limit int64) ([]bson.Raw, error) {
	if sort.Key == users.SortByID {
		w := from.idWindow(sort.Descending)
		w.Limit = limit
		return u.source.Find(ctx, tenant, s, w)
	}
	w := SortedWindow{Sort: sort, Backwards: from.backwards, Limit: limit}
	if from.set {
		w.After = &from.at
	}
	return u.source.FindSorted(ctx, tenant, s, w)
}

// cursorAt returns the cursor at a user of a list.
func (u *Users) cursorAt(doc bson.Raw, sort users.Sort, backwards bool) string {
	at := Position{ID: doc.Lookup("_id").StringValue()} // a list has no other ids
	if sort.Key != users.SortByID {
		at.Value = u.source.SortValue(sort.Key, doc)
	}
	return pageCursor{at: at, backwards: backwards}.encode(sort)
}
