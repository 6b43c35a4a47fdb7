package run

import (
	"context"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

// Words returns a definition as a sentence, once it is known to fit the tenant: errors are CodeInvalid and name the field.
func (r *Runner) Words(ctx context.Context, tenant string, def export.Definition) (string, error) {
	if _, err := r.Users.Match(ctx, tenant, def); err != nil {
		return "", err
	}
	schema, err := r.Directory.Schema(ctx, tenant)
	if err != nil {
		return "", err
	}
	stores, err := r.Directory.Stores(ctx, tenant)
	if err != nil {
		return "", err
	}
	return filter.Sentence(filter.Words(def, schema, stores)), nil
}

// Count returns how many users a definition selects now.
func (r *Runner) Count(ctx context.Context, tenant string, def export.Definition) (int64, error) {
	match, err := r.Users.Match(ctx, tenant, def)
	if err != nil {
		return 0, err
	}
	return r.Users.Count(ctx, tenant, match)
}
