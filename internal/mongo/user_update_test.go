package mongo

import (
	"fmt"
	"testing"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

func TestFindUsersByLookups(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	directory := NewDirectory(db)
	reader := newReader(db, directory)
	const tenant = "daily"
	if err := w.PutSchema(ctx, tenant, users.Schema{{Slug: "country", Label: "Country", Type: users.Text}}); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		id, country := fmt.Sprint("u", i), "GB"
		if i == 1 {
			country = "FR"
		}
		if err := w.CreateUser(ctx, tenant, users.User{
			ID: id, StoreID: "web", Identifiers: users.Identifiers{EmailAddress: id + "@example.com"},
			Attributes: map[string]any{"country": country}, ForeignKeys: map[string]string{"crm": "k-" + id},
		}); err != nil {
			t.Fatal(err)
		}
	}
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
}
