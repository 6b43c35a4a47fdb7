package browsetest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// searchFields are the fields that a search compares, and one (note) that it ignores.
var searchFields = map[string]users.InputType{
	"identifiers.email_address": users.Email, "identifiers.username": users.Text, "attributes.first_name": users.Text,
	"attributes.LastName": users.Text, "attributes.note": users.Text,
}

// matchesSearch reports whether a search matches a user. It shares no code with the compiler.
func (o oracle) matchesSearch(p testUser, text string) bool {
	text = strings.TrimSpace(text)
	if text == p.id {
		return true
	}
	for word := range strings.FieldsSeq(text) {
		found := false
		for field := range searchFields {
			stored, _ := p.values[field].(string)
			elements, _ := p.values[field].([]any)
			for _, e := range append(elements, stored) {
				s, _ := e.(string)
				found = found || field != "attributes.note" && strings.Contains(oracleFold(s), oracleFold(word))
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// matchesSearches checks that the list, its count and the export find the same users for a search.
func matchesSearches(t *testing.T, ctx context.Context, s Store) {
	people := randomUsers(randomSeed+2, 60, searchFields)
	people[7].values = map[string]any{"attributes.first_name": "Amara", "attributes.LastName": "Okafor"}
	people[8].values = map[string]any{"attributes.first_name": "Amara", "attributes.note": "Okafor"}
	schema := users.Schema{{Slug: "first_name", Type: users.Text}, {Slug: "LastName", Type: users.Text}, {Slug: "note", Type: users.Text}}
	u := storeUsers(t, s, Tenant, people, schema)
	console := s.Console(schema)
	checkSearch := func(t rapid.TB, text string) (found []string) {
		t.Helper()
		var want []string
		for _, p := range people {
			if u.matchesSearch(p, text) {
				want = append(want, p.id)
			}
		}
		compiled, err := u.compile(ctx, export.Selection{Search: text})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		exported, err := readIDs(ctx, s.Source, Tenant, compiled, pipeline.IDRange{})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		page, err := console.ListUsers(ctx, Tenant, users.Query{Search: text}, "", browse.MaxPageSize)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		listed := userIDs(page.Users)
		count, err := console.CountUsers(ctx, Tenant, users.Query{Search: text})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if !slices.Equal(exported, want) || !slices.Equal(listed, want) || count != int64(len(want)) {
			t.Fatalf("%q: exported %v, listed %v, counted %d; want %v", text, exported, listed, count, want)
		}
		return want
	}
	for text, want := range map[string]string{" AMARA  okafor ": "u00007", "okafor mara": "u00007", "u00008": "u00008"} {
		if got := checkSearch(t, text); !slices.Equal(got, []string{want}) {
			t.Errorf("%q finds %v, want %s", text, got, want)
		}
	}
	selective := 0
	texts := rapid.SliceOfN(rapid.SampledFrom(trickyTexts), 1, 3)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(texts.Draw(t, "texts"), rapid.SampledFrom([]string{"", " ", "\t "}).Draw(t, "between"))
		if n := len(checkSearch(t, text)); n > 0 && n < len(people) {
			selective++
		}
	})
	if selective == 0 {
		t.Error("no search selected some users only")
	}
}

// zephrFields are the fields that Zephr's search compares, and those that it ignores.
var (
	zephrFields = map[string]users.InputType{
		"identifiers.email_address": users.Email, "identifiers.username": users.Text, "attributes.city": users.Text, "attributes.plan": users.Select, "attributes.bio": users.Textarea,
	}
	zephrIgnored = map[string]users.InputType{"attributes.age": users.Number, "attributes.pin": users.Password}
)

// matchesZephrSearch reports whether a search of Zephr's list of users matches a user. It shares no
// code with the compiler.
func (o oracle) matchesZephrSearch(p testUser, text string) bool {
	text = strings.TrimSpace(text)
	if id := strings.Trim(text, "*"); id == p.id {
		return true
	}
	for word := range strings.FieldsSeq(text) {
		found := strings.Trim(word, "*") == ""
		for field := range zephrFields {
			stored, _ := p.values[field].(string)
			elements, _ := p.values[field].([]any)
			for _, e := range append(elements, stored) {
				s, _ := e.(string)
				found = found || s != "" && foundByWildcard(oracleFold(s), word)
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// foundByWildcard tries every place of a folded value.
func foundByWildcard(value, word string) bool {
	sought := oracleFold(strings.Trim(word, "*"))
	anyBefore, anyAfter := strings.HasPrefix(word, "*"), strings.HasSuffix(word, "*")
	if anyBefore == anyAfter {
		anyBefore, anyAfter = true, true
	}
	for i := range len(value) + 1 {
		rest, found := strings.CutPrefix(value[i:], sought)
		before := anyBefore || i == 0 || value[i-1] == ' '
		after := anyAfter || rest == "" || rest[0] == ' '
		if found && before && after {
			return true
		}
	}
	return false
}

// matchesZephrSearches checks that a look-up finds the users of a search of Zephr's.
func matchesZephrSearches(t *testing.T, ctx context.Context, s Store) {
	types := maps.Clone(zephrFields)
	maps.Copy(types, zephrIgnored)
	people := randomUsers(randomSeed+3, 60, types)
	people[7].values = map[string]any{"attributes.city": "Neu Berlin", "attributes.pin": "1234", "attributes.age": int64(77)}
	people[8].values = map[string]any{"attributes.bio": "Ann O'Berliner", "identifiers.email_address": "JOANN@example.com"}
	people[9].values = map[string]any{"attributes.plan": "ann-ual*", "identifiers.username": "BERLIN"}
	schema := users.Schema{}
	for field, inputType := range types {
		if slug, ok := strings.CutPrefix(field, "attributes."); ok {
			schema = append(schema, users.Field{Slug: slug, Type: inputType})
		}
	}
	u := storeUsers(t, s, Tenant, people, schema)
	console := s.Console(schema)
	checkSearch := func(t rapid.TB, text string) (found []string) {
		t.Helper()
		var want []string
		for _, p := range people {
			if u.matchesZephrSearch(p, text) {
				want = append(want, p.id)
			}
		}
		list, total, err := console.FindUsers(ctx, Tenant, users.Lookup{Query: users.Query{Search: text}, Limit: 500})
		if found = userIDs(list); err != nil || !slices.Equal(found, want) || total != int64(len(want)) {
			t.Fatalf("%q: found %v of %d, %v; want %v", text, found, total, err, want)
		}
		return found
	}
	for text, want := range map[string]string{
		"berlin": "u00007 u00008 u00009", "*berlin*": "u00007 u00008 u00009", "neu*": "u00007", "berl*": "u00007 u00009", "*berlin": "u00007 u00009", "berliner ann": "u00008",
		"*ann*": "u00008 u00009", "ann*": "u00008 u00009", "*ann": "u00008", "u00007": "u00007", "*u00007*": "u00007", "1234": "", "77": "", "ual*": "", "*ual*": "u00009",
	} {
		got := slices.DeleteFunc(checkSearch(t, text), func(id string) bool { return id < "u00007" || id > "u00009" })
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %v, want %s", text, got, want)
		}
	}
	if got := checkSearch(t, "*"); len(got) != len(people) {
		t.Errorf("* finds %d users", len(got))
	}
	selective := 0
	words := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		wildcards := rapid.SampledFrom([]string{"", "", "*", "**"})
		return wildcards.Draw(t, "before") + rapid.SampledFrom(trickyTexts).Draw(t, "text") + wildcards.Draw(t, "after")
	}), 1, 3)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(words.Draw(t, "words"), rapid.SampledFrom([]string{"", " ", "\t "}).Draw(t, "between"))
		if n := len(checkSearch(t, text)); n > 0 && n < len(people) {
			selective++
		}
	})
	if selective == 0 {
		t.Error("no search selected some users only")
	}
}
