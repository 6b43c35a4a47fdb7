package api

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// definitionMembers matches names of a definition that clients of the parameters do not know.
var definitionMembers = regexp.MustCompile(`\b(include|extendedProfiles|onlyMatching|userStoreId|stateEvents)\b|users\.|rules\[`)

// Every error of the decoder and of the compiler of definitions names the query parameter.
func TestExportErrorsNameTheParameter(t *testing.T) {
	t.Parallel()
	const v3, v4 = "/v3/user-export?page=1&", "/v4/user-export?"
	both := []string{v3, v4}
	long := strings.Repeat("x", 600)
	for _, c := range []struct {
		on           []string
		query, field string
		detail       string // the beginning of the sentence
	}{
		{both, "attributes=false", "attributes", "attributes is false, and nothing else is requested"},
		{both, "attributes=false&appIds=&grants=0", "attributes", "attributes is false"},
		{both, "attributes=yes", "attributes", "attributes must be true or false"},
		{both, "grants=yes", "grants", "grants must be"},
		{[]string{v4}, "foreignKeys=yes", "foreignKeys", "foreignKeys must be"},
		{[]string{v3}, "foreignKeys=true", "foreignKeys", "foreignKeys is not a parameter"},
		{both, "search_by_attributes=W10%3D", "search_by_attributes", "search_by_attributes is not a parameter"},
		{both, "since=2020-01-01&since=2021-01-01", "since", "since appears twice"},

		{both, "appIds=,", "appIds", "appIds must not be empty"},
		{both, "appIds=a%00", "appIds", "appIds must not contain control characters"},
		{both, "appIds=all," + long, "appIds", "appIds must have at most 512 bytes"},
		{both, "appIds=" + strings.Repeat("a,", 1000) + "a", "appIds", "appIds has more than 1000 app ids"},
		{both, "appIdsRestrictive=yes&appIds=a", "appIdsRestrictive", "appIdsRestrictive must be"},
		{both, "appIdsRestrictive=true", "appIdsRestrictive", "appIdsRestrictive requires appIds"},

		{both, "user_store_id=nowhere", "user_store_id", "There is no user store"},
		{both, "user_store_id=%00", "user_store_id", "user_store_id must not contain control characters"},
		{both, "user_store_id=" + long, "user_store_id", "user_store_id must have at most"},

		{both, "since=yesterday", "since", `since "yesterday" is neither a date`},
		{both, "since=%zz", "since", "since is not percent-encoded"},
		{both, "registeredSince=0000-00-00", "registeredSince", `registeredSince "0000-00-00" is neither`},
		{both, "registeredBefore=0001-01-01T00:00:00%2B01:00", "registeredBefore", "registeredBefore is outside the years"},
		{both, "registeredSince=2026-02-01&registeredBefore=2026-01-01", "registeredBefore", "registeredBefore is earlier than registeredSince"},

		{[]string{v4}, "from=2026-01-01", "eventsExport", "eventsExport must be true"},
		{[]string{v4}, "eventsExport=yes", "eventsExport", "eventsExport must be true or false"},
		{[]string{v4}, "eventsExport=true", "eventsExport", "State events are not enabled"},
		{[]string{v4}, "eventsExport=true&from=x", "from", `from "x" is neither`},
		{[]string{v4}, "eventsExport=true&to=x", "to", `to "x" is neither`},
		{[]string{v4}, "eventsExport=true&from=2026-02-01&to=2026-01-01", "to", "to is earlier than from"},
		{[]string{v3}, "eventsExport=true", "eventsExport", "eventsExport is not a parameter"},
		{[]string{v3}, "rpp=0", "rpp", "rpp must be a whole number"},

		{both, "attr=country", "attr", "attr country: condition 1 must be"},
		{both, "attr=country.is.GB", "attr", "attr country.is.GB: condition 1 has the unknown operation"},
		{both, "attr=" + strings.Repeat("a.checked,", 100) + "a.checked", "attr", "attr has more than 100 conditions"},
		{both, "attr=country.hasAnyValue,a%00.checked", "attr", "attr condition 2: field must not contain control characters"},
		{both, "attr=country.hasAnyValue,nothing.equals.1", "attr", "attr condition 2: There is no field of this name"},
		{both, "attr=country.between.a.b", "attr", "attr condition 1: Country takes"},
		{both, "attr=age.equals.old", "attr", "attr condition 1: Age is a number"},
		{both, "attr=age.from.old", "attr", "attr condition 1: Age is a number"},
		{both, "attr=age.to.old", "attr", "attr condition 1: Age is a number"},
		{both, "attr=age.between.20.10", "attr", "attr condition 1: to is less than from"},
		{both, "attr=born.equals.old", "attr", "attr condition 1: Born is a date"},
		{both, "attr=born.between.2026-02-01.2026-01-01", "attr", "attr condition 1: to is earlier than from"},
		{both, "attr=country.equals." + strings.Repeat("x", 1001), "attr", "attr condition 1: value must have at most"},
	} {
		for _, target := range c.on {
			b := setup(t) // creating a job would panic
			b.defs.words = func(_ string, def export.Definition) (string, error) { return compileExample(t.Context(), def) }
			a := b.call("exporter", "GET", target+c.query, "")
			a.expect(400, errs.CodeInvalidRequest, c.field)
			if detail, _ := a.json("detail").(string); !strings.HasPrefix(detail, c.detail) || definitionMembers.MatchString(detail) {
				t.Errorf("%.100s: %q, want %q", target+c.query, detail, c.detail)
			}
		}
	}
}

// compileExample compiles the users of a definition for a tenant with one user store.
func compileExample(ctx context.Context, def export.Definition) (string, error) {
	schema := users.Schema{
		{Slug: "country", Label: "Country", Type: users.Select}, {Slug: "age", Label: "Age", Type: users.Number}, {Slug: "born", Label: "Born", Type: users.Date},
	}
	_, err := filter.Users(ctx, def, schema, []users.Store{{ID: "web"}}, nil)
	return "Everyone", err
}

// Every member of a definition that a parameter can set has a parameter.
func TestEveryMemberOfADefinitionHasAParameter(t *testing.T) {
	t.Parallel()
	full := export.Definition{
		Include:     export.Include{ExtendedProfiles: &export.Profiles{AppIDs: []string{"a"}}},
		Users:       export.Selection{Filter: &export.Rule{Combinator: export.And, Rules: []export.Rule{{Field: "f", Operator: export.Checked}}}},
		StateEvents: &export.StateEvents{},
	}
	var members map[string]any
	if err := json.Unmarshal(full.Canonical(), &members); err != nil {
		t.Fatal(err)
	}
	delete(members, "file")
	delete(members["users"].(map[string]any), "search")
	n := 0
	var check func(path string, v any)
	check = func(path string, v any) {
		if m, ok := v.(map[string]any); ok {
			for name, member := range m {
				check(strings.TrimPrefix(path+"."+name, "."), member)
			}
		}
		if path == "" || path == "users" {
			return
		}
		n++
		for _, field := range []string{path, path + "[0]", path + ".rules[1].value"} {
			e, _ := parameterError(errs.Invalid(field, "is wrong")).(*errs.Error) //nolint:errorlint // it is not wrapped
			if !isExportParameter(e.Field) {
				t.Errorf("%s has no parameter", field)
			}
		}
	}
	check("", members)
	if n < 15 {
		t.Errorf("checked %d members", n)
	}
}

// Times have the forms that Zephr documents, and more.
func TestExportParametersTakeTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2020-01-01T00:00:00Z":          "2020-01-01T00:00:00.000Z",
		"2020-01-01T00%3A00%3A00Z":      "2020-01-01T00:00:00.000Z",
		"2020-01-01T01:00:00.5%2B01:00": "2020-01-01T00:00:00.500Z",
		"2020-01-01+00:00:00":           "2020-01-01T00:00:00.000Z",
		"2020-01-01":                    "2020-01-01T00:00:00.000Z",
	} {
		for _, target := range []string{"/v3/user-export?page=1&appIds=quiz1,all&", "/v4/user-export?rpp=40&appIds=all&"} {
			b := setup(t)
			b.defs.words = func(_ string, def export.Definition) (string, error) {
				u := def.Users
				if u.Since.String() == "" || export.FormatTime(u.Since.Time) != want || export.FormatTime(u.RegisteredSince.Time) != want || export.FormatTime(u.RegisteredBefore.Time) != want {
					t.Errorf("%s: %s, want %s", text, def.Canonical(), want)
				}
				if p := def.Include.ExtendedProfiles; p == nil || !p.AllApps() {
					t.Errorf("appIds=all: %s", def.Canonical())
				}
				return "", errs.Errorf(errs.CodeUnavailable, "Decoded.")
			}
			b.call("exporter", "GET", target+"since="+text+"&registeredSince="+text+"&registeredBefore="+text, "").expect(503, errs.CodeUnavailable, "")
		}
	}
}
