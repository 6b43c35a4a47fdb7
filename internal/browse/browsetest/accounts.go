package browsetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

func findsAccounts(t *testing.T, ctx context.Context, s Store) {
	accounts := []users.Account{{ID: "C", Name: "Café Nord"}, {ID: "a", Name: "Bar"}, {ID: "b", Name: "CAFE\u0301 SÜD"}, {ID: "é", Name: ""}}
	reversed := slices.Clone(accounts)
	slices.Reverse(reversed)
	if _, err := s.Writer.AddAccounts(ctx, Tenant, reversed); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		match       filter.Condition
		skip, limit int64
		total       int64
		want        []users.Account
	}{
		{nil, 0, 0, 4, accounts}, {nil, 0, 9, 4, accounts}, {nil, 1, 2, 4, accounts[1:3]}, {nil, 3, 0, 4, accounts[3:]}, {nil, 9, 1, 4, nil},
		{filter.AccountsNamed("café"), 0, 0, 2, []users.Account{accounts[0], accounts[2]}}, {filter.AccountsNamed("CAFE\u0301"), 1, 5, 2, accounts[2:3]},
		{filter.AccountsNamed("a"), 0, 1, 3, accounts[:1]}, {filter.AccountsNamed("none"), 0, 9, 0, nil},
	} {
		found, total, err := s.Source.FindAccounts(ctx, Tenant, c.match, c.skip, c.limit)
		if err != nil || total != c.total || !slices.Equal(found, c.want) {
			t.Errorf("%v, %d after %d: %v of %d, %v; want %v", c.match, c.limit, c.skip, found, total, err, c.want)
		}
	}
	for _, want := range accounts {
		if a, err := s.Source.Account(ctx, Tenant, want.ID); err != nil || a != want {
			t.Errorf("%q: %v, %v", want.ID, a, err)
		}
	}
	for _, id := range []string{"c", "", "A"} {
		if a, err := s.Source.Account(ctx, Tenant, id); errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("%q: %v, %v", id, a, err)
		}
	}
	for name, c := range map[string]struct {
		match filter.Condition
		want  []string
	}{
		"all":       {nil, []string{"C", "a", "b", "é"}},
		"a word":    {filter.NewText("name", export.Contains, "café"), []string{"C", "b"}},
		"a name":    {filter.NewText("name", export.Is, "cafe\u0301 nord"), []string{"C"}},
		"an ending": {filter.NewText("name", export.EndsWith, "R"), []string{"a"}},
		"nothing":   {filter.NewText("name", export.Is, "cafe nord"), nil},
	} {
		ids, err := s.Source.Catalog(Tenant).AccountIDs(ctx, c.match, 9)
		slices.Sort(ids)
		if err != nil || !slices.Equal(ids, c.want) {
			t.Errorf("%s: %q, %v; want %q", name, ids, err, c.want)
		}
	}
	if ids, err := s.Source.Catalog(Tenant).AccountIDs(ctx, nil, 2); err != nil || len(ids) != 2 {
		t.Errorf("at most 2: %q, %v", ids, err)
	}
}

// Users and grants of an account: by ids as they are, a page at a time, and whatever the shapes of other
// users.
func findsUsersAndGrantsOfAccounts(t *testing.T, ctx context.Context, s Store) {
	grant := func(id, account string) bson.D {
		return bson.D{{Key: "grantId", Value: id}, {Key: "account_id", Value: account}}
	}
	write(t, s, Tenant,
		bson.D{{Key: "_id", Value: "a"}, {Key: "account_ids", Value: bson.A{"acme", "globex"}}, {Key: "grants", Value: bson.A{grant("g1", "acme"), grant("g2", "other"), grant("g3", "acme")}}},
		bson.D{{Key: "_id", Value: "b"}, {Key: "account_ids", Value: bson.A{"acme"}}},
		bson.D{{Key: "_id", Value: "c"}, {Key: "grants", Value: bson.A{grant("g4", "acme"), bson.D{{Key: "grantId", Value: "g5"}}}}},
		bson.D{{Key: "_id", Value: "d"}, {Key: "account_ids", Value: bson.A{"Acme"}}, {Key: "grants", Value: bson.A{grant("g1", "ACME")}}},
		bson.D{{Key: "_id", Value: "e"}, {Key: "account_ids", Value: bson.A{"acme"}}, {Key: "grants", Value: nil}},
	)
	u := s.Console(nil)
	grants := func(account string, skip, limit int64) (found string, more bool, err error) {
		list, more, err := u.AccountGrants(ctx, Tenant, account, skip, limit)
		for _, g := range list {
			found += g.UserID + ":" + g.ID + " "
		}
		return found, more, err
	}
	check := func(when string) {
		for _, c := range []struct {
			account     string
			skip, limit int64
			users       string
			moreUsers   bool
			grants      string
			moreGrants  bool
		}{
			{"acme", 0, 9, "[a b e]", false, "a:g1 a:g3 c:g4 ", false}, {"acme", 0, 3, "[a b e]", false, "a:g1 a:g3 c:g4 ", false},
			{"acme", 0, 1, "[a]", true, "a:g1 ", true}, {"acme", 1, 1, "[b]", true, "a:g3 ", true}, {"acme", 2, 2, "[e]", false, "c:g4 ", false},
			{"acme", 3, 5, "[]", false, "", false}, {"globex", 0, 9, "[a]", false, "", false}, {"other", 0, 9, "[]", false, "a:g2 ", false},
			{"ACME", 0, 9, "[]", false, "d:g1 ", false}, {"none", 0, 9, "[]", false, "", false}, {"", 0, 9, "[]", false, "", false},
		} {
			if ids, more, err := u.AccountUsers(ctx, Tenant, c.account, c.skip, c.limit); err != nil || fmt.Sprint(ids) != c.users || more != c.moreUsers {
				t.Errorf("%s: users of %q, %d after %d: %v, %t, %v; want %s", when, c.account, c.limit, c.skip, ids, more, err, c.users)
			}
			if found, more, err := grants(c.account, c.skip, c.limit); err != nil || found != c.grants || more != c.moreGrants {
				t.Errorf("%s: grants of %q, %d after %d: %s, %t, %v; want %s", when, c.account, c.limit, c.skip, found, more, err, c.grants)
			}
		}
	}
	check("at first")
	write(t, s, Tenant, bson.D{{Key: "_id", Value: "odd"}, {Key: "user_store_id", Value: int32(7)}}) // see sqlite.userRow
	check("with a user of another shape")
	if g, err := u.AccountGrant(ctx, Tenant, "acme", "g4"); err != nil || g.UserID != "c" || g.AccountID != "acme" {
		t.Errorf("%+v, %v", g, err)
	}
	for _, id := range []string{"g2", "g5", "G1", ""} {
		if g, err := u.AccountGrant(ctx, Tenant, "acme", id); errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("%q: %+v, %v", id, g, err)
		}
	}
	// A user who leaves the account, and a grant that is gone, are not found any more.
	write(t, s, Tenant, bson.D{{Key: "_id", Value: "c"}}, bson.D{{Key: "_id", Value: "b"}})
	if ids, _, err := u.AccountUsers(ctx, Tenant, "acme", 0, 9); err != nil || fmt.Sprint(ids) != "[a e]" {
		t.Errorf("users after a change: %v, %v", ids, err)
	}
	if found, _, err := grants("acme", 0, 9); err != nil || found != "a:g1 a:g3 " {
		t.Errorf("grants after a change: %s, %v", found, err)
	}
}

// The users of a large account are read a window at a time.
func readsLargeAccounts(t *testing.T, ctx context.Context, s Store) {
	const n = 1203
	docs := make([]bson.D, n)
	for i := range docs {
		docs[i] = bson.D{
			{Key: "_id", Value: fmt.Sprintf("u%04d", i)}, {Key: "account_ids", Value: bson.A{"acme"}},
			{Key: "grants", Value: bson.A{bson.D{{Key: "grantId", Value: fmt.Sprintf("g%04d", i)}, {Key: "account_id", Value: "acme"}}}},
		}
	}
	write(t, s, Tenant, docs...)
	u := s.Console(nil)
	for _, c := range []struct {
		skip, limit int64
		count       int
		more        bool
	}{{0, 5000, n, false}, {0, n, n, false}, {0, n - 1, n - 1, true}, {1000, 500, 203, false}, {500, 500, 500, true}} {
		ids, more, err := u.AccountUsers(ctx, Tenant, "acme", c.skip, c.limit)
		if err != nil || len(ids) != c.count || more != c.more || ids[0] != fmt.Sprintf("u%04d", c.skip) || !slices.IsSorted(ids) {
			t.Errorf("%d users after %d: %d, %t, %v", c.limit, c.skip, len(ids), more, err)
		}
		grants, more, err := u.AccountGrants(ctx, Tenant, "acme", c.skip, c.limit)
		if err != nil || len(grants) != c.count || more != c.more || grants[0].ID != fmt.Sprintf("g%04d", c.skip) {
			t.Errorf("%d grants after %d: %d, %t, %v", c.limit, c.skip, len(grants), more, err)
		}
	}
}
