package decode_test

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/export/decode"
)

func BenchmarkDefinition(b *testing.B) {
	body := []byte(fullDefinition)
	for b.Loop() {
		if _, err := decode.Definition(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRule(b *testing.B) {
	condition := `{"field":"attributes.country","operator":"is","value":"GB"},`
	body := []byte(`{"combinator":"and","rules":[` + strings.TrimSuffix(strings.Repeat(condition, 100), ",") + `]}`)
	for b.Loop() {
		if _, err := decode.Rule(body, "filter"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseObject(b *testing.B) {
	body := []byte(`{"identifiers":{"email_address":"sian@example.com","username":"sian"},"validators":{"password":"a long password"},
		"attributes":{"country":"GB","age":41,"news":true},"email_verified":true}`)
	for b.Loop() {
		o, err := decode.ParseObject(body, "", "identifiers", "validators", "attributes", "email_verified")
		if err != nil {
			b.Fatal(err)
		}
		identifiers, err := o.Get("identifiers").Object("email_address", "username")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := identifiers.Get("email_address").RequiredText(320); err != nil {
			b.Fatal(err)
		}
		if _, err := o.Get("attributes").Object("country", "age", "news"); err != nil {
			b.Fatal(err)
		}
	}
}
