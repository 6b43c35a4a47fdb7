package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/users"
)

// WalkUsers begins a walk through the users of a definition, in the order of their ids. Each call of next returns at most limit of
// those behind after ("" for the first), when skip of them were passed over. Attributes of type password are left out. Errors of
// the definition are CodeInvalid.
func (u *Users) WalkUsers(ctx context.Context, tenant string, def export.Definition) (
	next func(ctx context.Context, after string, skip, limit int64) ([]users.User, error), err error,
) {
	schema, err := u.directory.Schema(ctx, tenant)
	if err != nil {
		return nil, err
	}
	match, err := u.Match(ctx, tenant, def)
	if err != nil {
		return nil, err
	}
	_, index := u.order(match)
	return func(ctx context.Context, after string, skip, limit int64) ([]users.User, error) {
		c, err := u.collection(tenant).Find(ctx, and(idsIn(run.Span{After: after}), match), options.Find().
			SetSort(bson.D{{Key: "_id", Value: 1}}).SetHint(index).SetSkip(skip).SetLimit(limit))
		if err != nil {
			return nil, readError(ctx, u.noun, err)
		}
		var raws []bson.Raw
		if err := c.All(ctx, &raws); err != nil {
			return nil, readError(ctx, u.noun, err)
		}
		list := make([]users.User, len(raws))
		for i, raw := range raws {
			if list[i], err = visible(raw, schema); err != nil {
				return nil, err
			}
		}
		return list, nil
	}, nil
}
