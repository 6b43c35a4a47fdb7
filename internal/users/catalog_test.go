package users

import (
	"encoding/json"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Members that Egress has no field for are returned as they were given, also after they were stored.
func TestCatalogKeepsMembers(t *testing.T) {
	t.Parallel()
	const product = `{"description":"<b>Gold</b>","entitlement":{"id":"gold-bundle","type":"bundle"},"id":"gold","label":"Gold","mapping":{"p":{"price":10.50}},"sharingLimit":0}`
	var p Product
	roundTrip(t, product, &p)
	if p.ID != "gold" || p.Label != "Gold" {
		t.Errorf("%+v", p)
	}
	const account = `{"company_id":"123","email_address":"desk@library.example","id":"a1","name":"Library of Łódź","number_of_seats":7,"on_premises_ips":null,"premises_tags":"[\"gold\"]"}`
	var a Account
	roundTrip(t, account, &a)
	if a.ID != "a1" || a.Name != "Library of Łódź" || strings.Contains(string(a.Members), "Library") {
		t.Errorf("%+v", a)
	}
}

// roundTrip decodes JSON, stores it, reads it back and compares its JSON.
func roundTrip[T comparable](t *testing.T, text string, v *T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatal(err)
	}
	doc, err := bson.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var stored T
	if err := bson.Unmarshal(doc, &stored); err != nil || stored != *v {
		t.Errorf("stored as %+v, want %+v, %v", stored, *v, err)
	}
	encoded, err := json.Marshal(stored)
	if err != nil || !sameBytes(encoded, text) {
		t.Errorf("%s, want %s, %v", encoded, text, err)
	}
}

func sameBytes(encoded []byte, text string) bool {
	unescaped := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(encoded))
	return unescaped == text
}

func TestCatalogForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Account{
		`{"account_id":"a1","name":"One"}`:             {ID: "a1", Name: "One"},
		`{"id":7}`:                                     {ID: "7", Name: "7"},
		`{"id":null,"account_id":"a1","name":null}`:    {ID: "a1", Name: "a1"},
		`{"id":"a1", "account_id":"b","name":"One" }`:  {ID: "a1", Name: "One", Members: `{"account_id":"b"}`},
		`{"id":"a1","name":"One", "x" : [ 1 , 2.50 ]}`: {ID: "a1", Name: "One", Members: `{"x":[1,2.50]}`},
	} {
		var got Account
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	large := `{"id":"a1","x":"` + strings.Repeat("x", MaxMembersBytes) + `"}`
	for text, want := range map[string]string{
		`[]`: "must be an object", `null`: "must be an object", `{}`: "must have an id", `{"id":"a\u0000"}`: "must have an id",
		`{"id":["a"]}`: "must have a text as id", `{"id":"a","name":{}}`: "must have a text as name", large: "has more than 65536 bytes",
	} {
		var got Account
		if err := json.Unmarshal([]byte(text), &got); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", text, err, want)
		}
	}
}
