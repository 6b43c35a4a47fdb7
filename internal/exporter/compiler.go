package exporter

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Compiled is a definition that fits a tenant.
type Compiled struct {
	Tenant     string
	Definition export.Definition // with dates in place of relative ones
	Users      filter.Selection  // the selected users
	Words      string            // the definition as a sentence
	Schema     users.Schema
	Stores     []users.Store
}

// Compiler compiles definitions. It reads schema and user stores of the tenant once for each.
type Compiler struct {
	Directory Directory
	Catalogs  Catalogs
	Now       func() time.Time // for relative dates; nil for time.Now
}

var (
	_ Definitions      = Compiler{}
	_ pipeline.Planner = Compiler{}
)

// Directory reads a tenant's settings and reference data, with readConcern majority.
type Directory interface {
	Schema(ctx context.Context, tenant string) (users.Schema, error)
	Registry(ctx context.Context, tenant string) (users.Registry, error)
	Stores(ctx context.Context, tenant string) ([]users.Store, error)
	Products(ctx context.Context, tenant string) ([]users.Product, error)
}

// Catalogs looks up accounts and products, for rules on their names.
type Catalogs interface {
	Catalog(tenant string) filter.Catalog
}

// Compile implements Definitions.
func (c Compiler) Compile(ctx context.Context, tenant string, def export.Definition) (*Compiled, error) {
	d := &Compiled{Tenant: tenant}
	var err error
	if d.Schema, err = c.Directory.Schema(ctx, tenant); err != nil {
		return nil, err
	}
	if d.Stores, err = c.Directory.Stores(ctx, tenant); err != nil {
		return nil, err
	}
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	if def.Users.Filter, err = filter.Resolve(def.Users.Filter, "users.filter", d.Schema, now()); err != nil {
		return nil, err
	}
	d.Definition = def
	if d.Users, err = filter.Users(ctx, def, d.Schema, d.Stores, c.Catalogs.Catalog(tenant)); err != nil {
		return nil, err
	}
	d.Words = filter.Sentence(filter.Describe(def, d.Schema, d.Stores))
	return d, nil
}

// Complete implements Definitions.
func (c Compiler) Complete(ctx context.Context, d *Compiled) (*pipeline.Plan, error) {
	plan := &pipeline.Plan{Tenant: d.Tenant, Definition: d.Definition, Users: d.Users, Schema: d.Schema, Stores: d.Stores}
	var err error
	if plan.Registry, err = c.Directory.Registry(ctx, d.Tenant); err != nil {
		return nil, err
	}
	if d.Definition.Include.Grants || d.Definition.StateEvents != nil {
		if plan.Products, err = c.Directory.Products(ctx, d.Tenant); err != nil {
			return nil, err
		}
	}
	return plan, nil
}

// Plan implements pipeline.Planner, for runs.
func (c Compiler) Plan(ctx context.Context, tenant string, def export.Definition) (*pipeline.Plan, error) {
	d, err := c.Compile(ctx, tenant, def)
	if err != nil {
		return nil, err
	}
	return c.Complete(ctx, d)
}
