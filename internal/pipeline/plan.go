package pipeline

import (
	"context"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// Plan is a definition, compiled, with everything that was read from the tenant for it. A run does
// not read these again.
type Plan struct {
	Tenant     string
	Definition export.Definition
	Users      filter.Selection // the selected users
	Schema     users.Schema
	Registry   users.Registry
	Stores     []users.Store
	Products   []users.Product // nil if the files do not show products
}

// Planner makes plans.
type Planner interface {
	// Plan compiles a definition for a tenant. The error has CodeInvalidRequest and names the field if the
	// definition does not fit the tenant.
	Plan(ctx context.Context, tenant string, def export.Definition) (*Plan, error)
}

// storeTitles returns the titles of the tenant's user stores by id.
func (p *Plan) storeTitles() map[string]string {
	titles := map[string]string{}
	for _, s := range p.Stores {
		if s.Title != "" {
			titles[s.ID] = s.Title
		}
	}
	return titles
}

// productLabels returns product labels by product id.
func (p *Plan) productLabels() map[string]string {
	labels := make(map[string]string, len(p.Products))
	for _, product := range p.Products {
		labels[product.ID] = product.Label
	}
	return labels
}

// groups counts the columns of a file that includes all groups.
func (p *Plan) groups() (g Groups) {
	everything := export.Definition{Include: export.Include{
		Attributes: true, ForeignKeys: true, Grants: true,
		ExtendedProfiles: &export.Profiles{AppIDs: []string{export.All}},
	}}
	for _, c := range csv.Columns(everything, p.Schema, p.Registry) {
		switch c.Source {
		case export.FromAttribute:
			g.Attributes++
		case export.FromProfile:
			g.ExtendedProfiles++
		case export.FromForeignKey:
			g.ForeignKeys++
		case export.FromGrant:
			g.Grants++
		default:
			g.User++
		}
	}
	return g
}
