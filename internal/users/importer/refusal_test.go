package importer

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/users"
)

func TestRecordsAreRefusedWholeWithLineAndReason(t *testing.T) {
	t.Parallel()
	schema := []users.Field{
		{Slug: "age", Label: "Age", Type: users.Number}, {Slug: "born", Label: "Born", Type: users.Date},
		{Slug: "name", Label: "Name", Type: users.Text}, {Slug: "secret", Label: "Secret", Type: users.Password},
	}
	tests := []struct{ name, item, field, reason string }{
		{"too many digits", `{"user_id":"x","attributes":{"age":12345678901234567890}}`, "attributes.age", "has more digits than a number can keep; make the field text"},
		{"no date", `{"user_id":"x","attributes":{"born":"4/3/84"}}`, "attributes.born", "must be a date like 2026-01-31"},
		{"an unknown slug", `{"user_id":"x","attributes":{"nick":"n"}}`, "attributes.nick", "is not a field of the schema"},
		{"a bad slug", `{"user_id":"x","attributes":{"a.b":1}}`, "attributes", `have a name that is not letters, digits, _ and -: "a.b"`},
		{"a bad slug with a list", `{"user_id":"x","attributes":{"a\u001bb":[]}}`, "attributes", `have a name that is not letters, digits, _ and -: "a\x1bb"`},
		{"an attribute that is a list", `{"user_id":"x","attributes":{"name":["n"]}}`, "attributes.name", "must be a string, a number or a boolean"},
		{"attributes that are a list", `{"user_id":"x","attributes":[]}`, "attributes", "must be an object"},
		{"a NUL", `{"user_id":"x","attributes":{"name":"a\u0000b"}}`, "attributes.name", "holds a NUL character"},
		{"half a surrogate pair", `{"user_id":"x","attributes":{"name":"\ud83d"}}`, "attributes.name", "holds half of a surrogate pair, which is no character"},
		{"a low surrogate first", `{"user_id":"x","attributes":{"name":"\ude00\ud83d"}}`, "attributes.name", "holds half of a surrogate pair, which is no character"},
		{"a NUL in a name", `{"user_id":"x","a\u0000":1}`, "", "has a member whose name holds a NUL character"},
		{"a member twice", `{"user_id":"x","updated":null,"\u0075pdated":null}`, "", `has the member "updated" twice`},
		{"an attribute twice", `{"user_id":"x","attributes":{"age":1,"age":2}}`, "attributes", `has the member "age" twice`},
		{"no id", `{"user":{"identifiers":{}}}`, "user_id", "is missing"},
		{"an empty id", `{"user":{"user_id":""}}`, "user_id", "is missing"},
		{"an id with a line break", `{"user_id":"a\nb"}`, "user_id", "must be at most 512 bytes without control characters"},
		{"an object for an id", `{"user_id":{"$gt":""}}`, "user_id", "must be a string, a number or a boolean"},
		{"no user", `{"user":null,"seq-no":1}`, "user_id", "is missing"},
		{"a user that is text", `{"user":"x"}`, "user", "must be an object"},
		{"no time", `{"user_id":"x","registered":"soon"}`, "registered", "must be a time like 2026-01-31T08:30:00Z"},
		{"a fraction of a millisecond", `{"user_id":"x","registered":1.5}`, "registered", "must be a time, or milliseconds since 1970 as a whole number"},
		{"a bad system", `{"user_id":"x","foreign_keys":{"$where":"1"}}`, "foreign_keys", `have a system that is not letters, digits, _ and -: "$where"`},
		{"a bad app", `{"user_id":"x","profiles":{"a b":1}}`, "profiles", `have an app id that is not letters, digits, _, - and dots: "a b"`},
		{"an app twice", `{"user":{"user_id":"x","profiles":{"a":1}},"extended_profiles":{"a":1}}`, "extended_profiles.a", "is there twice"},
		{"another's grant", `{"user_id":"x","grants":[{"grantId":"g","user_id":"y"}]}`, "grants.results[0].user_id", "is not the id of the user who holds the grant"},
		{"a grant without id", `{"user_id":"x","grants":{"results":[{}]}}`, "grants.results[0].grantId", "is missing"},
		{"a grant that is null", `{"user_id":"x","grants":[null]}`, "grants.results[0]", "must be an object"},
		{"a strange state", `{"user_id":"x","grants":[{"grantId":"g","expiry_state":"gone"}]}`, "grants.results[0].expiry_state", `must be one of ["pending" "active" "expired"]`},
		{"a yes", `{"user_id":"x","email_verified":"yes"}`, "email_verified", "must be true or false"},
		{"accounts that are text", `{"user_id":"x","account_ids":"a"}`, "account_ids", "must be a list"},
		{"an account without id", `{"user_id":"x","accounts":[{"name":"n"}]}`, "accounts[0]", "has no id"},
		{"a bad number", `{"user_id":"x","attributes":{"age":01}}`, "", "is not valid JSON"},
		{"two numbers for one", `{"user_id":"x","attributes":{"age":1 2}}`, "", "is not valid JSON"},
		{"bad UTF-8", "{\"user_id\":\"x\",\"attributes\":{\"name\":\"\xc3(\"}}", "", "is not valid UTF-8"},
		{"text", `"x"`, "", "is not an object"},
		{"too much for a document", `{"user_id":"x","attributes":{"name":"` + strings.Repeat("n", users.MaxDocumentBytes) + `"}}`, "user", "takes 15000"},
		{"too much to look at", `{"user_id":"x","attributes":{"name":"` + strings.Repeat("n", maxItemBytes) + `"}}`, "", "is larger than 32 MiB of JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			good, after := `{"user_id":"good"}`, `{"user_id":"after","attributes":{"secret":"hunter2","name":""}}`
			for form, text := range map[string]string{
				"lines": good + "\n" + tt.item + "\n" + after, "array": "[" + good + ",\n" + tt.item + ",\n" + after + "]",
			} {
				m := newMemory(schema...)
				rep, refusals := load(t, m, text, Options{})
				if len(refusals) != 1 {
					t.Fatalf("%s: refusals %+v", form, refusals)
				}
				got := refusals[0]
				exact := got.Reason == tt.reason || tt.reason == "takes 15000" && strings.HasPrefix(got.Reason, tt.reason)
				if got.Line != 2 || got.Field != tt.field || !exact {
					t.Errorf("%s: refused as %+v, want %s: %s", form, got, tt.field, tt.reason)
				}
				if len(m.users) != 2 || rep.Created != 2 || len(m.users["after"].Attributes) != 0 {
					t.Errorf("%s: users %+v, report %+v", form, m.users, rep)
				}
				if rep.SecretsDropped != 1 {
					t.Errorf("%s: %d values of password fields were dropped, want 1", form, rep.SecretsDropped)
				}
			}
		})
	}
}

func TestBrokenFilesWriteNothing(t *testing.T) {
	t.Parallel()
	first := `[{"user_id":"a"},` + "\n"
	tests := []struct{ name, text, field, reason string }{
		{"nothing", "", "line 1", "the file is empty"},
		{"blanks", "\xef\xbb\xbf \r\n ", "line 2", "the file is empty"},
		{"a CSV", "user_id,name\n", "line 1", "neither an object nor an array of users begins here"},
		{"UTF-16", "\xff\xfe[\x00", "line 1", "the file is UTF-16; save it as UTF-8"},
		{"gzip by another name", "\x1f\x8b\x08", "line 1", "the file is compressed; give it a name that ends in .gz"},
		{"cut off between records", first, "line 2", "the file ends in the middle of a record"},
		{"cut off in a record", first + `{"user_id":"b"`, "line 2", "the file ends in the middle of a record"},
		{"cut off in a string", first + `{"user_id":"b`, "line 2", "the file ends in the middle of a record"},
		{"cut off in an escape", first + `{"user_id":"b\`, "line 2", "the file ends in the middle of a record"},
		{"cut off in a page", `{"results":[[{"user_id":"a"}]]`, "line 1", "the file ends in the middle of a record"},
		{"an open string", first + "{\"user_id\":\"b\n\"}]", "line 2", "a string is not closed on its line"},
		{"crossed brackets", first + `{"a":[}]]`, "line 2", `'}' does not close what is open`},
		{"a missing comma", first + `{} {}]`, "line 2", "a comma or the end of the list is expected"},
		{"a comma too many", first + `]`, "line 2", `']' does not close what is open`},
		{"a comma first", "[,{}]", "line 1", "a value is expected"},
		{"a missing colon", `{"user_id" "a"}`, "line 1", "a colon is expected"},
		{"a name without quotes", `{user_id:"a"}`, "line 1", "a member's name in double quotes is expected"},
		{"something behind", first + "{}]\nx", "line 3", "neither an object nor an array of users begins here"},
		{"deep nesting", "[" + strings.Repeat(`{"a":`, maxNesting+1), "line 1", "arrays and objects are nested too deeply"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMemory()
			_, err := Run(testContext(t), m, "t", Bytes([]byte(tt.text)), Options{})
			wantBroken(t, err, tt.field, tt.reason)
			if len(m.users) > 0 || len(m.schema) > 0 || len(m.titles) > 0 {
				t.Errorf("something was written: %+v", m)
			}
		})
	}
}
