package mongo

import (
	"fmt"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/importer"
)

// similarTextsFile has a user for each class of texts that look alike or fold alike. Escapes keep
// the non-ASCII attributes exact.
const similarTextsFile = `
{"user_id":"u1","identifiers":{"email_address":"Anna@Example.test","username":"ANNA"}}
{"user_id":"u2","attributes":{"name":"Zo\u00eb"}}
{"user_id":"u3","attributes":{"name":"Zoe\u0308"}}
{"user_id":"u4","attributes":{"name":"\u0130stanbul"}}
{"user_id":"u5","attributes":{"name":"Stra\u00dfe"}}
{"user_id":"u6","attributes":{"name":"\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3"}}
{"user_id":"u7","attributes":{"name":"\u212aelvin"}}
{"user_id":"u8","attributes":{"name":"\u1100\u1161\u11a8"}}
{"user_id":"u9","attributes":{"name":"\ufb01n"}}
{"user_id":"ua","account_ids":["ACC-1"],"grants":[{"grantId":"g","product_id":"p","account_id":"ACC-1"}]}
{"user_id":"ub","account_ids":["acc-2"]}
`

var similarTextsAccounts = []users.Account{{ID: "ACC-1", Name: "Cafe\u0301 Nord"}, {ID: "acc-2", Name: "CAFÉ SÜD"}}

// importSimilarTexts imports similarTextsFile and its accounts.
func importSimilarTexts(t *testing.T, db *DB, tenant string) testReader {
	t.Helper()
	w := NewUserWriter(db)
	if _, err := w.AddAccounts(t.Context(), tenant, similarTextsAccounts); err != nil {
		t.Fatal(err)
	}
	rep, err := importer.Run(t.Context(), w, tenant, importer.Bytes([]byte(similarTextsFile)), importer.Options{})
	if err != nil || rep.Refused > 0 {
		t.Fatalf("%+v, %v", rep, err)
	}
	return newReader(db, NewDirectory(db))
}

func TestSimilarTexts(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, db *DB) {
		u := importSimilarTexts(t, db, testTenant)
		checkSimilarTexts(t, u, testTenant)
	})
}

// checkSimilarTexts fails if a filter or a look-up finds other users of similarTextsFile than
// expected.
func checkSimilarTexts(t *testing.T, u testReader, tenant string) {
	t.Helper()
	const everybody = "u1 u2 u3 u4 u5 u6 u7 u8 u9 ua ub"
	for _, c := range []struct {
		field, operator, text, want string
	}{
		{"identifiers.email_address", "is", "anna@example.test", "u1"},
		{"identifiers.email_address", "is", "ANNA@example.test", "u1"},
		{"identifiers.email_address", "is", "Anna@Example.test", "u1"},
		{"identifiers.email_address", "is", "anna@example.tes", ""},
		{"identifiers.email_address", "starts_with", "aNNa@", "u1"},
		{"identifiers.username", "is", "Anna", "u1"},
		{"identifiers.username", "ends_with", "na", "u1"},
		{"attributes.name", "contains", "Zo\u00eb", "u2 u3"},
		{"attributes.name", "contains", "oE\u0308", "u2 u3"},
		{"attributes.name", "contains", "Zoe", ""},
		{"attributes.name", "is", "ZOË", "u2 u3"},
		{"attributes.name", "is", "zoe\u0308", "u2 u3"},
		{"attributes.name", "is", "zoe", ""},
		{"attributes.name", "starts_with", "zo", "u2 u3"},
		{"attributes.name", "ends_with", "ë", "u2 u3"},
		{"attributes.name", "is", "i\u0307stanbul", ""},
		{"attributes.name", "is", "istanbul", ""},
		{"attributes.name", "is", "I\u0307STANBUL", "u4"},
		{"attributes.name", "is", "STRAẞE", "u5"},
		{"attributes.name", "is", "strasse", ""},
		{"attributes.name", "is", "οδυσσευς", "u6"},
		{"attributes.name", "is", "kelvin", "u7"},
		{"attributes.name", "contains", "K", "u7"},
		{"attributes.name", "is", "\uac01", "u8"},
		{"attributes.name", "contains", "\uac00\u11a8", "u8"},
		{"attributes.name", "is", "fin", ""},
		{"attributes.name", "is", "ﬁN", "u9"},
		{"account.name", "is", "café nord", "ua"},
		{"account.name", "contains", "CAFÉ", "ua ub"},
		{"account.name", "contains", "cafe", ""},
		{"account.name", "starts_with", "cafe\u0301 s", "ub"},
		{"account.id", "is", "acc-1", "ua"},
		{"account.id", "is", "ACC-2", "ub"},
	} {
		rule := export.Rule{Field: c.field, Operator: export.Operator(c.operator), Value: export.String(c.text)}
		got, err := matchedIDs(t.Context(), u, tenant, &rule)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s %s %+q: %q, %v; want %q", c.field, c.operator, c.text, got, err, c.want)
		}
		negative, ok := map[string]export.Operator{"is": export.IsNot, "contains": export.DoesNotContain}[c.operator]
		if !ok {
			continue
		}
		rule.Operator = negative
		others, err := matchedIDs(t.Context(), u, tenant, &rule)
		if err != nil || len(others) != len(strings.Fields(everybody))-len(got) {
			t.Errorf("%s %s %+q: %q, %v; want all but %q", c.field, negative, c.text, others, err, c.want)
		}
	}
	for _, c := range []struct{ want, email, username, search string }{
		{"u1", "anna@example.test", "", ""},
		{"u1", "Anna@Example.test", "", ""},
		{"", "zanna@example.test", "", ""},
		{"u1", "", "anna", ""},
		{"u2 u3", "", "", "zoë"},
		{"u2 u3", "", "", "ZOE\u0308"},
		{"", "", "", "zoe"},
		{"u1", "", "", "EXAMPLE.test anna@"},
	} {
		page, total, err := u.FindUsers(t.Context(), tenant, users.Lookup{
			Email: c.email, Username: c.username, Query: users.Query{Search: c.search}, Limit: 20,
		})
		var ids []string
		for i := range page {
			ids = append(ids, page[i].ID)
		}
		if err != nil || strings.Join(ids, " ") != c.want || total != int64(len(ids)) {
			t.Errorf("%+v: %q, %d, %v", c, ids, total, err)
		}
	}
}

func TestCreateUserRejectsEqualAddress(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	importSimilarTexts(t, db, testTenant)
	for field, identifiers := range map[string]users.Identifiers{
		"identifiers.email_address": {EmailAddress: "anna@EXAMPLE.test"}, "identifiers.username": {Username: "Anna"},
	} {
		err := NewUserWriter(db).CreateUser(ctx, testTenant, users.User{ID: "new", Identifiers: identifiers})
		if e, _ := err.(*errs.Error); e == nil || e.Code != errs.CodeExists || e.Field != field { //nolint:errorlint // returned unwrapped
			t.Errorf("%+v: %v", identifiers, err)
		}
	}
}

// Text is stored and returned unchanged, to the byte.
func TestTextIsStoredUnchanged(t *testing.T) {
	t.Parallel()
	db, _ := connect(t)
	u := importSimilarTexts(t, db, testTenant)
	list, _, err := u.FindUsers(t.Context(), testTenant, users.Lookup{Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range list {
		if name, ok := list[i].Attributes["name"]; ok {
			got = append(got, fmt.Sprintf("%+q", name))
		}
	}
	want := `"Zo\u00eb" "Zoe\u0308" "\u0130stanbul" "Stra\u00dfe" "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3" "\u212aelvin" "\u1100\u1161\u11a8" "\ufb01n"`
	if strings.Join(got, " ") != want || list[0].Identifiers != (users.Identifiers{EmailAddress: "Anna@Example.test", Username: "ANNA"}) {
		t.Errorf("%s and %+v", got, list[0].Identifiers)
	}
}
