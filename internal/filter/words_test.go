package filter_test

import (
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
	gb      = `{"field":"attributes.country","operator":"is","value":"GB"}`
	se      = `{"field":"attributes.country","operator":"is","value":"SE"}`
	no      = `{"field":"attributes.country","operator":"is","value":"NO"}`
	login   = `{"field":"last_login","operator":"between","to":"2026-08-31"}`
	letter  = `{"field":"attributes.newsletter","operator":"checked"}`
	plan    = `{"field":"attributes.plan","operator":"starts_with","value":"Digital"}`
	account = `{"field":"account.name","operator":"contains","value":"Northgate"}`
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

func TestRuleWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, want string }{
		{`null`, ""},
		{group("and"), ""},
		{gb, "Country is GB"},
		{group("and", gb, login), "Country is GB and last login is up to 31 Aug 2026"},
		{group("and", login, gb), "Last login is up to 31 Aug 2026 and country is GB"},
		{group("and", gb, group("and", login, group("or"))), "Country is GB and last login is up to 31 Aug 2026"},
		{group("and", gb, login, group("or", plan, letter, account)), "Country is GB, and last login is up to 31 Aug 2026, and " +
			"( plan starts with Digital, or newsletter is checked, or account name contains Northgate )"},
		{group("and", letter, group("or", se, no)), "Newsletter is checked, and country is SE or NO"},
		{group("or", gb, se, no), "Country is GB, SE or NO"},
		{group("or", gb, letter), "Country is GB or newsletter is checked"},
		{group("or", group("and", gb, letter), login), "( Country is GB and newsletter is checked ), or last login is up to 31 Aug 2026"},
		{`{"field":"attributes.plan","operator":"is_not","value":"a\nb"}`, "Plan is not a b"},
		{`{"field":"attributes.plan","operator":"does_not_contain","value":"x"}`, "Plan does not contain x"},
		{`{"field":"identifiers.email_address","operator":"ends_with","value":"example.com"}`, "Email address ends with example.com"},
		{`{"field":"attributes.plan","operator":"has_any_value"}`, "Plan has any value"},
		{`{"field":"attributes.plan","operator":"is_unknown"}`, "Plan is unknown"},
		{`{"field":"email_verified","operator":"unchecked"}`, "Email verified is unchecked"},
		{`{"field":"attributes.age","operator":"between","from":18,"to":65}`, "Age is between 18 and 65"},
		{`{"field":"attributes.age","operator":"between","from":18}`, "Age is at least 18"},
		{`{"field":"registered","operator":"between","from":"2026-01-01T08:30:00+01:00"}`, "Registered is from 1 Jan 2026 07:30 UTC"},
		{`{"field":"registered","operator":"is","value":"2026-01-01T08:30:05.5Z"}`, "Registered is 1 Jan 2026 08:30:05.5 UTC"},
		{`{"field":"attributes.term","operator":"is","value":"2026-05"}`, "Term is May 2026"},
		{group("and", letter, `{"field":"attributes.week","operator":"is","value":"2026-W05"}`), "Newsletter is checked and VAT week is 2026-W05"},
		{`{"field":"attributes.gone","operator":"is","value":"x"}`, "Gone is x"},
	} {
		if got := filter.Sentence(filter.RuleWords(parse(t, c.rule), schema)); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.rule, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
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
		{export.Definition{Include: grants, Users: in("all", group("and", gb, login))}, "Country is GB and last login is up to 31 Aug 2026"},
		{export.Definition{Include: grants, Users: in("uk", group("and", gb, login))}, "Country is GB and last login is up to 31 Aug 2026, in Meridian UK"},
		{export.Definition{Include: grants, Users: in("uk", group("or", gb, login))}, "( Country is GB or last login is up to 31 Aug 2026 ), in Meridian UK"},
		{export.Definition{Include: grants, Users: in("uk", group("or", gb, se))}, "Country is GB or SE, in Meridian UK"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "all", Since: at("2026-11-22T00:00:00Z")}}, "Changed since 22 Nov 2026"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "all", RegisteredBefore: at("2020-01-01T00:00:00Z")}}, "Registered up to 31 Dec 2019"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "all", RegisteredBefore: at("2020-01-01T12:00:00Z")}}, "Registered before 1 Jan 2020 12:00 UTC"},
		{export.Definition{Include: grants, Users: export.Selection{
			UserStoreID: "all", Filter: parse(t, group("or", gb, letter)), RegisteredSince: at("2020-01-01T00:00:00Z"),
		}}, "( Country is GB or newsletter is checked ), and registered since 1 Jan 2020"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "all", Search: "hart"}}, "Search “hart”"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "uk", Search: "amara  okafor\n"}}, "Search “amara  okafor ”, in Meridian UK"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "uk", Search: "hart", Filter: parse(t, gb)}},
			"Search “hart” and country is GB, in Meridian UK"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "all", Search: "hart", Filter: parse(t, group("and", gb, login))}},
			"Search “hart”, and country is GB, and last login is up to 31 Aug 2026"},
		{export.Definition{Include: grants, Users: export.Selection{UserStoreID: "uk", Search: "hart", Filter: parse(t, group("or", gb, letter))}},
			"Search “hart”, and ( country is GB or newsletter is checked ), in Meridian UK"},
		{export.Definition{Include: profiles("all"), Users: all}, "Has an extended profile"},
		{export.Definition{Include: profiles("crm", "news.v2"), Users: in("all", gb)}, "Country is GB, and has an extended profile of crm or news.v2"},
		{export.Definition{Users: all, StateEvents: &export.StateEvents{}}, "State events"},
		{export.Definition{Users: all, StateEvents: &export.StateEvents{From: at("2026-01-01T00:00:00Z"), To: at("2026-01-31T23:59:59.999Z")}},
			"State events from 1 Jan 2026 up to 31 Jan 2026"},
		{export.Definition{Users: in("uk", "null"), StateEvents: &export.StateEvents{From: at("2026-01-01T08:30:00Z")}},
			"Everyone in Meridian UK, only state events from 1 Jan 2026 08:30 UTC"},
		{export.Definition{Users: in("all", gb), StateEvents: &export.StateEvents{}}, "Country is GB, only state events"},
		{export.Definition{Users: in("uk", group("or", gb, letter)), StateEvents: &export.StateEvents{To: at("2026-01-31T23:59:59.999Z")}},
			"( Country is GB or newsletter is checked ), in Meridian UK, only state events up to 31 Jan 2026"},
		{export.Definition{Include: grants, Users: all, StateEvents: &export.StateEvents{}}, "Everyone in all user stores, and state events"},
		{export.Definition{Include: grants, Users: in("all", gb), StateEvents: &export.StateEvents{From: at("2026-01-01T00:00:00Z")}},
			"Country is GB, and state events from 1 Jan 2026"},
		{export.Definition{Include: grants, Users: in("all", group("or", gb, letter)), StateEvents: &export.StateEvents{}},
			"( Country is GB or newsletter is checked ), and state events"},
		{export.Definition{Include: grants, Users: in("uk", gb), StateEvents: &export.StateEvents{From: at("2026-01-01T00:00:00Z"), To: at("2026-01-31T12:00:00Z")}},
			"Country is GB, in Meridian UK, and state events from 1 Jan 2026 up to 31 Jan 2026 12:00 UTC"},
	} {
		if got := filter.Sentence(filter.Words(c.def, schema, stores)); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestWordsMarkWhatIsStrong(t *testing.T) {
	t.Parallel()
	parts := filter.RuleWords(parse(t, group("and", gb, login)), schema)
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
