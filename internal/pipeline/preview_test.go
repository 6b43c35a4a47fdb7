package pipeline

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

func TestPreview(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 400))
	s := smallSettings()
	s.SampleUsers = 100
	p, err := w.runner(s).Preview(testContext(t), w.plan("acme", allGroups), PreviewOptions{Rows: 3})
	if err != nil {
		t.Fatal(err)
	}
	file, err := w.runner(s).Run(testContext(t), testJob(), &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Users != 400 || p.Sample != 100 || p.RowsAbout != 700 || p.BytesAbout < file.Files[0].Bytes*9/10 || p.BytesAbout > file.Files[0].Bytes*11/10 {
		t.Errorf("%d users, %d rows, %d bytes of %d", p.Users, p.RowsAbout, p.BytesAbout, file.Files[0].Bytes)
	}
	if want := (Groups{8, 2, 1, 1, 11}); p.Groups != want || len(p.Columns) != 23 {
		t.Errorf("groups %+v", p.Groups)
	}
	if len(p.Rows) != 3 || p.Rows[0][0] != "user-000000" || p.Rows[2][0] != "user-000002" || p.Rows[0][11] != "{\"a\":\"\"}\r\n" || p.Rows[1][22] != "Name of account 1" {
		t.Errorf("rows %q", p.Rows)
	}
	if want := []Finding{{"attributes.phone", 700}}; !reflect.DeepEqual(p.LeadingZeros, want) || p.LongNumbers != nil || p.LongCells != nil {
		t.Errorf("findings %v %v %v", p.LeadingZeros, p.LongNumbers, p.LongCells)
	}
}

// A preview estimates the size of the compressed file.
func TestPreviewOfCompressedFile(t *testing.T) {
	t.Parallel()
	for _, c := range []export.Compression{export.CompressionGzip, export.CompressionZstd} {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			w, s, job := newTestEnv(makeUsers(t, 2000)), smallSettings(), testJob()
			s.SampleUsers = 200
			job.Definition.File.Compression = c
			p, err := w.runner(s).Preview(testContext(t), w.plan("acme", job.Definition), PreviewOptions{Rows: 3})
			if err != nil {
				t.Fatal(err)
			}
			file, err := w.runner(s).Run(testContext(t), job, &recorder{})
			if err != nil {
				t.Fatal(err)
			}
			if p.BytesAbout < file.Files[0].Bytes*9/10 || p.BytesAbout > file.Files[0].Bytes*15/10 || p.BytesAbout*2 > file.Files[0].Plain {
				t.Errorf("about %d bytes, the file has %d, of %d bytes of CSV", p.BytesAbout, file.Files[0].Bytes, file.Files[0].Plain)
			}
			if p.RowsAbout != file.Files[0].Rows || len(p.Rows) != 3 || p.Rows[0][0] != "user-000000" {
				t.Errorf("about %d rows of %d, the first %q", p.RowsAbout, file.Files[0].Rows, p.Rows[0])
			}
		})
	}
}

func TestPreviewFindsSpreadsheetIssues(t *testing.T) {
	t.Parallel()
	raw, err := bson.Marshal(bson.D{{Key: "_id", Value: "u"}, {Key: "attributes", Value: bson.D{
		{Key: "country", Value: int64(1234567890123456)}, {Key: "phone", Value: strings.Repeat("😀", 16_384)},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	w := newTestEnv([]bson.Raw{raw})
	w.count = 5 // counted a moment before
	p, err := w.runner(Settings{}).Preview(testContext(t), w.plan("acme", allGroups), PreviewOptions{Rows: 100})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p.LongNumbers, []Finding{{"attributes.country", 1}}) || !reflect.DeepEqual(p.LongCells, []Finding{{"attributes.phone", 1}}) {
		t.Errorf("findings %v %v", p.LongNumbers, p.LongCells)
	}
	if p.Users != 1 || p.RowsAbout != 1 {
		t.Errorf("%d users, %d rows: all were seen", p.Users, p.RowsAbout)
	}
}

// The preview finds text that a spreadsheet reads as something else, but not in columns of numbers
// or dates.
func TestPreviewFindsExponentsAndDates(t *testing.T) {
	t.Parallel()
	var docs []bson.Raw
	for i, text := range []string{"219E01", "0012E34", "3-4", "MAR1", "1/2", "plain"} {
		raw, err := bson.Marshal(bson.D{{Key: "_id", Value: strconv.Itoa(i)}, {Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: text}}}})
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, raw)
	}
	w := newTestEnv(docs)
	p, err := w.runner(Settings{}).Preview(testContext(t), w.plan("acme", allGroups), PreviewOptions{Rows: 3})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p.Exponents, []Finding{{"foreign_keys.crm", 2}}) || !reflect.DeepEqual(p.Dates, []Finding{{"foreign_keys.crm", 3}}) {
		t.Errorf("findings %v %v", p.Exponents, p.Dates)
	}
	p = Preview{Users: 1, Sample: 1, Columns: []export.Column{
		{Name: "number", Type: string(users.Number)}, {Name: "date", Type: string(users.Date)}, {Name: "month", Type: string(users.Month)}, {Name: "text", Type: string(users.Text)},
	}}
	p.findSpreadsheetIssues([][]string{{"1e21", "1990-05-04", "1990-05", "1990-05-04"}})
	if p.Exponents != nil || !reflect.DeepEqual(p.Dates, []Finding{{"month", 1}, {"text", 1}}) {
		t.Errorf("findings %v %v", p.Exponents, p.Dates)
	}
}

func TestPreviewReturnsErrorsOfRun(t *testing.T) {
	t.Parallel()
	w := newTestEnv(nil)
	w.idTypes = "objectId"
	if _, err := w.runner(Settings{}).Preview(testContext(t), w.plan("acme", allGroups), PreviewOptions{Rows: 3}); errs.CodeOf(err) != errs.CodeNonStringID {
		t.Errorf("error %v", err)
	}
	p, err := newTestEnv(nil).runner(Settings{}).Preview(testContext(t), w.plan("acme", allGroups), PreviewOptions{Rows: 3})
	if err != nil || p.Users != 0 || p.Rows == nil && len(p.Rows) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestSignificantDigits(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]struct {
		digits int
		zero   bool
	}{
		"": {0, false}, "0": {0, false}, "007": {1, true}, "-01": {1, true}, "+447911123456": {12, false}, "0.5": {1, false},
		"00.5": {1, true}, "1234567890123456": {16, false}, "1e5": {0, false}, "12 34": {0, false}, "2026-01-01": {0, false},
	} {
		if d, z := significantDigits(s); d != want.digits || z != want.zero {
			t.Errorf("%q: %d, %v", s, d, z)
		}
	}
}
