package ferretdb_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/sqlite/sqlitetest"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/seed"
)

// stores are those of an earlier version or those after the upgrade.
type stores struct {
	admins interface {
		auth.Store
		auth.KeyStore
		auth.FactorStore
	}
	jobs   jobs.Store
	outbox interface {
		Messages(ctx context.Context, tenant, userID, before string, limit int) ([]*export.Message, error)
	}
	audit interface {
		Verify(ctx context.Context, tenant string, expect *audit.Anchor) (audit.Report, error)
	}
	users *browse.Users
}

// testStoresAfterUpgrade finds documents by the indexes that the upgrade derived from them.
func testStoresAfterUpgrade(t *testing.T, v *earlierVersion) {
	db := sqlitetest.Open(t)
	if _, err := v.upgrade(t, sqlite.NewTransfer(db)); err != nil {
		t.Fatal(err)
	}
	before := stores{
		mongo.NewAdmins(v.db), mongo.NewJobs(v.db), mongo.NewOutbox(v.db), mongo.NewAuditLog(v.db, chainKey(t)),
		browse.New(browse.Options{Source: mongo.NewUsers(v.db), Events: mongo.NewEvents(v.db), Schemas: mongo.NewDirectory(v.db)}),
	}
	after := stores{
		sqlite.NewAdmins(db), sqlite.NewJobs(db), sqlite.NewOutbox(db), sqlite.NewAuditLog(db, chainKey(t)),
		browse.New(browse.Options{Source: sqlite.NewUsers(db), Events: sqlite.NewEvents(db), Schemas: sqlite.NewDirectory(db)}),
	}
	tenant := seed.Tenants()[0].ID
	ctx := t.Context()
	for name, read := range map[string]func(s stores) (any, error){
		"admins by address":  func(s stores) (any, error) { return s.admins.AdminsByEmail(ctx, "ada@example.com") },
		"admins of a tenant": func(s stores) (any, error) { return s.admins.AdminsIn(ctx, "daily-news") },
		"sessions":           func(s stores) (any, error) { return s.admins.SessionsOf(ctx, "01A") },
		"invitations":        func(s stores) (any, error) { return s.admins.Invitations(ctx, "daily-news") },
		"a reset":            func(s stores) (any, error) { return s.admins.Reset(ctx, "hash") },
		"key pairs":          func(s stores) (any, error) { return s.admins.KeyPairs(ctx, "daily-news", "01A") },
		"factors":            func(s stores) (any, error) { return s.admins.Factors(ctx, "01A") },
		"jobs":               func(s stores) (any, error) { return s.jobs.List(ctx, jobs.Query{Tenant: "daily-news", Limit: 10}) },
		"live jobs":          func(s stores) (any, error) { return s.jobs.Live(ctx, "", 10) },
		"messages":           func(s stores) (any, error) { return s.outbox.Messages(ctx, "daily-news", "01A", "", 10) },
		"the audit chain":    func(s stores) (any, error) { return s.audit.Verify(ctx, "daily-news", nil) },
		"users by address": func(s stores) (any, error) {
			all, _, err := s.users.FindUsers(ctx, tenant, users.Lookup{Limit: 100})
			if err != nil {
				return nil, err
			}
			var found []users.User
			for _, u := range all {
				if address := u.Identifiers.EmailAddress; address != "" {
					list, _, err := s.users.FindUsers(ctx, tenant, users.Lookup{Email: address, Limit: 10})
					if err != nil {
						return nil, err
					}
					found = append(found, list...)
				}
			}
			return found, nil
		},
	} {
		want, err := read(before)
		if err != nil {
			t.Fatalf("%s before the upgrade: %v", name, err)
		}
		got, err := read(after)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, not %+v, error %v", name, got, want, err)
		}
		if v := reflect.ValueOf(want); v.Kind() == reflect.Slice && v.Len() == 0 {
			t.Errorf("%s: none", name)
		}
	}
}
