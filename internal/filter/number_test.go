package filter_test

import (
	"math/big"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// boundaryNumbers are numbers next to which a conversion between int64 and float64 rounds. Those with
// a fraction or an exponent are doubles: 9.223372036854776e18 is 2^63, its negative the least int64.
var boundaryNumbers = []string{
	"0", "-0.5", "0.5", "0.1", "1e-300", "4503599627370495.5", "4503599627370496", "-4503599627370495.5",
	"9007199254740991", "9007199254740992", "9007199254740993", "9007199254740994", "-9007199254740992", "-9007199254740993", "-9007199254740994",
	"9223372036854775295", "9223372036854775296", "9223372036854775806", "9223372036854775807", "9.223372036854776e18", "1e300",
	"-9223372036854775295", "-9223372036854775296", "-9223372036854775807", "-9223372036854775808", "-9.223372036854776e18", "-9.223372036854778e18", "-1e300",
}

// exactNumber returns the number that a rule compares with: an int64, or else the nearest double.
func exactNumber(t *testing.T, s string) (value any, exact *big.Rat) {
	t.Helper()
	value, err := users.ParseNumber(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	if n, ok := value.(int64); ok {
		return value, new(big.Rat).SetInt64(n)
	}
	return value, new(big.Rat).SetFloat64(value.(float64))
}

// Compile and Matches compare numbers exactly, and DescribeRule shows the number of the rule, digit
// by digit.
func TestRulesCompareNumbersWithoutRounding(t *testing.T) {
	t.Parallel()
	for _, low := range boundaryNumbers {
		_, from := exactNumber(t, low)
		for _, high := range boundaryNumbers {
			stored, to := exactNumber(t, high)
			order := to.Cmp(from)
			both := export.Rule{Field: "attributes.age", Operator: export.Between, From: export.Number(low), To: export.Number(high)}
			_, err := filter.Compile(t.Context(), &both, "f", schema, fakeAccounts{})
			if order < 0 {
				checkError(t, "from "+low+" to "+high, err, errs.CodeInvalidRequest, "f.to")
			} else if err != nil {
				t.Errorf("from %s to %s: %v", low, high, err)
			}
			doc := document(t, bson.D{{Key: "attributes", Value: bson.D{{Key: "age", Value: stored}}}})
			for name, c := range map[string]struct {
				rule export.Rule
				text string
				want bool
			}{
				"is":       {export.Rule{Operator: export.Is, Value: export.Number(low)}, "Age is " + low, order == 0},
				"is not":   {export.Rule{Operator: export.IsNot, Value: export.Number(low)}, "Age is not " + low, order != 0},
				"at least": {export.Rule{Operator: export.Between, From: export.Number(low)}, "Age is at least " + low, order >= 0},
				"up to":    {export.Rule{Operator: export.Between, To: export.Number(low)}, "Age is up to " + low, order <= 0},
			} {
				c.rule.Field = "attributes.age"
				compiled, err := filter.Compile(t.Context(), &c.rule, "f", schema, fakeAccounts{})
				if err != nil {
					t.Fatal(err)
				}
				if got := compiled.Matches(doc); got != c.want {
					t.Errorf("%s %s %s: %v", high, name, low, got)
				}
				if got := filter.Sentence(filter.DescribeRule(&c.rule, schema)); got != c.text {
					t.Errorf("got %q, want %q", got, c.text)
				}
			}
		}
	}
}
