package mongo

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/filter"
)

// TestRulesOnGrantsUseIndexes says which conditions on grants have an index. FerretDB has no $elemMatch, so
// nothing is sent.
func TestRulesOnGrantsUseIndexes(t *testing.T) {
	t.Parallel()
	const ended = `{"field": "grant.end", "operator": "between", "from": "2026-08-25", "to": "2026-11-23"}`
	const product = `{"field": "grant.product_id", "operator": "is", "value": "digital-annual"}`
	for rule, want := range map[string]string{
		`{"quantifier": "any", "combinator": "and", "rules": [` + product + `, ` + ended + `]}`:                                               "< grants.endTime",
		`{"quantifier": "any", "combinator": "and", "rules": [{"field": "grant.account_id", "operator": "is_one_of", "values": ["a", "b"]}]}`: "= grants.account_id",
		`{"quantifier": "any", "combinator": "and", "rules": [` + product + `]}`:                                                              "",
		`{"quantifier": "none", "combinator": "and", "rules": [` + ended + `]}`:                                                               "",
		`{"quantifier": "all", "combinator": "and", "rules": [` + ended + `]}`:                                                                "",
		`{"field": "user_id", "operator": "is_one_of", "values": ["u1", "u2"]}`:                                                               "= _id",
		`{"field": "identifiers.username", "operator": "is_one_of", "values": ["Ann", "bob"]}`:                                                "= identifiers.username | = folded.identifiers.username | = identifiers.username | = folded.identifiers.username",
		`{"field": "last_login", "operator": "after", "value": "2026-11-01"}`:                                                                 "< last_login",
		`{"field": "registered", "operator": "before", "value": "2026-11-01"}`:                                                                "< registered",
	} {
		r, err := decode.Rule([]byte(rule), "filter")
		if err != nil {
			t.Fatal(err)
		}
		c, err := filter.Compile(t.Context(), r, "filter", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		command, err := bson.Marshal(bson.D{{Key: "find", Value: usersCollection}, {Key: "filter", Value: queryOf(c)}})
		if err != nil {
			t.Fatal(err)
		}
		if got := queryPlan(command); got != want {
			t.Errorf("%s: %q, want %q", rule, got, want)
		}
	}
}
