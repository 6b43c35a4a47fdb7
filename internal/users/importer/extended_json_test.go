package importer

import (
	"maps"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// The canonical, the relaxed and the legacy format of every type, with the text that an export
// shows for it.
func TestExtendedJSON(t *testing.T) {
	t.Parallel()
	const uuid = "6b1f5a0e-3c57-4f2a-9a3e-0f8f1f5d2c11"
	for raw, want := range map[string]export.Value{
		`{"$oid":"60F6D845caa1861dcf1631ae"}`:                              export.String("60f6d845caa1861dcf1631ae"),
		`{"$date":"2026-01-01T00:00:00Z"}`:                                 export.String("2026-01-01T00:00:00.000Z"),
		`{"$date":"2026-01-01T01:00:00.1+0100"}`:                           export.String("2026-01-01T00:00:00.100Z"),
		`{"$date":{"$numberLong":"1700000000123"}}`:                        export.String("2023-11-14T22:13:20.123Z"),
		`{"$date":{"$numberLong":"253402300800000"}}`:                      export.String("+010000-01-01T00:00:00.000Z"),
		`{ "$date" : 1700000000 }`:                                         export.String("1970-01-20T16:13:20.000Z"), // its unit is known
		`{"$numberInt":"-7"}`:                                              export.Number("-7"),
		`{"$numberLong":"9223372036854775807"}`:                            export.Number("9223372036854775807"),
		`{"$numberLong":7}`:                                                export.Number("7"),
		`{"$numberDouble":"1.0"}`:                                          export.Number("1.0"),
		`{"$numberDouble":"-Infinity"}`:                                    export.String("-Infinity"),
		`{"$numberDecimal":"1E+3"}`:                                        export.Number("1E+3"),
		`{"$binary":{"base64":"ax9aDjxXTyqaPg+PH10sEQ==","subType":"04"}}`: export.String(uuid),
		`{"$binary":"ax9aDjxXTyqaPg+PH10sEQ==","$type":"04"}`:              export.String(uuid),
		`{"$binary":{"base64":"ax9aDjxXTyqaPg+PH10sEQ==","subType":"03"}}`: export.String("ax9aDjxXTyqaPg+PH10sEQ=="),
		`{"$binary":{"base64":"+/8=","subType":"00"}}`:                     export.String("+/8="),
		`{"$uuid":"6B1F5A0E-3C57-4F2A-9A3E-0F8F1F5D2C11"}`:                 export.String(uuid),
		`{"$undefined":true}`:                                              {},
		`{"$minKey":1}`:                                                    export.String("MinKey"),
		`{"$maxKey":1}`:                                                    export.String("MaxKey"),
		`{"$symbol":"s"}`:                                                  export.String("s"),
		`{"$code":"f()"}`:                                                  export.String("f()"),
		`{"$timestamp":{"t":1412180887,"i":7}}`:                            export.String("Timestamp(1412180887, 7)"),
		`{"$regularExpression":{"pattern":"^a","options":"im"}}`:           export.String("/^a/im"),
		`{"$regex":"^a","$options":"im"}`:                                  export.String("/^a/im"),
	} {
		if got, known, err := parseExtended([]byte(raw)); got != want || !known || err != nil {
			t.Errorf("%s is %+v, %v, %v; want %+v", raw, got, known, err, want)
		}
	}
	for _, raw := range []string{
		`{"$oid":"60f6"}`, `{"$oid":1}`, `{"$date":true}`, `{"$date":"soon"}`, `{"$date":1.5}`, `{"$date":{"$numberLong":"x"}}`, `{"$date":null}`,
		`{"$numberInt":"x"}`, `{"$numberInt":null}`, `{"$numberLong":""}`, `{"$uuid":"6b1f"}`, `{"$binary":"!","$type":"00"}`, `{"$binary":{"base64":"AA=="}}`,
		`{"$binary":1}`, `{"$binary":{}}`, `{"$symbol":1}`, `{"$timestamp":1}`, `{"$timestamp":{}}`, `{"$regularExpression":{}}`,
	} {
		if got, known, err := parseExtended([]byte(raw)); !known || err == nil {
			t.Errorf("%s is %+v, %v, %v", raw, got, known, err)
		}
	}
	for _, raw := range []string{`{}`, `{"a":1}`, `{"$gt":""}`, `{"$oid":"60f6d845caa1861dcf1631ae","a":1}`, `{"$oid":1,"$oid":2}`, `{"$date":1,"b":2,"c":3}`} {
		if got, known, err := parseExtended([]byte(raw)); known || err != nil {
			t.Errorf("%s is %+v, %v, %v", raw, got, known, err)
		}
	}
}

// A user in the output format of mongoexport, with every kind of member.
func TestImportMongoexportUsers(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter()
	text := `{"_id":{"$oid":"60f6d845caa1861dcf1631ae"},"user_store_id":{"$oid":"60f6d845caa1861dcf1631af"},"registered":{"$date":{"$numberLong":"1700000000123"}},
		"last_login":{"$date":"2026-01-01T00:00:00Z"},"updated":{"$undefined":true},"account_ids":[{"$numberLong":"7"}],
		"attributes":{"age":{"$numberInt":"42"},"seen":{"$date":1700000000000},"plan":{"$uuid":"6b1f5a0e-3c57-4f2a-9a3e-0f8f1f5d2c11"},
			"tags":[{"$oid":"60f6d845caa1861dcf1631ae"},{"at":{"$date":"2026-01-01T00:00:00Z"},"n":{"$numberDouble":"1.5"},"none":{"$undefined":true}}]},
		"foreign_keys":{"crm":{"$numberLong":"0"}},"extended_profiles":{"app":{"n":{"$numberLong":"1"}}},
		"grants":[{"grantId":{"$oid":"60f6d845caa1861dcf1631b0"},"startTime":{"$date":{"$numberLong":"1700000000123"}},"product_id":{"$numberInt":"3"}}]}`
	rep, refusals := mustImport(t, m, strings.ReplaceAll(text, "\n", ""), Options{})
	u := m.users["60f6d845caa1861dcf1631ae"]
	if len(refusals) > 0 || rep.Created != 1 || len(rep.Ignored) > 0 {
		t.Fatalf("report %+v, refused %+v", rep, refusals)
	}
	attributes := map[string]any{
		"age": int64(42), "seen": *mustTime("2023-11-14T22:13:20Z"), "plan": "6b1f5a0e-3c57-4f2a-9a3e-0f8f1f5d2c11",
		"tags": `["60f6d845caa1861dcf1631ae",{"at":"2026-01-01T00:00:00.000Z","n":1.5,"none":null}]`,
	}
	if !maps.Equal(u.Attributes, attributes) {
		t.Errorf("attributes %#v, want %#v", u.Attributes, attributes)
	}
	registered := mustTime("2023-11-14T22:13:20.123Z")
	if u.StoreID != "60f6d845caa1861dcf1631af" || !u.Registered.Equal(*registered) || u.Updated != nil || u.AccountIDs[0] != "7" || u.ForeignKeys["crm"] != "0" ||
		string(u.ExtendedProfiles["app"]) != `{"n":{"$numberLong":"1"}}` {
		t.Errorf("user %+v", u)
	}
	if g := u.Grants[0]; g.ID != "60f6d845caa1861dcf1631b0" || !g.Start.Equal(*registered) || g.ProductID != "3" {
		t.Errorf("grant %+v", g)
	}
}

// Unlikely and unknown values are kept and reported. An end of infinity means no end.
func TestWarnings(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter(users.Field{Slug: "born", Label: "Born", Type: users.Date})
	rep, refusals := mustImport(t, m, `{"user_id":"a","registered":"0001-01-01T00:00:00","last_login":"1970-01-01 00:00:00","attributes":{"born":"1850-05-04"},
		"grants":[{"grantId":"1","expiry_state":"ACTIVE","entitlement_type":"Bundle","endTime":"infinity"},{"grantId":"2","expiry_state":"cancelled","endTime":"9999-12-31"},
		{"grantId":"3","expiry_state":"cancelled","entitlement_type":"pass","startTime":"2201-01-01"}]}
		{"user_id":"b","registered":"2200-01-01","attributes":{"born":"1666-06-06"}}`, Options{OnError: SkipUser})
	const kept = "; it was kept"
	account := "is outside the years 1980 to 2199" + kept
	want := []Warning{
		{"registered", account, 2, 1},
		{"last_login", "is 1970-01-01T00:00:00.000Z, which often means no time" + kept, 1, 1},
		{"grants.results.expiry_state", `"cancelled" is none of pending, active, expired` + kept, 2, 1},
		{"grants.results.entitlement_type", `"pass" is none of bundle, entitlement, meter, credits` + kept, 1, 1},
		{"grants.results.startTime", account, 1, 1},
		{"attributes.born", "is outside the years 1800 to 2199" + kept, 1, 4},
	}
	if len(rep.Warnings) != len(want) || len(refusals) > 0 || rep.Created != 2 {
		t.Fatalf("report %+v, refused %+v", rep, refusals)
	}
	for i, w := range want {
		if rep.Warnings[i] != w {
			t.Errorf("warning %+v, want %+v", rep.Warnings[i], w)
		}
	}
	g := m.users["a"].Grants
	if g[0].ExpiryState != "active" || g[0].EntitlementType != "bundle" || g[0].End != nil || g[1].ExpiryState != "cancelled" || g[1].End.Year() != 9999 || g[2].EntitlementType != "pass" {
		t.Errorf("grants %+v", g)
	}
}

// The number of warnings does not depend on the file.
func TestWarningsAreBounded(t *testing.T) {
	t.Parallel()
	var w warningList
	for i := range 10_000 {
		w.add(int64(i), []problem{{field: strings.Repeat("x", i%200)}})
	}
	total := int64(0)
	for _, warning := range w.list {
		total += warning.Count
	}
	if len(w.list) != maxListed+1 || total != 10_000 {
		t.Errorf("%d warnings, of %d values", len(w.list), total)
	}
}
