package filter_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

func at(s string) *export.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	v := export.NewTime(t)
	return &v
}

const (
	isGB        = `{"field":"attributes.country","operator":"is","value":"GB"}`
	isSE        = `{"field":"attributes.country","operator":"is","value":"SE"}`
	isNO        = `{"field":"attributes.country","operator":"is","value":"NO"}`
	lastLogin   = `{"field":"last_login","operator":"between","to":"2026-08-31"}`
	newsletter  = `{"field":"attributes.newsletter","operator":"checked"}`
	plan        = `{"field":"attributes.plan","operator":"starts_with","value":"Digital"}`
	accountName = `{"field":"account.name","operator":"contains","value":"Northgate"}`
)

func group(combinator string, rules ...string) string {
	s := `{"combinator":"` + combinator + `","rules":[`
	for i, r := range rules {
		if i > 0 {
			s += ","
		}
		s += r
	}
	return s + `]}`
}

// words.json is shared with the console's tests (frontend/src/filter/words.test.ts), so that the
// server and the console say the same.
func TestWordsFixture(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/words.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Sentences []struct {
			Rule   json.RawMessage
			Search string
			Want   string
		}
		Counts []struct {
			N    int64
			Want string
		}
	}
	if err := json.Unmarshal(text, &table); err != nil {
		t.Fatal(err)
	}
	if len(table.Sentences) == 0 || len(table.Counts) == 0 {
		t.Fatal("words.json has no sentences or no counts")
	}
	for _, c := range table.Sentences {
		rule := parse(t, string(c.Rule))
		parts := filter.DescribeRule(rule, schema)
		if c.Search != "" {
			users := export.Selection{UserStoreID: export.All, Search: c.Search, Filter: rule}
			parts = filter.Describe(export.Definition{Include: export.Include{Grants: true}, Users: users}, schema, stores)
		}
		if got := filter.Sentence(parts); got != c.Want {
			t.Errorf("%s, search %q\ngot  %s\nwant %s", c.Rule, c.Search, got, c.Want)
		}
	}
	for _, c := range table.Counts {
		if got := export.Pluralize(c.N, "user", "users"); got != c.Want {
			t.Errorf("%d: got %q, want %q", c.N, got, c.Want)
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	all := export.Selection{UserStoreID: export.All}
	grants := export.Include{Grants: true}
	profiles := func(ids ...string) export.Include {
		return export.Include{ExtendedProfiles: &export.Profiles{AppIDs: ids}}
	}
	in := func(store, rule string) export.Selection {
		return export.Selection{UserStoreID: store, Filter: parse(t, rule)}
	}
	for _, c := range []struct {
		def  export.Definition
		want string
	}{
		{export.Definition{Include: grants, Users: all}, "Everyone in all user stores"},
		{export.Definition{Include: grants, Users: in("uk", "null")}, "Everyone in Meridian UK"},
		{export.Definition{Include: grants, Users: in("bare", group("or"))}, "Everyone in bare"},
		{export.Definition{Include: grants, Users: in("all", group("and", isGB, lastLogin))}, "Country is GB and last login is up to 31 Aug 2026"},
		{export.Definition{Include: grants, Users: in("uk", group("and", isGB, lastLogin))}, "Country is GB and last login is up to 31 Aug 2026, in Meridian UK"},
		{export.Definition{Include: grants, Users: in("uk", group("or", isGB, lastLogin))}, "( Country is GB or last login is up to 31 Aug 2026 ), in Meridian UK"},
		{export.Definition{Include: grants, Users: in("uk", group("or", isGB, isSE))}, "Country is GB or SE, in Meridian UK"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "all", Since: at("2026-11-22T00:00:00Z")}}, "Changed since 22 Nov 2026"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "all", RegisteredBefore: at("2020-01-01T00:00:00Z")}}, "Registered up to 31 Dec 2019"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "all", RegisteredBefore: at("2020-01-01T12:00:00Z")}}, "Registered before 1 Jan 2020 12:00 UTC"},
		{export.Definition{Include: grants, Users: export.Selection{
			UserStoreID: "all", Filter: parse(t, group("or", isGB, newsletter)), RegisteredSince: at("2020-01-01T00:00:00Z"),
		}}, "( Country is GB or newsletter is checked ), and registered since 1 Jan 2020"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "all", Search: "hart"}}, "Search “hart”"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "uk", Search: "amara  okafor\n"}}, "Search “amara  okafor ”, in Meridian UK"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "uk", Search: "hart", Filter: parse(t, isGB)}},
			"Search “hart” and country is GB, in Meridian UK"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "all", Search: "hart", Filter: parse(t, group("and", isGB, lastLogin))}},
			"Search “hart”, and country is GB, and last login is up to 31 Aug 2026"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "uk", Search: "hart", Filter: parse(t, group("or", isGB, newsletter))}},
			"Search “hart”, and ( country is GB or newsletter is checked ), in Meridian UK"},
		{export.Definition{Include: profiles("all"), Users: all}, "Has an extended profile"},
		{export.Definition{Include: profiles("crm", "news.v2"), Users: in("all", isGB)}, "Country is GB, and has an extended profile of crm or news.v2"},
		{export.Definition{Users: all, StateEvents: &export.StateEvents{}}, "State events"},
		{export.Definition{Users: all, StateEvents: &export.StateEvents{From: at("2026-01-01T00:00:00Z"), To: at("2026-01-31T23:59:59.999Z")}},
			"State events from 1 Jan 2026 up to 31 Jan 2026"},
		{export.Definition{Users: in("uk", "null"), StateEvents: &export.StateEvents{From: at("2026-01-01T08:30:00Z")}},
			"Everyone in Meridian UK, only state events from 1 Jan 2026 08:30 UTC"},
		{export.Definition{Users: in("all", isGB), StateEvents: &export.StateEvents{}}, "Country is GB, only state events"},
		{export.Definition{Users: in("uk", group("or", isGB, newsletter)), StateEvents: &export.StateEvents{To: at("2026-01-31T23:59:59.999Z")}},
			"( Country is GB or newsletter is checked ), in Meridian UK, only state events up to 31 Jan 2026"},
		{export.Definition{Include: grants, Users: all, StateEvents: &export.StateEvents{}}, "Everyone in all user stores, and state events"},
		{export.Definition{Include: grants, Users: in("all", isGB), StateEvents: &export.StateEvents{From: at("2026-01-01T00:00:00Z")}},
			"Country is GB, and state events from 1 Jan 2026"},
		{export.Definition{Include: grants, Users: in("all", group("or", isGB, newsletter)), StateEvents: &export.StateEvents{}},
			"( Country is GB or newsletter is checked ), and state events"},
		{export.Definition{Include: grants, Users: in("uk", isGB), StateEvents: &export.StateEvents{From: at("2026-01-01T00:00:00Z"), To: at("2026-01-31T12:00:00Z")}},
			"Country is GB, in Meridian UK, and state events from 1 Jan 2026 up to 31 Jan 2026 12:00 UTC"},
	} {
		if got := filter.Sentence(filter.Describe(c.def, schema, stores)); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestDescribeRuleEmphasizesValues(t *testing.T) {
	t.Parallel()
	parts := filter.DescribeRule(parse(t, group("and", isGB, lastLogin)), schema)
	want := []filter.Part{
		{Text: "Country", Kind: filter.PartField}, {Text: "is", Kind: filter.PartOperator}, {Text: "GB", Kind: filter.PartValue, Strong: true},
		{Text: "and", Kind: filter.PartJoin},
		{Text: "last login", Kind: filter.PartField}, {Text: "is up to", Kind: filter.PartOperator}, {Text: "31 Aug 2026", Kind: filter.PartValue, Strong: true},
	}
	if len(parts) != len(want) {
		t.Fatalf("got %+v", parts)
	}
	for i := range want {
		if parts[i] != want[i] {
			t.Errorf("part %d: got %+v, want %+v", i, parts[i], want[i])
		}
	}
}
