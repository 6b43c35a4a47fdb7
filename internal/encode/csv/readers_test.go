package csv

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// reader simulates a program that opens a CSV file, independently of the encoder.
type reader struct {
	name       string
	separators string
	quotes     bool // a quote at the start of a cell opens it
	strictEnd  bool // a quote closes a cell only before a separator or line end, as in LibreOffice
	trims      bool // blanks before a quote are skipped
}

// readers returns the readers for which no cell may be a formula: every separator, with and without
// quotes, and the three separators that LibreOffice preselects.
func readers() []reader {
	var all []reader
	for _, seps := range []string{",", ";", "\t", "|", "\n", ",;\t"} {
		all = append(all, reader{"naive", seps, false, false, false})
		if seps == "\n" {
			continue
		}
		all = append(all, reader{"quotes", seps, true, false, false}, reader{"trims", seps, true, false, true}, reader{"LibreOffice", seps, true, true, false})
	}
	return all
}

// cells returns the cells of a file as the reader splits it.
func (r reader) cells(file string) []string {
	var all []string
	var cell []byte
	quoted, start := false, true
	ends := func(c byte) bool { return c == '\r' || c == '\n' || strings.IndexByte(r.separators, c) >= 0 }
	for i := 0; i < len(file); i++ {
		c := file[i]
		switch {
		case quoted && c == '"' && i+1 < len(file) && file[i+1] == '"':
			cell = append(cell, '"')
			i++
		case quoted && c == '"' && (!r.strictEnd || i+1 == len(file) || ends(file[i+1])):
			quoted = false
		case quoted:
			cell = append(cell, c)
		case start && r.quotes && c == '"':
			quoted, start = true, false
		case start && r.trims && c == ' ':
		case ends(c):
			all, cell, start = append(all, string(cell)), nil, true
			if c == '\r' && i+1 < len(file) && file[i+1] == '\n' {
				i++
			}
		default:
			cell, start = append(cell, c), false
		}
	}
	return append(all, string(cell))
}

// couldRun reports whether a spreadsheet could read a cell as a formula: by its first character,
// and by the first after blanks, line ends and quotes that it may skip.
func couldRun(cell string) bool {
	begins := func(s, with string) bool {
		c, _ := utf8.DecodeRuneInString(s)
		return s != "" && strings.ContainsRune(with, c)
	}
	return begins(cell, "=+-@\t\r\x00＝＋－＠") || begins(strings.TrimLeft(cell, " \"\t\r\n\u00A0\u3000\uFEFF\a\v\f"), "=+-@\x00＝＋－＠")
}

// checkNoFormula fails if any simulated reader finds a formula in the file.
func checkNoFormula(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, file string,
) {
	t.Helper()
	file = strings.TrimPrefix(file, bom)
	for _, r := range readers() {
		for _, cell := range r.cells(file) {
			if couldRun(cell) {
				t.Fatalf("reader %q of %q finds the cell %q in %q", r.name, r.separators, cell, file)
			}
		}
	}
}

// Validates the simulated readers: otherwise checkNoFormula would prove nothing.
func TestSimulatedReaders(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		r    reader
		file string
		want string // cells, with · between them
	}{
		{reader{separators: ";"}, "a,b;=1\r\nc", "a,b·=1·c"},
		{reader{separators: ","}, `"a,=1"`, `"a·=1"`},
		{reader{separators: ",", quotes: true}, `"a,""=1",b`, `a,"=1·b`},
		{reader{separators: ";", quotes: true}, `a,"b;""=1""",c`, `a,"b·=1""",c`},
		{reader{separators: ";", quotes: true}, "a,\"b;\"\r\nc;d", "a,\"b·\r\nc;d"},
		{reader{separators: ";", quotes: true, strictEnd: true}, `"a"b";c`, `a"b·c`},
		{reader{separators: "\t", quotes: true, trims: true}, "a\t \"=1\"", "a·=1"},
		{reader{separators: "\n"}, "\"a\n=1\"", "\"a·=1\""},
	} {
		if got := strings.Join(test.r.cells(test.file), "·"); got != test.want {
			t.Errorf("%q of %q: %q, want %q", test.r.separators, test.file, got, test.want)
		}
	}
	for cell, want := range map[string]bool{"": false, "a": false, "=1": true, " =1": true, "\"\"-": true, "'=1": false, "\tx": true, "\"\tx": false, "\n=": true, "＠": true, "\u00A0＝1": true} {
		if couldRun(cell) != want {
			t.Errorf("mayRun(%q) is %v", cell, !want)
		}
	}
}
