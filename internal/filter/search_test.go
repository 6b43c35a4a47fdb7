package filter_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

var nameSchema = users.Schema{
	{Slug: "First-Name", Type: users.Text}, {Slug: "surname", Type: users.Text}, {Slug: "note", Type: users.Text},
	{Slug: "pet_name", Type: users.Select}, {Slug: "name_of_mother", Type: users.Password},
}

func TestSearchComparesNamesOnly(t *testing.T) {
	t.Parallel()
	d, err := filter.Search(" 1 \t2 ", "search", nameSchema)
	if err != nil {
		t.Fatal(err)
	}
	anywhere := func(word string) (c filter.Or) {
		for _, path := range []string{"identifiers.email_address", "identifiers.username", "attributes.First-Name", "attributes.surname"} {
			c = append(c, filter.NewText(path, export.Contains, word))
		}
		return c
	}
	if want := (filter.Or{filter.Equal{Path: "_id", Value: "1 \t2"}, filter.And{anywhere("1"), anywhere("2")}}); !reflect.DeepEqual(d, want) {
		t.Errorf("got %v, want %v", d, want)
	}
}

func TestSearchEmptyTextMatchesAll(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", "\t\u00a0\n"} {
		if d, err := filter.Search(text, "search", nameSchema); err != nil || d != nil {
			t.Errorf("%q: %v, %v", text, d, err)
		}
	}
}

func TestSearchReportsInvalidField(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"long": strings.Repeat("x", export.MaxSearchBytes+1), "of many words": strings.Repeat("x ", export.MaxSearchWords+1), "no text": "\xff",
	} {
		_, err := filter.Search(text, "search", nameSchema)
		checkError(t, name, err, errs.CodeInvalidRequest, "search")
		def := export.Definition{Users: export.Selection{UserStoreID: export.All, Search: text}}
		_, err = filter.Users(t.Context(), def, nameSchema, stores, fakeAccounts{})
		checkError(t, name+", in a definition", err, errs.CodeInvalidRequest, "users.search")
	}
}
