package browse

import (
	"context"
	"maps"
	"slices"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// FindUsers returns a page of users by a look-up, ordered by id and without attributes of type
// password, and the total number of users found. Pages are cut by offset: for API clients that
// number pages, and for few pages. The last page, such as that of a look-up by an identifier, takes
// one read: the total follows from it.
func (u *Users) FindUsers(ctx context.Context, tenant string, l users.Lookup) (found []users.User, total int64, err error) {
	schema, err := u.schemas.Schema(ctx, tenant)
	if err != nil {
		return nil, 0, err
	}
	selection, err := u.compileSelection(ctx, tenant, l.Query, schema, filter.ZephrSearch)
	if err != nil {
		return nil, 0, err
	}
	conditions := []filter.Condition{identifiedBy(filter.EmailAddress, l.Email), identifiedBy(filter.Username, l.Username)}
	for _, system := range slices.Sorted(maps.Keys(l.ForeignKeys)) {
		conditions = append(conditions, filter.Equal{Path: "foreign_keys." + system, Value: l.ForeignKeys[system]})
	}
	selection.Where = filter.AllOf(append(conditions, selection.Where)...)
	window := Window{Skip: l.Skip, Limit: l.Limit}
	if l.Limit > 0 {
		window.Limit++ // one more shows whether a next page exists
	}
	if found, err = u.findVisible(ctx, tenant, selection, window, schema); err != nil {
		return nil, 0, err
	}
	last := l.Limit == 0 || int64(len(found)) <= l.Limit
	if last && (len(found) > 0 || l.Skip == 0) {
		return found, l.Skip + int64(len(found)), nil
	}
	if !last {
		found = found[:l.Limit]
	}
	total, err = u.CachedCount(ctx, tenant, selection)
	return found, total, err
}

// identifiedBy matches users whose identifier at path equals the text. Empty text matches every
// user.
func identifiedBy(path, text string) filter.Condition {
	if text == "" {
		return nil
	}
	return filter.NewText(path, export.Is, text)
}
