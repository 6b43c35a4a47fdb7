package mongo

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// searchPlaces are where words are looked for, and one where they are not.
var searchPlaces = map[string]users.InputType{
	"identifiers.email_address": users.Email, "identifiers.username": users.Text, "attributes.first_name": users.Text,
	"attributes.LastName": users.Text, "attributes.note": users.Text,
}

// finds says whom a search finds, in plain Go: it shares nothing with the condition.
func (o oracle) finds(p person, text string) bool {
	text = strings.TrimSpace(text)
	if text == p.id {
		return true
	}
	for word := range strings.FieldsSeq(text) {
		somewhere := false
		for place := range searchPlaces {
			stored, _ := p.values[place].(string)
			elements, _ := p.values[place].([]any)
			for _, e := range append(elements, stored) {
				s, _ := e.(string)
				somewhere = somewhere || place != "attributes.note" && strings.Contains(folded(s), folded(word))
			}
		}
		if !somewhere {
			return false
		}
	}
	return true
}

// The list on the screen, its count and the export's count find whom the export finds: one search, one meaning.
func TestSearchMeansTheSameOnTheScreenAndInTheFile(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
		defer cancel()
		people := fleet(fleetSeed+2, 60, searchPlaces)
		people[7].values = map[string]any{"attributes.first_name": "Amara", "attributes.LastName": "Okafor"}
		people[8].values = map[string]any{"attributes.first_name": "Amara", "attributes.note": "Okafor"}
		u, o := board(t, db, fleetTenant, people)
		u.directory = directory{schema: users.Schema{
			{Slug: "first_name", Type: users.Text}, {Slug: "LastName", Type: users.Text}, {Slug: "note", Type: users.Text},
		}}
		agreed := func(t rapid.TB, text string) (found []string) {
			t.Helper()
			var want []string
			for _, p := range people {
				if o.finds(p, text) {
					want = append(want, p.id)
				}
			}
			exported, err := selected(ctx, u, fleetTenant, export.Selection{UserStoreID: export.All, Search: text})
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			page, err := u.ListUsers(ctx, fleetTenant, users.Query{Search: text}, "", MaxPage)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			var listed []string
			for i := range page.Users {
				listed = append(listed, page.Users[i].ID)
			}
			count, err := u.CountUsers(ctx, fleetTenant, users.Query{Search: text})
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if !slices.Equal(exported, want) || !slices.Equal(listed, want) || count != int64(len(want)) {
				t.Fatalf("%q: exported %v, listed %v, counted %d; want %v", text, exported, listed, count, want)
			}
			return want
		}
		for text, want := range map[string]string{" AMARA  okafor ": "u00007", "okafor mara": "u00007", "u00008": "u00008"} {
			if got := agreed(t, text); !slices.Equal(got, []string{want}) {
				t.Errorf("%q finds %v, want %s", text, got, want)
			}
		}
		some := 0
		texts := rapid.SliceOfN(rapid.SampledFrom(hostile), 1, 3)
		rapid.Check(t, func(t *rapid.T) {
			text := strings.Join(texts.Draw(t, "texts"), rapid.SampledFrom([]string{"", " ", "\t "}).Draw(t, "between"))
			if n := len(agreed(t, text)); n > 0 && n < len(people) {
				some++
			}
		})
		if some == 0 {
			t.Error("no search told users apart")
		}
	})
}
