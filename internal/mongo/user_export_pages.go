package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// WalkUsers returns selected users in the order of their ids. Each call of next returns at most
// limit users that follow the id in after ("" for the first), without the first skip of them.
// Attributes of type password are left out.
func (u *Users) WalkUsers(tenant string, s filter.Selection, schema users.Schema) (
	next func(ctx context.Context, after string, skip, limit int64) ([]users.User, error),
) {
	_, index := readOrder(s)
	query := selectionQuery(s)
	return func(ctx context.Context, after string, skip, limit int64) ([]users.User, error) {
		raws, err := u.findAllWithTimeLimit(ctx, tenant, allOf(idRange(pipeline.IDRange{After: after}), query), findOptions{
			sort: bson.D{{Key: "_id", Value: 1}}, hint: index, skip: skip, limit: limit,
		})
		if err != nil {
			return nil, readError(ctx, u.noun, err)
		}
		list := make([]users.User, len(raws))
		for i, raw := range raws {
			if list[i], err = decodeVisible(raw, schema); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
}
