package filter_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

var lateInMarch = time.Date(2026, 3, 31, 9, 59, 30, 5e6, time.UTC) // counts as 10:00

func TestResolve(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"now": "2026-03-31T10:00:00.000Z", "now-1h": "2026-03-31T09:00:00.000Z", "now+48h": "2026-04-02T10:00:00.000Z",
		"now-30d": "2026-03-01T10:00:00.000Z", "now+2w": "2026-04-14T10:00:00.000Z", "now-1M": "2026-02-28T10:00:00.000Z",
		"now-13M": "2025-02-28T10:00:00.000Z", "now+1M": "2026-04-30T10:00:00.000Z", "now-1y": "2025-03-31T10:00:00.000Z",
		"now-0d": "2026-03-31T10:00:00.000Z", "2026-01-01": "2026-01-01",
	} {
		for _, rule := range []export.Rule{
			{Field: "last_login", Operator: export.Before, Value: export.String(value)},
			{Field: "last_login", Operator: export.Between, From: export.String(value)},
			{Field: "last_login", Operator: export.Between, To: export.String(value)},
			{Field: "grant.end", Operator: export.IsOneOf, Values: []export.Value{export.String("2026-01-01"), export.String(value)}},
		} {
			wrapped := export.Rule{Quantifier: export.AnyGrant, Combinator: export.And, Rules: []export.Rule{rule}}
			before, _ := json.Marshal(wrapped)
			resolved, err := filter.Resolve(&wrapped, "filter", schema, lateInMarch)
			if err != nil {
				t.Fatalf("%s: %v", value, err)
			}
			got := resolved.Rules[0]
			for _, v := range append(got.Values, got.Value, got.From, got.To) {
				if v.Text != "" && v.Text != want && v.Text != "2026-01-01" {
					t.Errorf("%s of %s: %q, want %q", value, before, v.Text, want)
				}
			}
			if after, _ := json.Marshal(wrapped); string(after) != string(before) {
				t.Errorf("the rule became %s, was %s", after, before)
			}
		}
	}
}

// Relative dates have the form of the field, so that "in the last 30 days" has whole days for birthdays.
func TestResolveHasTheFormOfTheField(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"attributes.born": "2026-03-01", "attributes.term": "2026-03", "attributes.week": "2026-W09", "registered": "2026-03-01T10:00:00.000Z",
		"attributes.plan": "now-30d", "attributes.age": "now-30d", "nope": "now-30d",
	} {
		rule := export.Rule{Field: field, Operator: export.Is, Value: export.String("now-30d")}
		if got, err := filter.Resolve(&rule, "filter", schema, lateInMarch); err != nil || got.Value.Text != want {
			t.Errorf("%s: %v, %v; want %s", field, got, err, want)
		}
	}
}

func TestResolveReportsPathOfInvalidDates(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"now-", "now-d", "now-30", "now30d", "now-30x", "now--1d", "now- 1d", "now-1.5d", "now-123456d", "nowhere", "now-9999y", "now+9999y"} {
		rule := export.Rule{Combinator: export.Or, Rules: []export.Rule{
			{Field: "attributes.plan", Operator: export.HasAnyValue},
			{Field: "last_login", Operator: export.Between, From: export.String("now"), To: export.String(value)},
		}}
		_, err := filter.Resolve(&rule, "users.filter", schema, lateInMarch)
		checkError(t, value, err, errs.CodeInvalidRequest, "users.filter.rules[1].to")
	}
	clock := export.Rule{Field: "attributes.wake", Operator: export.Is, Value: export.String("now")}
	_, err := filter.Resolve(&clock, "filter", schema, lateInMarch)
	checkError(t, "a time of day", err, errs.CodeInvalidRequest, "filter.value")
}

// Requests of one minute select the same users, so that they share counts.
func TestResolveCountsFromWholeMinutes(t *testing.T) {
	t.Parallel()
	rule := export.Rule{Field: "last_login", Operator: export.Before, Value: export.String("now-1d")}
	at := func(now time.Time) *export.Rule {
		resolved, err := filter.Resolve(&rule, "filter", schema, now)
		if err != nil {
			t.Fatal(err)
		}
		return resolved
	}
	minute := time.Date(2026, 3, 31, 10, 0, 0, 0, time.UTC)
	if !reflect.DeepEqual(at(minute), at(minute.Add(-59*time.Second))) || reflect.DeepEqual(at(minute), at(minute.Add(time.Millisecond))) {
		t.Errorf("%v, %v, %v", at(minute.Add(-59*time.Second)), at(minute), at(minute.Add(time.Millisecond)))
	}
	plain := export.Rule{Field: "last_login", Operator: export.Before, Value: export.String("2026-01-01")}
	if got, err := filter.Resolve(&plain, "filter", schema, minute); err != nil || got != &plain {
		t.Errorf("a rule without relative dates: %v, %v", got, err)
	}
}
