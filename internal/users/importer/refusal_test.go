package importer

import (
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// invalidItem is an item with one error. check imports it between two valid items.
type invalidItem struct{ name, item, field, reason string }

const implausible = "is not a plausible Unix time: in seconds, milliseconds, microseconds or nanoseconds it must be in the years 1980 to 2199"

func TestInvalidValueIsSkippedWithLineAndReason(t *testing.T) {
	t.Parallel()
	for _, tt := range []invalidItem{
		{"too many digits", `{"user_id":"x","attributes":{"age":12345678901234567890}}`, "attributes.age", "has more digits than a number can store; change the type of the field to text"},
		{"no date", `{"user_id":"x","attributes":{"born":"4/3/84"}}`, "attributes.born", "must be a date like 2026-01-31"},
		{"an unknown slug", `{"user_id":"x","attributes":{"nick":"n"}}`, "attributes.nick", "is not a field of the schema"},
		{"a bad slug", `{"user_id":"x","attributes":{"a.b":1}}`, "attributes.a.b", "is not a field of the schema"},
		{"a name with a control character", `{"user_id":"x","attributes":{"a\u001bb":[]}}`, "attributes.a\uFFFDb", "has a name with control characters"},
		{"a number that is a list", `{"user_id":"x","attributes":{"age":["n"]}}`, "attributes.age", "is an array or an object, which only text fields accept"},
		{"attributes that are a list", `{"user_id":"x","attributes":[]}`, "attributes", "must be an object"},
		{"a NUL", `{"user_id":"x","attributes":{"name":"a\u0000b"}}`, "attributes.name", "contains a NUL character"},
		{"half a surrogate pair", `{"user_id":"x","attributes":{"name":"\ud83d"}}`, "attributes.name", "contains an unpaired surrogate, which is not a character"},
		{"a low surrogate first", `{"user_id":"x","attributes":{"name":"\ude00\ud83d"}}`, "attributes.name", "contains an unpaired surrogate, which is not a character"},
		{"a NUL in a name", `{"user_id":"x","a\u0000":1}`, "", "has a member whose name contains a NUL character"},
		{"a member twice", `{"user_id":"x","updated":null,"\u0075pdated":null}`, "updated", "appears twice"},
		{"an attribute twice", `{"user_id":"x","attributes":{"age":1,"age":2}}`, "attributes.age", "appears twice"},
		{"no time", `{"user_id":"x","registered":"soon"}`, "registered", "must be a time like 2026-01-31T08:30:00Z"},
		{"a small number for a time", `{"user_id":"x","registered":1.5}`, "registered", implausible},
		{"a system with a tab", `{"user_id":"x","foreign_keys":{"a\tb":"1"}}`, "foreign_keys.a\uFFFDb", "has a name with control characters"},
		{"an app without a name", `{"user_id":"x","profiles":{"":1}}`, "extended_profiles.", "has no name"},
		{"an app twice", `{"user":{"user_id":"x","profiles":{"a":1}},"extended_profiles":{"a":1}}`, "extended_profiles.a", "appears twice"},
		{"another's grant", `{"user_id":"x","grants":[{"grantId":"g","user_id":"y"}]}`, "grants.results[0].user_id", "is not the id of the user who holds the grant"},
		{"a grant without id", `{"user_id":"x","grants":{"results":[{}]}}`, "grants.results[0].grantId", "is missing"},
		{"a grant that is null", `{"user_id":"x","grants":[null]}`, "grants.results[0]", "must be an object"},
		{"a state with a line break", `{"user_id":"x","grants":[{"grantId":"g","expiry_state":"a\nb"}]}`, "grants.results[0].expiry_state", "must be at most 512 bytes without control characters"},
		{"a yes", `{"user_id":"x","email_verified":"yes"}`, "email_verified", "must be true or false"},
		{"accounts that are text", `{"user_id":"x","account_ids":"a"}`, "account_ids", "must be an array"},
		{"an account without id", `{"user_id":"x","accounts":[{"name":"n"}]}`, "accounts[0]", "has no id"},
		{"bad extended JSON", `{"user_id":"x","registered":{"$date":true}}`, "registered", "is not valid MongoDB extended JSON"},
		{"an operator for a time", `{"user_id":"x","registered":{"$gt":""}}`, "registered", "must be a string, a number or a boolean"},
		{"infinity", `{"user_id":"x","registered":"infinity"}`, "registered", "is infinity, which is not a point in time"},
		{"a grant that began before Christ", `{"user_id":"x","grants":[{"grantId":"g","startTime":"0044-03-15 00:00:00 BC"}]}`, "grants.results[0].startTime", "is before the year 1 (BC)"},
		{"an end in 1970", `{"user_id":"x","grants":[{"grantId":"g","endTime":"86400"}]}`, "grants.results[0].endTime", implausible},
		{"an attribute under two names", `{"user_id":"x","attributes":{"family name":"a","surname":"b"}}`, "attributes.surname", `appears under two names, "family name" and "surname"`},
		{"identifiers that are text", `{"user_id":"x","identifiers":"a"}`, "identifiers", "must be an object"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.check(t, SkipValue, SkippedValue)
			tt.check(t, SkipUser, SkippedUser)
			tt.check(t, Stop, "")
		})
	}
}

func TestInvalidRecordIsRefusedWithLineAndReason(t *testing.T) {
	t.Parallel()
	for _, tt := range []invalidItem{
		{"no id", `{"user":{"identifiers":{}}}`, "user_id", "is missing"},
		{"an empty id", `{"user":{"user_id":""}}`, "user_id", "is missing"},
		{"an id with a line break", `{"user_id":"a\nb"}`, "user_id", "must be at most 512 bytes without control characters"},
		{"an object for an id", `{"user_id":{"$gt":""}}`, "user_id", "must be a string, a number or a boolean"},
		{"no user", `{"user":null,"seq-no":1}`, "user_id", "is missing"},
		{"a user that is text", `{"user":"x"}`, "user", "must be an object"},
		{"a bad number", `{"user_id":"x","attributes":{"age":01}}`, "", "is not valid JSON"},
		{"two numbers for one", `{"user_id":"x","attributes":{"age":1 2}}`, "", "is not valid JSON"},
		{"bad UTF-8", "{\"user_id\":\"x\",\"attributes\":{\"name\":\"\xc3(\"}}", "", "is not valid UTF-8"},
		{"text", `"x"`, "", "is not an object"},
		{"too much for a document", `{"user_id":"x","attributes":{"name":"` + strings.Repeat("n", users.MaxDocumentBytes) + `"}}`, "user", "takes 15000"},
		{"too much to look at", `{"user_id":"x","attributes":{"name":"` + strings.Repeat("n", maxItemBytes) + `"}}`, "", "is larger than 32 MiB of JSON"},
		{"a user twice", `{"user":{"user_id":"x"},"user":{"user_id":"y"}}`, "user", "appears twice"},
		{"an id twice", `{"user_id":"x","user_id":"y"}`, "user_id", "appears twice"},
		{"a store with a line break", `{"user_id":"x","user_store_id":"a\nb"}`, "user_store_id", "must be at most 512 bytes without control characters"},
		{"a bad object id", `{"_id":{"$oid":"60f6"}}`, "_id", "is not valid MongoDB extended JSON"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.check(t, SkipValue, SkippedUser)
			if len(tt.item) < 1000 { // larger items are slow
				tt.check(t, SkipUser, SkippedUser)
				tt.check(t, Stop, "")
			}
		})
	}
}

// check imports the item as NDJSON and in an array, and checks what was skipped and what was
// imported.
func (tt invalidItem) check(t *testing.T, mode OnError, skipped Skipped) {
	t.Helper()
	schema := []users.Field{
		{Slug: "age", Label: "Age", Type: users.Number}, {Slug: "born", Label: "Born", Type: users.Date}, {Slug: "name", Label: "Name", Type: users.Text},
		{Slug: "secret", Label: "Secret", Type: users.Password}, {Slug: "surname", Label: "family name", Type: users.Text},
	}
	good, after := `{"user_id":"good"}`, `{"user_id":"after","attributes":{"secret":"hunter2","name":""}}`
	for form, text := range map[string]string{
		"lines": good + "\n" + tt.item + "\n" + after, "array": "[" + good + ",\n" + tt.item + ",\n" + after + "]",
	} {
		m := newMemoryWriter(schema...)
		var refusals []Refusal
		o := Options{OnError: mode, OnRefusal: func(r Refusal) { refusals = append(refusals, r) }}
		rep, err := Run(testContext(t), m, "t", Bytes([]byte(text)), o)
		if (mode == Stop) != (errs.CodeOf(err) == errs.CodeInvalidRequest) {
			t.Errorf("%s, %s: error %v", form, mode, err)
		}
		if len(refusals) != 1 {
			t.Fatalf("%s, %s: refusals %+v", form, mode, refusals)
		}
		got := refusals[0]
		exact := got.Reason == tt.reason || tt.reason == "takes 15000" && strings.HasPrefix(got.Reason, tt.reason)
		if got.Line != 2 || got.Field != tt.field || !exact || got.Skipped != skipped {
			t.Errorf("%s, %s: refused as %+v, want %s: %s", form, mode, got, tt.field, tt.reason)
		}
		want := map[Skipped]int{SkippedValue: 3, SkippedUser: 2, "": 0}[skipped]
		if len(m.users) != want || rep.Created != int64(want) || len(m.users["after"].Attributes) != 0 {
			t.Errorf("%s, %s: users %+v, report %+v", form, mode, m.users, rep)
		}
		if mode == Stop {
			continue
		}
		if rep.SecretsDropped != 1 || (rep.SkippedValues == 1) != (want == 3) || rep.Read != rep.Created+rep.Refused {
			t.Errorf("%s, %s: report %+v", form, mode, rep)
		}
	}
}

func TestMalformedFilesWriteNothing(t *testing.T) {
	t.Parallel()
	first := `[{"user_id":"a"},` + "\n"
	tests := []struct{ name, text, field, reason string }{
		{"nothing", "", "line 1", "the file is empty"},
		{"blanks", "\xef\xbb\xbf \r\n ", "line 2", "the file is empty"},
		{"a CSV", "user_id,name\n", "line 1", "expected a JSON object or an array of users"},
		{"UTF-16", "\xff\xfe[\x00", "line 1", "the file is UTF-16; save it as UTF-8"},
		{"gzip by another name", "\x1f\x8b\x08", "line 1", "the file is compressed; give it a name that ends in .gz"},
		{"cut off between records", first, "line 2", "the file ends in the middle of a record"},
		{"cut off in a record", first + `{"user_id":"b"`, "line 2", "the file ends in the middle of a record"},
		{"cut off in a string", first + `{"user_id":"b`, "line 2", "the file ends in the middle of a record"},
		{"cut off in an escape", first + `{"user_id":"b\`, "line 2", "the file ends in the middle of a record"},
		{"cut off in a page", `{"results":[[{"user_id":"a"}]]`, "line 1", "the file ends in the middle of a record"},
		{"an open string", first + "{\"user_id\":\"b\n\"}]", "line 2", "a string does not end on its line"},
		{"crossed brackets", first + `{"a":[}]]`, "line 2", `'}' does not match an opening bracket`},
		{"a missing comma", first + `{} {}]`, "line 2", "expected a comma or the end of the array"},
		{"a comma too many", first + `]`, "line 2", `']' does not match an opening bracket`},
		{"a comma first", "[,{}]", "line 1", "expected a value"},
		{"a missing colon", `{"user_id" "a"}`, "line 1", "expected a colon"},
		{"a name without quotes", `{user_id:"a"}`, "line 1", "expected a member name in double quotes"},
		{"trailing text", first + "{}]\nx", "line 3", "expected a JSON object or an array of users"},
		{"deep nesting", "[" + strings.Repeat(`{"a":`, maxNesting+1), "line 1", "arrays and objects are nested too deeply"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMemoryWriter()
			_, err := Run(testContext(t), m, "t", Bytes([]byte(tt.text)), Options{})
			wantSyntaxError(t, err, tt.field, tt.reason)
			if len(m.users) > 0 || len(m.schema) > 0 || len(m.titles) > 0 {
				t.Errorf("something was written: %+v", m)
			}
		})
	}
}
