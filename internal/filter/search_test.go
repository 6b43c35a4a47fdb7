package filter_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

var named = users.Schema{
	{Slug: "First-Name", Type: users.Text}, {Slug: "surname", Type: users.Text}, {Slug: "note", Type: users.Text},
	{Slug: "pet_name", Type: users.Select}, {Slug: "name_of_mother", Type: users.Password},
}

// looks returns the paths of a condition that are compared with text, and with which patterns or values.
func looks(t *testing.T, d bson.D) (paths, texts []string) {
	t.Helper()
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	inspect(t, raw, func(key string, v bson.RawValue) {
		if pattern, _, ok := v.RegexOK(); ok {
			paths, texts = append(paths, key), append(texts, pattern)
		} else if id, ok := v.StringValueOK(); ok {
			paths, texts = append(paths, key), append(texts, id)
		}
	})
	return paths, texts
}

func TestSearchLooksInNamesOnly(t *testing.T) {
	t.Parallel()
	d, err := filter.Search(" 1 \t2 ", "search", named)
	if err != nil {
		t.Fatal(err)
	}
	paths, texts := looks(t, d)
	places := []string{"identifiers.email_address", "identifiers.username", "attributes.First-Name", "attributes.surname"}
	if want := slices.Concat([]string{"$eq"}, places, places); !slices.Equal(paths, want) {
		t.Errorf("looks at %q, want %q", paths, want)
	}
	if want := []string{"1 \t2", "1", "1", "1", "1", "2", "2", "2", "2"}; !slices.Equal(texts, want) {
		t.Errorf("looks for %q, want %q", texts, want)
	}
}

func TestSearchForNothingMatchesEveryone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", "\t\u00a0\n"} {
		if d, err := filter.Search(text, "search", named); err != nil || len(d) != 0 {
			t.Errorf("%q: %v, %v", text, d, err)
		}
	}
}

func TestSearchIsNeverAPattern(t *testing.T) {
	t.Parallel()
	for _, word := range []string{".*", "^a", "a|b", "[a-z]", "(?i)x", `\E`, "$where", "{$gt:1}", "a\x00b", "%"} {
		d, err := filter.Search(word, "search", named)
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		_, texts := looks(t, d)
		for _, pattern := range texts[1:] {
			if p := regexp.MustCompile(pattern); !p.MatchString("x"+word+"x") || p.MatchString("zzz") {
				t.Errorf("%q became the pattern %q", word, pattern)
			}
		}
	}
}

func TestSearchNamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"long": strings.Repeat("x", export.MaxSearchBytes+1), "of many words": strings.Repeat("x ", export.MaxSearchWords+1), "no text": "\xff",
	} {
		_, err := filter.Search(text, "search", named)
		refused(t, name, err, export.CodeInvalid, "search")
		def := export.Definition{Users: export.Selection{UserStoreID: export.All, Search: text}}
		_, err = filter.Selection(t.Context(), def, named, stores, accounts{})
		refused(t, name+", in a definition", err, export.CodeInvalid, "users.search")
	}
}
