package users_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

func TestCheckValue(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", users.MaxMatchedBytes+1)
	for _, c := range []struct {
		kind        users.InputType
		constraints users.Constraints
		sent        export.Value
		problem     string // "" for none
	}{
		{users.Text, users.Constraints{}, export.String(long), ""},
		{users.Text, users.Constraints{Required: true}, export.String("x"), ""},
		{users.Text, users.Constraints{Required: true}, export.String(""), "is required"},
		{users.Text, users.Constraints{Required: true}, export.Value{}, "is required"},
		{users.Checkbox, users.Constraints{Required: true}, export.Bool(false), ""},

		{users.Text, users.Constraints{Expression: "^[A-Z]{2}$"}, export.String("GB"), ""},
		{users.Text, users.Constraints{Expression: "^[A-Z]{2}$"}, export.String("GBR"), "does not match"},
		{users.Text, users.Constraints{Expression: "[A-Z]{2}"}, export.String("GBR"), ""},
		{users.Text, users.Constraints{Expression: "^[A-Z]{2}$"}, export.String(""), ""},
		{users.Text, users.Constraints{Expression: "a"}, export.String(long[1:]), ""},
		{users.Text, users.Constraints{Expression: "a"}, export.String(long), "at most 4096 bytes"},
		{users.Number, users.Constraints{Expression: `^\d+\.\d\d$`}, export.Number("1.50"), ""},
		{users.Date, users.Constraints{Expression: "^2026-"}, export.String("2026-01-31"), ""},
		{users.Date, users.Constraints{Expression: "^2026-"}, export.String("2025-01-31"), "does not match"},
		{users.Checkbox, users.Constraints{Expression: "^true$"}, export.Bool(true), ""},
		{users.Checkbox, users.Constraints{Expression: "^true$"}, export.Bool(false), "does not match"},
		{users.Text, users.Constraints{Expression: "(?=a)b"}, export.String("x"), ""}, // of another program

		{users.Number, users.Constraints{Start: "0", End: "100", Step: "5"}, export.Number("0"), ""},
		{users.Number, users.Constraints{Start: "0", End: "100", Step: "5"}, export.String("100"), ""},
		{users.Number, users.Constraints{Start: "0", End: "100", Step: "5"}, export.Number("-5"), "must be at least 0"},
		{users.Number, users.Constraints{Start: "0", End: "100", Step: "5"}, export.Number("105"), "must be at most 100"},
		{users.Range, users.Constraints{Start: "1", End: "100", Step: "5"}, export.Number("6"), ""},
		{users.Range, users.Constraints{Start: "1", End: "100", Step: "5"}, export.Number("5"), "must be 1 plus a multiple of 5"},
		{users.Number, users.Constraints{Step: "0.1"}, export.Number("0.3"), ""},
		{users.Number, users.Constraints{Step: "0.1"}, export.Number("0.35"), "must be a multiple of 0.1"},
		{users.Number, users.Constraints{Step: "2"}, export.Number("9007199254740993"), "must be a multiple of 2"},
		{users.Number, users.Constraints{Step: "3"}, export.Number("1e300"), "must be a multiple of 3"},
		{users.Number, users.Constraints{Step: "5e-324"}, export.Number("1e300"), ""},
		{users.Number, users.Constraints{End: "9007199254740992"}, export.Number("9007199254740993"), "must be at most"},
		{users.Number, users.Constraints{Step: "0"}, export.Number("1"), ""}, // of another program
		{users.Number, users.Constraints{Step: "x"}, export.Number("1"), ""},
		{users.Text, users.Constraints{Start: "5"}, export.String("1"), ""},
	} {
		f := users.Field{Slug: "a", Label: "A", Type: c.kind, Constraints: c.constraints}
		stored, err := users.Coerce(f, c.sent)
		if err != nil {
			t.Fatal(err)
		}
		err = users.CheckValue(f, c.sent, stored)
		if (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s %+v %.20s: %v, want %q", c.kind, c.constraints, c.sent.Text, err, c.problem)
		}
	}
}

func TestEnforceable(t *testing.T) {
	t.Parallel()
	all := users.Constraints{Required: true, Expression: "^a$", Start: "1.0", End: "1e2", Step: "0.50"}
	for _, c := range []struct {
		kind       users.InputType
		give, want users.Constraints
		notes      string
	}{
		{users.Number, all, users.Constraints{Required: true, Expression: "^a$", Start: "1", End: "100", Step: "0.5"}, ""},
		{users.Text, all, users.Constraints{Required: true, Expression: "^a$"}, ""},
		{users.Text, users.Constraints{Expression: "^(?=a)b"}, users.Constraints{}, "validation-expression is kept but not enforced: RE2 has no such expression (invalid or unsupported Perl syntax: (?=)."},
		{users.Text, users.Constraints{Expression: "[a"}, users.Constraints{}, "validation-expression is kept but not enforced: RE2 has no such expression (missing closing ]: [a)."},
		{users.Text, users.Constraints{Expression: "a\x00"}, users.Constraints{}, "validation-expression is kept but not enforced: it contains a NUL character."},
		{users.Text, users.Constraints{Expression: strings.Repeat("a", 2049)}, users.Constraints{}, "validation-expression is kept but not enforced: it has more than 2048 bytes."},
		{users.Text, users.Constraints{Expression: strings.Repeat("a{1000}", 5)}, users.Constraints{}, "validation-expression is kept but not enforced: it repeats too much."},
		{users.Range, users.Constraints{Start: "5", End: "5", Step: "1"}, users.Constraints{}, "The range is kept but not enforced: range-end is not greater than range-start."},
		{users.Range, users.Constraints{Start: "5", Step: "0"}, users.Constraints{Start: "5"}, "range-step is kept but not enforced: it is not greater than 0."},
		{users.Range, users.Constraints{End: "0.12345678901234567890123"}, users.Constraints{}, "range-end is kept but not enforced: a number cannot store it exactly."},
	} {
		got, notes := c.give.Enforceable(c.kind)
		if got != c.want || strings.Join(notes, " ") != c.notes {
			t.Errorf("%s %+.60v: %+v, %q", c.kind, c.give, got, notes)
		}
	}
}

func TestCheckRequired(t *testing.T) {
	t.Parallel()
	required := users.Constraints{Required: true}
	s := users.Schema{
		{Slug: "a", Type: users.Text}, {Slug: "pin", Type: users.Password, Constraints: required},
		{Slug: "b", Type: users.Text, Constraints: required}, {Slug: "c", Type: users.Text, Constraints: required},
	}
	for slug, values := range map[string]map[string]any{"": {"b": "x", "c": false}, "b": {"c": "x"}, "c": {"b": "x", "c": nil}} {
		if got, err := s.CheckRequired(values); got != slug || (err == nil) != (slug == "") {
			t.Errorf("%v: %q, %v", values, got, err)
		}
	}
}

func TestFieldWithoutConstraintsHasNoMembers(t *testing.T) {
	t.Parallel()
	doc, err := bson.Marshal(users.Field{Slug: "a", Label: "A", Type: users.Text})
	if err != nil {
		t.Fatal(err)
	}
	if got := bson.Raw(doc).String(); strings.Contains(got, "constraints") || strings.Contains(got, "document") {
		t.Errorf("%s", got)
	}
}
