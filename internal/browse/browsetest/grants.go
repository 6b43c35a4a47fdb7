package browsetest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

var quantifiers = []export.Quantifier{export.AnyGrant, export.NoGrant, export.AllGrants}

// productLabels are the labels of the test products by id. Two have the same label.
var productLabels = map[string]string{
	"digital-annual": "Digital Annual", "DIGITAL-ANNUAL": "digital annual", "print": "Straße & Söhne", "p.*": "a.*b", "bare": "",
}

// grantValues are values of the fields of grants that are ids, words or names; stored grants have them
// too. Rules do not take "".
var grantValues = map[string][]string{
	filter.GrantProduct:         {"Digital Annual", "DIGITAL", "a.*b", "söhne"},
	filter.GrantProductID:       {"digital-annual", "DIGITAL-ANNUAL", "print", "p.*"},
	filter.GrantState:           {"active", "expired", "pending"},
	filter.GrantEntitlementType: {"bundle", "entitlement", "credits"},
	filter.GrantEntitlementID:   {"e1", "E1", "$in"},
	filter.GrantAccount:         {"northgate", "a.*b", "étoile", "$in"},
	filter.GrantAccountID:       {"acc-1", "acc-2", "acc-unknown", "$in"},
}

// exactFields are the fields that are compared without folding.
var exactFields = map[string]bool{
	filter.GrantProductID: true, filter.GrantState: true, filter.GrantEntitlementType: true, filter.GrantEntitlementID: true,
	filter.GrantAccountID: true,
}

// storedGrantKeys are the keys of fields in stored grants.
var storedGrantKeys = map[string]string{
	filter.GrantProduct: "product_id", filter.GrantProductID: "product_id", filter.GrantState: "expiry_state",
	filter.GrantEntitlementType: "entitlement_type", filter.GrantEntitlementID: "entitlement_id", filter.GrantStart: "startTime",
	filter.GrantEnd: "endTime", filter.GrantCreated: "createdAt", filter.GrantAccount: "account_id", filter.GrantAccountID: "account_id",
}

func grantFieldTypes() map[string]users.InputType {
	types := map[string]users.InputType{}
	for _, f := range filter.GrantFields() {
		types[f.Name] = f.Type
	}
	return types
}

// oracleTypes returns the input type of each field of users and of grants.
func oracleTypes() map[string]users.InputType {
	types := ruleFieldTypes()
	maps.Copy(types, grantFieldTypes())
	return types
}

func operatorsOf(field string, t users.InputType) []export.Operator {
	for _, f := range filter.GrantFields() {
		if f.Name == field {
			return f.Operators()
		}
	}
	return filter.Operators(users.KindOf(t))
}

// addGrants gives users grants, or none, or something else in their place.
func addGrants(people []testUser, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for _, p := range people {
		switch r.IntN(8) {
		case 0:
		case 1:
			p.values["grants"] = nil
		case 2:
			p.values["grants"] = []any{bson.A{}, bson.A{"text", nil}, "text", randomGrant(r)}[r.IntN(4)]
		default:
			grants := bson.A{}
			for range 1 + r.IntN(3) {
				grants = append(grants, randomGrant(r))
			}
			if r.IntN(6) == 0 {
				grants = append(grants, "text")
			}
			p.values["grants"] = grants
		}
	}
}

// randomGrant returns a grant whose members are missing, null, empty, of another type, or valid.
func randomGrant(r *rand.Rand) bson.D {
	grant := bson.D{{Key: "grantId", Value: fmt.Sprint(r.Uint32())}}
	for _, field := range []string{
		filter.GrantProductID, filter.GrantState, filter.GrantEntitlementType, filter.GrantEntitlementID, filter.GrantStart,
		filter.GrantEnd, filter.GrantCreated, filter.GrantAccountID,
	} {
		var value any
		switch values := grantValues[field]; {
		case r.IntN(6) == 0:
			continue
		case r.IntN(8) == 0:
			value = []any{nil, "", int64(5), randomTime(r), "text"}[r.IntN(5)]
		case values == nil:
			value = randomTime(r)
		default:
			value = values[r.IntN(len(values))]
		}
		grant = append(grant, bson.E{Key: storedGrantKeys[field], Value: value})
	}
	return grant
}

// matchesGrants decides a group on grants: one grant has to meet the whole group.
func (o oracle) matchesGrants(p testUser, r *export.Rule) bool {
	inner := *r
	inner.Quantifier = ""
	var grants, hits int
	list, _ := p.values["grants"].(bson.A)
	for _, item := range list {
		grant, ok := item.(bson.D)
		if !ok {
			continue
		}
		values := map[string]any{}
		for field, key := range storedGrantKeys {
			for _, e := range grant {
				if e.Key == key {
					values[field] = e.Value
				}
			}
		}
		grants++
		if o.matches(testUser{id: p.id, values: values}, &inner) {
			hits++
		}
	}
	switch r.Quantifier {
	case export.AnyGrant:
		return hits > 0
	case export.NoGrant:
		return hits == 0
	default:
		return grants > 0 && hits == grants
	}
}

// matchesTitle decides a condition on the name of what an id refers to.
func (o oracle) matchesTitle(p testUser, r *export.Rule, titles map[string]string) bool {
	stored := p.values[r.Field]
	switch r.Operator {
	case export.HasAnyValue:
		return stored != nil && stored != ""
	case export.IsUnknown:
		return stored == nil || stored == ""
	}
	positive, negative, sought := positiveForm(r)
	id, _ := stored.(string)
	title, known := titles[id]
	hit := known && slices.ContainsFunc(sought, func(v export.Value) bool { return compareText(positive, title, v.Text) })
	return hit != negative
}

// matchesEachOperatorOnGrants checks each operator on each field of grants, under each quantifier.
func matchesEachOperatorOnGrants(t *testing.T, ctx context.Context, s Store) {
	people := randomUsers(randomSeed, 40, nil)
	addGrants(people, randomSeed)
	sampled := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // the first sample: chance rarely hits it with all grants of a user
	people[0].values["grants"] = bson.A{bson.D{
		{Key: storedGrantKeys[filter.GrantStart], Value: sampled}, {Key: storedGrantKeys[filter.GrantEnd], Value: sampled},
		{Key: storedGrantKeys[filter.GrantCreated], Value: sampled},
	}}
	u := storeUsers(t, s, Tenant, people, AllTypesSchema())
	for _, q := range quantifiers {
		u.checkRule(ctx, t, export.Rule{Quantifier: q, Combinator: export.And})
		for _, f := range filter.GrantFields() {
			for _, operator := range f.Operators() {
				some := false // a rule that matches everyone or nobody proves nothing
				rules := sampleRules(f.Name, f.Type, operator)
				if q != export.AnyGrant { // the other quantifiers differ by what surrounds the rules
					rules = rules[:min(2, len(rules))]
				}
				for _, rule := range rules {
					n := u.checkRule(ctx, t, export.Rule{Quantifier: q, Combinator: export.And, Rules: []export.Rule{rule}})
					some = some || 0 < n && n < len(people)
				}
				if !some {
					t.Errorf("%s of %s %s never selected some users only", q, f.Name, operator)
				}
			}
		}
	}
}

// matchesOneGrant checks that the rules of a group on grants are met by one grant, not by several
// together.
func matchesOneGrant(t *testing.T, ctx context.Context, s Store) {
	grant := func(product, state string) bson.D {
		return bson.D{{Key: "product_id", Value: product}, {Key: "expiry_state", Value: state}}
	}
	people := []testUser{
		{"one", map[string]any{"grants": bson.A{grant("print", "active"), grant("digital-annual", "expired")}}},
		{"two", map[string]any{"grants": bson.A{grant("print", "expired"), grant("digital-annual", "active")}}},
		{"without", map[string]any{"grants": bson.A{}}},
		{"lapsed", map[string]any{"grants": bson.A{grant("print", "expired"), grant("digital-annual", "expired")}}},
	}
	slices.SortFunc(people, func(a, b testUser) int { return strings.Compare(a.id, b.id) })
	u := storeUsers(t, s, Tenant, people, AllTypesSchema())
	is := func(field, value string) export.Rule {
		return export.Rule{Field: field, Operator: export.Is, Value: export.String(value)}
	}
	product, expired := is(filter.GrantProduct, "Digital Annual"), is(filter.GrantState, "expired")
	for _, c := range []struct {
		quantifier export.Quantifier
		combinator export.Combinator
		rules      []export.Rule
		want       []string
	}{
		{export.AnyGrant, export.And, []export.Rule{product, expired}, []string{"lapsed", "one"}},
		{export.NoGrant, export.And, []export.Rule{product, expired}, []string{"two", "without"}},
		{export.AllGrants, export.Or, []export.Rule{product, expired}, []string{"lapsed", "two"}},
		{export.AllGrants, export.And, []export.Rule{expired}, []string{"lapsed"}},
		{export.NoGrant, export.And, []export.Rule{is(filter.GrantState, "active")}, []string{"lapsed", "without"}},
		{export.AnyGrant, export.And, nil, []string{"lapsed", "one", "two"}},
		{export.AllGrants, export.Or, nil, []string{"lapsed", "one", "two"}},
		{export.NoGrant, export.And, nil, []string{"without"}},
	} {
		rule := export.Rule{Quantifier: c.quantifier, Combinator: c.combinator, Rules: c.rules}
		u.checkRule(ctx, t, rule)
		if got := u.expected(&rule); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", ruleJSON(rule), got, c.want)
		}
	}
}
