package mongo

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

func TestUserChanges(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	directory := NewDirectory(db)
	reader := newReader(db, directory)
	const tenant = "daily"
	if err := w.PutSchema(ctx, tenant, users.Schema{
		{Slug: "country", Label: "Country", Type: users.Text}, {Slug: "age", Label: "Age", Type: users.Number, Order: 1},
		{Slug: "pin", Label: "PIN", Type: users.Password, Order: 2},
	}); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	user := func(id, email string) users.User {
		return users.User{
			ID: id, StoreID: "web", Identifiers: users.Identifiers{EmailAddress: email}, Registered: &at, Updated: &at,
			Attributes: map[string]any{"country": "GB"}, ForeignKeys: map[string]string{"crm": "k-" + id},
			ExtendedProfiles: map[string]json.RawMessage{"app.v2": json.RawMessage(`{"a":1}`)},
		}
	}
	for i := range 5 {
		if err := w.CreateUser(ctx, tenant, user(fmt.Sprint("u", i), fmt.Sprintf("u%d@example.com", i))); err != nil {
			t.Fatal(err)
		}
	}
	get := func(id string) users.User {
		t.Helper()
		u, err := reader.GetUser(ctx, tenant, id)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}

	t.Run("reject a user whose id, address or name exists", func(t *testing.T) {
		named := user("u8", "")
		named.Identifiers.Username = "eight"
		if err := w.CreateUser(ctx, tenant, named); err != nil {
			t.Fatal(err)
		}
		again := user("u9", "")
		again.Identifiers.Username = "eight"
		for field, u := range map[string]users.User{"user_id": user("u1", "new@example.com"), "identifiers.email_address": user("u9", "u1@example.com"), "identifiers.username": again} {
			e, _ := w.CreateUser(ctx, tenant, u).(*errs.Error) //nolint:errorlint // returned unwrapped
			if e == nil || e.Code != errs.CodeExists || e.Field != field {
				t.Errorf("%s: %v", field, e)
			}
		}
		if got := get("u1"); got.Identifiers.EmailAddress != "u1@example.com" {
			t.Errorf("%+v", got)
		}
		r, err := directory.Registry(ctx, tenant)
		if err != nil || fmt.Sprint(r) != "{[crm] [app.v2]}" {
			t.Errorf("%v, %v", r, err)
		}
		if err := w.DeleteUser(ctx, tenant, "u8"); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("merge and replace attributes", func(t *testing.T) {
		later := at.Add(time.Hour)
		if err := w.SetAttributes(ctx, tenant, "u1", map[string]any{"age": int64(30)}, false, later); err != nil {
			t.Fatal(err)
		}
		if u := get("u1"); fmt.Sprint(u.Attributes) != "map[age:30 country:GB]" || !u.Updated.Equal(later) || !u.Registered.Equal(at) {
			t.Errorf("%+v", u)
		}
		if err := w.SetAttributes(ctx, tenant, "u1", map[string]any{"country": nil}, false, later); err != nil {
			t.Fatal(err)
		}
		if u := get("u1"); fmt.Sprint(u.Attributes) != "map[age:30]" {
			t.Errorf("%+v", u.Attributes)
		}
		if err := w.SetAttributes(ctx, tenant, "u1", map[string]any{"country": "FR", "age": nil}, true, later); err != nil {
			t.Fatal(err)
		}
		if u := get("u1"); fmt.Sprint(u.Attributes) != "map[country:FR]" {
			t.Errorf("%+v", u.Attributes)
		}
	})

	t.Run("set keys and profiles, and register them", func(t *testing.T) {
		for _, err := range []error{
			w.SetForeignKey(ctx, tenant, "u2", "billing", "B-1", at), w.SetForeignKey(ctx, tenant, "u2", "crm", "", at),
			w.SetProfile(ctx, tenant, "u2", "quiz.v1", []byte(`{"b": 1.0}`), at),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		u := get("u2")
		if fmt.Sprint(u.ForeignKeys) != "map[billing:B-1]" || string(u.ExtendedProfiles["quiz.v1"]) != `{"b": 1.0}` || string(u.ExtendedProfiles["app.v2"]) != `{"a":1}` {
			t.Errorf("%+v %s", u, u.ExtendedProfiles)
		}
		r, err := directory.Registry(ctx, tenant)
		if err != nil || fmt.Sprint(r) != "{[billing crm] [app.v2 quiz.v1]}" {
			t.Errorf("%v, %v", r, err)
		}
	})

	t.Run("keep all concurrent changes", func(t *testing.T) {
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				if err := w.SetForeignKey(ctx, tenant, "u3", fmt.Sprint("s", i), "k", at); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if u := get("u3"); len(u.ForeignKeys) != 11 {
			t.Errorf("%v", u.ForeignKeys)
		}
	})

	t.Run("of a missing user return CodeNotFound", func(t *testing.T) {
		for name, err := range map[string]error{
			"delete": w.DeleteUser(ctx, tenant, "none"), "attributes": w.SetAttributes(ctx, tenant, "none", nil, false, at),
			"key": w.SetForeignKey(ctx, tenant, "none", "crm", "k", at), "profile": w.SetProfile(ctx, tenant, "none", "app.v2", []byte("1"), at),
			"another tenant": w.DeleteUser(ctx, "weekly", "u1"),
		} {
			if errs.CodeOf(err) != errs.CodeNotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	})

	t.Run("find users by look-ups", func(t *testing.T) {
		for name, c := range map[string]struct {
			l    users.Lookup
			want string
		}{
			"everybody":         {users.Lookup{Limit: 9}, "[u0 u1 u2 u3 u4] 5"},
			"a page":            {users.Lookup{Skip: 2, Limit: 2}, "[u2 u3] 5"},
			"beyond the end":    {users.Lookup{Skip: 9, Limit: 2}, "[] 5"},
			"an e-mail address": {users.Lookup{Email: "u4@example.com", Limit: 9}, "[u4] 1"},
			"in another case":   {users.Lookup{Email: "U4@example.com", Limit: 9}, "[u4] 1"},
			"a foreign key":     {users.Lookup{ForeignKeys: map[string]string{"crm": "k-u0"}, Limit: 9}, "[u0] 1"},
			"both":              {users.Lookup{Email: "u4@example.com", ForeignKeys: map[string]string{"crm": "k-u0"}, Limit: 9}, "[] 0"},
			"an attribute":      {users.Lookup{Query: users.Query{Filter: &export.Rule{Field: "attributes.country", Operator: export.Is, Value: export.String("FR")}}, Limit: 9}, "[u1] 1"},
			"a search":          {users.Lookup{Query: users.Query{Search: "u3"}, Limit: 9}, "[u3] 1"},
		} {
			list, total, err := reader.FindUsers(ctx, tenant, c.l)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			ids := []string{}
			for _, u := range list {
				ids = append(ids, u.ID)
			}
			if got := fmt.Sprint(ids, " ", total); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
	})
}
