package browse

import (
	"context"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// WalkUsers returns selected users in the order of their ids. Each call of next returns at most
// limit users that follow the id in after ("" for the first), without the first skip of them.
// Attributes of type password are left out.
func (u *Users) WalkUsers(tenant string, s filter.Selection, schema users.Schema) (
	next func(ctx context.Context, after string, skip, limit int64) ([]users.User, error),
) {
	return func(ctx context.Context, after string, skip, limit int64) ([]users.User, error) {
		w := Window{Skip: skip, Limit: limit, Sequential: true}
		if after != "" {
			w.After = &after
		}
		return u.findVisible(ctx, tenant, s, w, schema)
	}
}
