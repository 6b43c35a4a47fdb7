package filter_test

import (
	"fmt"
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

func TestZephrSearchComparesTextAttributes(t *testing.T) {
	t.Parallel()
	schema := users.Schema{
		{Slug: "city", Type: users.Text}, {Slug: "plan", Type: users.Select}, {Slug: "age", Type: users.Number}, {Slug: "born", Type: users.Date},
		{Slug: "news", Type: users.Checkbox}, {Slug: "pin", Type: users.Password},
	}
	paths := []string{"identifiers.email_address", "identifiers.username", "attributes.city", "attributes.plan"}
	text := func(operator export.Operator, text string) func(path string) []filter.Condition {
		return func(path string) []filter.Condition { return []filter.Condition{filter.NewText(path, operator, text)} }
	}
	both := func(a, b func(string) []filter.Condition) func(path string) []filter.Condition {
		return func(path string) []filter.Condition { return append(a(path), b(path)...) }
	}
	anywhere := func(alternatives func(path string) []filter.Condition) (c filter.Or) {
		for _, path := range paths {
			c = append(c, alternatives(path)...)
		}
		return c
	}
	id := func(id string) filter.Condition { return filter.Equal{Path: "_id", Value: id} }
	begins, ends := both(text(export.StartsWith, "ann"), text(export.Contains, " ann")), both(text(export.EndsWith, "ann"), text(export.Contains, "ann "))
	for search, want := range map[string]filter.Condition{
		"":        nil,
		"*":       nil,
		" ** * ":  nil,
		"ann":     filter.Or{id("ann"), anywhere(text(export.Contains, "ann"))},
		"*ann*":   filter.Or{id("ann"), anywhere(text(export.Contains, "ann"))},
		"**ann**": filter.Or{id("ann"), anywhere(text(export.Contains, "ann"))},
		"ann*":    filter.Or{id("ann"), anywhere(begins)},
		"*ann":    filter.Or{id("ann"), anywhere(ends)},
		"a*n":     filter.Or{id("a*n"), anywhere(text(export.Contains, "a*n"))},
		"* ann":   filter.Or{id(" ann"), anywhere(text(export.Contains, "ann"))},
		"*ann b*": filter.Or{id("ann b"), filter.And{anywhere(ends), anywhere(both(text(export.StartsWith, "b"), text(export.Contains, " b")))}},
	} {
		if got, err := filter.ZephrSearch(search, "search", schema); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, %v; want %v", search, got, err, want)
		}
	}
}

// The size of the condition is bounded: databases refuse queries of many megabytes.
func TestZephrSearchLimitsWordsOfLargeSchemas(t *testing.T) {
	t.Parallel()
	schema := make(users.Schema, users.MaxFields)
	for i := range schema {
		schema[i] = users.Field{Slug: fmt.Sprint("field", i), Type: users.Text}
	}
	if _, err := filter.ZephrSearch("ann*", "search", schema); err != nil {
		t.Errorf("one word: %v", err)
	}
	_, err := filter.ZephrSearch("ann bob", "search", schema)
	checkError(t, "two words", err, errs.CodeInvalidRequest, "search")
}
