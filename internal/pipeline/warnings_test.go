package pipeline

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

func columnsNamed(names ...string) (columns []export.Column) {
	for _, name := range names {
		columns = append(columns, export.Column{Name: name})
	}
	return columns
}

func TestWarningForColumnsThatDifferByCase(t *testing.T) {
	t.Parallel()
	const suffix = " differ only in case. SQLite and DuckDB rename such columns, BigQuery refuses them."
	for _, test := range []struct {
		names []string
		want  []export.Warning
	}{
		{[]string{"user_id", "attributes.country", "foreign_keys.country"}, nil},
		{
			[]string{"attributes.Country", "attributes.plan", "attributes.country", "attributes.COUNTRY"},
			[]export.Warning{{Code: CodeColumnsDifferByCase, Field: "attributes.Country", Count: 3, Message: "attributes.Country, attributes.country and attributes.COUNTRY" + suffix}},
		},
		{
			[]string{"b", "a", "A", "É", "B", "é"},
			[]export.Warning{
				{Code: CodeColumnsDifferByCase, Field: "a", Count: 2, Message: "a and A" + suffix},
				{Code: CodeColumnsDifferByCase, Field: "b", Count: 2, Message: "b and B" + suffix},
				{Code: CodeColumnsDifferByCase, Field: "É", Count: 2, Message: "É and é" + suffix},
			},
		},
	} {
		for _, dialect := range []export.Dialect{export.DialectRFC4180, export.DialectSpreadsheet} {
			if got := ColumnWarnings(dialect, columnsNamed(test.names...)); !reflect.DeepEqual(got, test.want) {
				t.Errorf("%q: %+v, want %+v", test.names, got, test.want)
			}
		}
	}
}

// With many columns, the number and the length of warnings stay bounded.
func TestManyColumnsThatDifferByCase(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 500 {
		names = append(names, fmt.Sprintf("a%d", i), fmt.Sprintf("A%d", i))
	}
	all := ColumnWarnings(export.DialectRFC4180, columnsNamed(names...))
	if last := all[len(all)-1]; len(all) != maxCaseGroups+1 || last.Count != 980 || !strings.HasPrefix(last.Message, "980 further columns differ") {
		t.Errorf("%+v", all)
	}
	long := strings.Repeat("x", 11)
	names = nil
	for i := range 1 << len(long) {
		names = append(names, cased(long, i))
	}
	all = ColumnWarnings(export.DialectRFC4180, columnsNamed(names...))
	if len(all) != 1 || all[0].Count != 2048 || !strings.Contains(all[0].Message, " and 2,038 more differ") {
		t.Errorf("%+v", all)
	}
}

func cased(s string, bits int) string {
	b := []byte(s)
	for i := range b {
		if bits>>i&1 == 1 {
			b[i] -= 'x' - 'X'
		}
	}
	return string(b)
}

func TestWarningForTooManyColumns(t *testing.T) {
	t.Parallel()
	var columns []export.Column
	for i := range 16_384 {
		columns = append(columns, export.Column{Name: fmt.Sprint(i)})
	}
	if got := ColumnWarnings(export.DialectSpreadsheet, columns); got != nil {
		t.Errorf("%+v", got)
	}
	columns = append(columns, export.Column{Name: "one more"})
	want := []export.Warning{{
		Code: CodeTooManyColumns, Count: 16_385,
		Message: "A sheet has 16,384 columns, and the file has 16,385: Excel and LibreOffice drop the rest.",
	}}
	if got := ColumnWarnings(export.DialectSpreadsheet, columns); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got := ColumnWarnings(export.DialectRFC4180, columns); got != nil {
		t.Errorf("rfc4180: %+v", got)
	}
}

// The receipt and the manifest have the same column warnings as the preview.
func TestRunWarnsOfColumns(t *testing.T) {
	t.Parallel()
	w, job := newTestEnv(makeUsers(t, 3)), testJob()
	schema := users.Schema{{Slug: "country", Type: users.Select}, {Slug: "Country", Type: users.Text}}
	job.Columns = csv.Columns(job.Definition, schema, users.Registry{}) // frozen
	res, err := w.runner(smallSettings()).Run(testContext(t), job, &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(res.Warnings); n == 0 || res.Warnings[n-1].Code != CodeColumnsDifferByCase {
		t.Fatalf("%+v", res.Warnings)
	}
	text, err := NewManifest(job, res.Files[0], job.Columns, res.Warnings).Text()
	if err != nil || !strings.Contains(string(text), "attributes.country and attributes.Country differ only in case.") {
		t.Errorf("%s, %v", text, err)
	}
}
