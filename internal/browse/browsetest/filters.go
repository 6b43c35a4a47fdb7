package browsetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

const randomSeed = 20261123

// TestFilters checks that a source finds the users of a filter or a search that a second, simpler
// implementation finds.
func TestFilters(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, context.Context, Store){
		"each operator": matchesEachOperator, "each operator on grants": matchesEachOperatorOnGrants, "one grant": matchesOneGrant, "random filters": matchesRandomFilters, "searches": matchesSearches, "searches of Zephr": matchesZephrSearches,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
			t.Cleanup(cancel)
			test(t, ctx, open(t))
		})
	}
}

// storedUsers are users of a store, and the oracle of what a filter finds.
type storedUsers struct {
	Store
	oracle
	tenant string
	schema users.Schema
	stored []bson.Raw // the documents of the oracle's people
}

// storeUsers writes users and the test accounts.
func storeUsers(t *testing.T, s Store, tenant string, people []testUser, schema users.Schema) storedUsers {
	t.Helper()
	u := storedUsers{
		Store: s, tenant: tenant, schema: schema, oracle: oracle{people: people, types: oracleTypes(), accounts: accountNames, products: productLabels},
	}
	for _, p := range people {
		u.stored = append(u.stored, marshal(t, p.document(t)))
	}
	if _, err := s.Writer.WriteUsers(t.Context(), tenant, u.stored); err != nil {
		t.Fatal(err)
	}
	var accounts []users.Account
	for _, id := range sortedKeys(accountNames) {
		accounts = append(accounts, users.Account{ID: id, Name: accountNames[id]})
	}
	if _, err := s.Writer.AddAccounts(t.Context(), tenant, accounts); err != nil {
		t.Fatal(err)
	}
	var products []users.Product
	for _, id := range sortedKeys(productLabels) {
		products = append(products, users.Product{ID: id, Label: productLabels[id]})
	}
	if _, err := s.Writer.AddProducts(t.Context(), tenant, products); err != nil {
		t.Fatal(err)
	}
	return u
}

// compile compiles a selection of users, as the exporter does.
func (u storedUsers) compile(ctx context.Context, s export.Selection) (filter.Selection, error) {
	s.UserStoreID = export.All
	return filter.Users(ctx, export.Definition{Users: s, Include: export.Include{Grants: true}}, u.schema, nil, u.Source.Catalog(u.tenant))
}

// checkRule fails if the store or the evaluation of raw documents differs from the oracle. It
// returns the number of users.
func (u storedUsers) checkRule(ctx context.Context, t rapid.TB, rule export.Rule) (matched int) {
	t.Helper()
	compiled, err := u.compile(ctx, export.Selection{Filter: &rule})
	if err != nil {
		t.Fatalf("%s: %v", ruleJSON(rule), err)
	}
	got, err := readIDs(ctx, u.Source, u.tenant, compiled, pipeline.IDRange{})
	if err != nil {
		t.Fatalf("%s: %v", ruleJSON(rule), err)
	}
	want := u.expected(&rule)
	for i, p := range u.people {
		should := slices.Contains(want, p.id)
		if evaluated := compiled.Matches(u.stored[i]); evaluated != should {
			t.Fatalf("%s: %s is matched by its raw document: %v, want %v; %#v", ruleJSON(rule), p.id, evaluated, should, p.values)
		}
		if in := slices.Contains(got, p.id); in != should {
			t.Fatalf("%s: %s is matched: %v, want %v; %#v", ruleJSON(rule), p.id, in, should, p.values)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s: the same users in another order", ruleJSON(rule))
	}
	if n, err := u.Source.Count(ctx, u.tenant, compiled); err != nil || n != int64(len(want)) {
		t.Fatalf("%s: %d counted, %v; want %d", ruleJSON(rule), n, err, len(want))
	}
	return len(got)
}

func (o oracle) expected(rule *export.Rule) (ids []string) {
	for _, p := range o.people {
		if o.matches(p, rule) {
			ids = append(ids, p.id)
		}
	}
	return ids
}

func ruleJSON(r export.Rule) string {
	b, err := json.Marshal(r)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// matchesEachOperator checks each operator on each field, with values that match and values that do
// not.
func matchesEachOperator(t *testing.T, ctx context.Context, s Store) {
	matched := map[string]int{} // number of users, by kind and operator
	types := ruleFieldTypes()
	for i, field := range sortedKeys(types) {
		people := randomUsers(randomSeed, 48, map[string]users.InputType{field: types[field]})
		u := storeUsers(t, s, fmt.Sprint(Tenant, i), people, AllTypesSchema())
		for _, operator := range filter.Operators(users.KindOf(types[field])) {
			for _, rule := range sampleRules(field, types[field], operator) {
				n := u.checkRule(ctx, t, rule)
				if n < len(people) { // a rule that matches everyone proves nothing
					matched[fmt.Sprintf("%s %s", users.KindOf(types[field]), operator)] += n
				}
			}
		}
	}
	for _, kind := range []users.Kind{users.TextKind, users.NumberKind, users.DateKind, users.BoolKind} {
		for _, operator := range filter.Operators(kind) {
			if matched[fmt.Sprintf("%s %s", kind, operator)] == 0 {
				t.Errorf("%s on %s never selected some users only", operator, kind)
			}
		}
	}
}

// matchesRandomFilters checks random filters on one set of users.
func matchesRandomFilters(t *testing.T, ctx context.Context, s Store) {
	types := ruleFieldTypes()
	for _, same := range []users.InputType{users.Range, users.Tel, users.URL, users.Select, users.Radio, users.Textarea, users.Color, users.Hidden} {
		delete(types, "attributes."+string(same)+"-field") // matchesEachOperator covers these types
	}
	people := randomUsers(randomSeed+1, 40, types)
	addGrants(people, randomSeed+1)
	u := storeUsers(t, s, Tenant, people, AllTypesSchema())
	rules := ruleGenerator(types)
	rapid.Check(t, func(t *rapid.T) {
		u.checkRule(ctx, t, rules.Draw(t, "rule"))
	})
}
