package mongo

import (
	"context"
	"testing"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/seed"
)

// BenchmarkFindUsers looks up one of 20,000 users on FerretDB, which scans all users,
// and counts users by conditions on text.
func BenchmarkFindUsers(b *testing.B) {
	db, _ := connect(b)
	ctx := context.Background()
	tenant := seed.Tenants()[0]
	if err := db.EnsureTenantIndexes(ctx, tenant.ID); err != nil {
		b.Fatal(err)
	}
	if err := seed.Run(ctx, NewUserWriter(db), []seed.Tenant{tenant}, 20_000, seed.Epoch, func(seed.Tenant, int) {}); err != nil {
		b.Fatal(err)
	}
	u := newReader(db, NewDirectory(db))
	page, err := u.ListUsers(ctx, tenant.ID, users.Query{}, "", 1)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("by address", func(b *testing.B) {
		l := users.Lookup{Email: page.Users[0].Identifiers.EmailAddress, Limit: 1}
		for b.Loop() {
			if _, n, err := u.FindUsers(ctx, tenant.ID, l); n != 1 || err != nil {
				b.Fatal(n, err)
			}
		}
	})
	for name, rule := range map[string]export.Rule{
		"country is":    {Field: "attributes.country", Operator: export.Is, Value: export.String("GB")},
		"name contains": {Field: "attributes.first_name", Operator: export.Contains, Value: export.String("an")},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := u.CountUsers(ctx, tenant.ID, users.Query{Filter: &rule}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
