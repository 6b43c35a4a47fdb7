package users_test

import (
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/users"
)

func TestFoldedText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		user users.User
		want string
	}{
		"nothing": {users.User{ID: "u"}, ``},
		"text that is compared as it is": {users.User{
			ID: "u", Identifiers: users.Identifiers{EmailAddress: "anna@example.test", Username: "zoë"}, AccountIDs: []string{"acc-1"},
			Attributes: map[string]any{"name": "Zoë", "city": "ŁÓDŹ", "n": int64(1), "ok": true},
		}, ``},
		"an address and a user name in another case": {
			users.User{Identifiers: users.Identifiers{EmailAddress: "Anna@Example.test", Username: "ZOE\u0308"}},
			`{"identifiers":{"email_address":"anna@example.test","username":"zoë"}}`,
		},
		"one account of two": {users.User{AccountIDs: []string{"a", "B"}}, `{"account_ids":["a","b"]}`},
		"decomposed attributes": {
			users.User{Attributes: map[string]any{"z": "Zoe\u0308", "a": "J\u030c", "m": "MÉ"}},
			`{"attributes":{"a":"ǰ","z":"zoë"}}`,
		},
	} {
		raw, err := users.Encode(c.user)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if d, ok := raw.Lookup(users.FoldedKey).DocumentOK(); ok {
			b, err := bson.MarshalExtJSON(d, false, false)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Encode and FoldedUser give the same folded text, and Decode ignores it. Text without a stored
// folded form can be compared directly.
func TestFoldedTextIsDerivedFromDocument(t *testing.T) {
	t.Parallel()
	text := rapid.StringOfN(rapid.SampledFrom([]rune("aAzZ éÉ\u0301\u0308ſK\u212a@.ßẞ\u1100\u1161ﬁİ")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		u := users.User{
			ID:          "u",
			Identifiers: users.Identifiers{EmailAddress: text.Draw(t, "email"), Username: text.Draw(t, "name")},
			Attributes:  map[string]any{}, AccountIDs: rapid.SliceOfN(text, 0, 3).Draw(t, "accounts"),
		}
		for _, slug := range []string{"a", "b", "c"} {
			if s := text.Draw(t, slug); s != "" {
				u.Attributes[slug] = s
			}
		}
		raw, err := users.Encode(u)
		if err != nil {
			t.Fatal(err)
		}
		if update, err := users.RefoldUpdate(raw, users.FoldedUser(raw)); err != nil || update != nil {
			t.Fatalf("a scan would change %v by %v: %v", raw, update, err)
		}
		plain := withoutKey(t, raw, users.FoldedKey)
		withFolded, err1 := users.Decode(raw)
		withoutFolded, err2 := users.Decode(plain)
		if err1 != nil || err2 != nil || !reflect.DeepEqual(withFolded, withoutFolded) {
			t.Fatalf("%+v and %+v differ by folded text: %v, %v", withFolded, withoutFolded, err1, err2)
		}
		for slug, value := range u.Attributes {
			if users.FoldedText(users.AttributePath(slug), value) == nil && strings.Map(users.FoldRune, value.(string)) != users.Fold(value.(string)) {
				t.Fatalf("%+q needs folded text", value)
			}
		}
	})
}

func withoutKey(t rapid.TB, doc bson.Raw, key string) bson.Raw {
	t.Helper()
	var d bson.D
	if err := bson.Unmarshal(doc, &d); err != nil {
		t.Fatal(err)
	}
	var rest bson.D
	for _, e := range d {
		if e.Key != key {
			rest = append(rest, e)
		}
	}
	raw, err := bson.Marshal(rest)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRefoldUpdate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ doc, want string }{
		"nothing to fold":           {`{"attributes":{"name":"Zoë"}}`, ``},
		"the rest of what is gone":  {`{"folded":{"attributes":{}}}`, ``},
		"it is missing":             {`{"identifiers":{"email_address":"A@b"}}`, `{"$set":{"folded":{"identifiers":{"email_address":"a@b"}}}}`},
		"it is old":                 {`{"identifiers":{"email_address":"A@b"},"folded":{"identifiers":{"email_address":"x"}}}`, `{"$unset":{"folded":""}}`},
		"it is too much":            {`{"identifiers":{"email_address":"a@b"},"folded":{"identifiers":{"email_address":"x"}}}`, `{"$unset":{"folded":""}}`},
		"it has another order":      {`{"attributes":{"a":"e\u0301","b":"e\u0301"},"folded":{"attributes":{"b":"é","a":"é"}}}`, ``},
		"lists of others":           {`{"attributes":{"a":["E\u0301",null,5,"x"]}}`, `{"$set":{"folded":{"attributes":{"a":["é","x"]}}}}`},
		"names that cannot be kept": {`{"attributes":{"$a":"e\u0301","a.b":"e\u0301","":"e\u0301"}}`, ``},
		"no documents":              {`{"attributes":"e\u0301","identifiers":["e\u0301"],"account_ids":5,"folded":5}`, `{"$unset":{"folded":""}}`},
		"documents in attributes":   {`{"attributes":{"a":{"b":"e\u0301"}}}`, ``},
	} {
		var doc bson.D
		if err := bson.UnmarshalExtJSON([]byte(c.doc), false, &doc); err != nil {
			t.Fatal(err)
		}
		raw, err := bson.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		update, err := users.RefoldUpdate(raw, users.FoldedUser(raw))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if update != nil {
			b, err := bson.MarshalExtJSON(update, false, false)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
