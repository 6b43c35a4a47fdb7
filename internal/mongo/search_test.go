package mongo

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/export"
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

// The list, its count and the export find the same users for a search.
func TestListAndExportSearchAgree(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
		defer cancel()
		people := randomUsers(randomSeed+2, 60, searchFields)
		people[7].values = map[string]any{"attributes.first_name": "Amara", "attributes.LastName": "Okafor"}
		people[8].values = map[string]any{"attributes.first_name": "Amara", "attributes.note": "Okafor"}
		u, o := storeRandomUsers(t, db, testTenant, people)
		u = newReader(db, fakeDirectory{schema: users.Schema{
			{Slug: "first_name", Type: users.Text}, {Slug: "LastName", Type: users.Text}, {Slug: "note", Type: users.Text},
		}})
		checkSearch := func(t rapid.TB, text string) (found []string) {
			t.Helper()
			var want []string
			for _, p := range people {
				if o.matchesSearch(p, text) {
					want = append(want, p.id)
				}
			}
			exported, err := selectedIDs(ctx, u, testTenant, export.Selection{UserStoreID: export.All, Search: text})
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			page, err := u.ListUsers(ctx, testTenant, users.Query{Search: text}, "", browse.MaxPageSize)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			var listed []string
			for i := range page.Users {
				listed = append(listed, page.Users[i].ID)
			}
			count, err := u.CountUsers(ctx, testTenant, users.Query{Search: text})
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
	})
}
