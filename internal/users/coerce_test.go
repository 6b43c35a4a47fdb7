package users

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

func day(y int, m time.Month, d, hour, minute, sec, ms int) time.Time {
	return time.Date(y, m, d, hour, minute, sec, ms*int(time.Millisecond), time.UTC)
}

func TestCoerce(t *testing.T) {
	t.Parallel()
	str, num := export.String, export.Number
	tests := []struct {
		types []InputType
		in    export.Value
		want  any
	}{
		{[]InputType{Text, Email, Tel, URL, Select, Radio, Textarea, Color, Hidden, Password}, str("0049 30"), "0049 30"},
		{[]InputType{Text, Tel, Select}, num("12345678901234567890"), "12345678901234567890"},
		{[]InputType{Text, Radio}, num("1.50"), "1.50"},
		{[]InputType{Text, Hidden}, export.Bool(false), "false"},
		{[]InputType{Text}, str(" 'quoted', \"twice\"\r\n\t👩🏽‍🚀"), " 'quoted', \"twice\"\r\n\t👩🏽‍🚀"},

		{[]InputType{Number, Range}, num("42"), int64(42)},
		{[]InputType{Number, Range}, str("-42"), int64(-42)},
		{[]InputType{Number}, num("0"), int64(0)},
		{[]InputType{Number}, num("-0.000e5"), int64(0)},
		{[]InputType{Number}, num("1e3"), int64(1000)},
		{[]InputType{Number}, num("12.0"), int64(12)},
		{[]InputType{Number}, num("12000e-3"), int64(12)},
		{[]InputType{Number}, num("9223372036854775807"), int64(9223372036854775807)},
		{[]InputType{Number}, num("-9223372036854775808"), int64(-9223372036854775808)},
		{[]InputType{Number}, num("0.1"), 0.1},
		{[]InputType{Number}, num("-2.50"), -2.5},
		{[]InputType{Number}, num("1e300"), 1e300},
		{[]InputType{Number}, num("5e-324"), 5e-324},
		{[]InputType{Number}, num("100000000000000000000"), 1e20},

		{[]InputType{Date}, str("1990-05-04"), day(1990, 5, 4, 0, 0, 0, 0)},
		{[]InputType{Date}, str("1850-02-28"), day(1850, 2, 28, 0, 0, 0, 0)},
		{[]InputType{Date}, str("1990-05-04T10:11:12.345Z"), day(1990, 5, 4, 10, 11, 12, 345)},
		{[]InputType{DateTime}, str("2026-01-31T08:30:00+02:00"), day(2026, 1, 31, 6, 30, 0, 0)},
		{[]InputType{DateTime}, str("2026-01-31T08:30:00.1239Z"), day(2026, 1, 31, 8, 30, 0, 123)},
		{[]InputType{DateTime}, str("2026-01-31T08:30:15.25"), day(2026, 1, 31, 8, 30, 15, 250)},
		{[]InputType{DateTime}, str("2026-01-31T08:30"), day(2026, 1, 31, 8, 30, 0, 0)},
		{[]InputType{DateTime}, str("2022-06-01 23:59:59"), day(2022, 6, 1, 23, 59, 59, 0)},
		{[]InputType{DateTime}, str("2026-01-31"), day(2026, 1, 31, 0, 0, 0, 0)},
		{[]InputType{Date, DateTime, Week}, str("2026-01-31 09:30:00.5+0530"), day(2026, 1, 31, 4, 0, 0, 500)},
		{[]InputType{DateTime}, str("9999-12-31T23:59:59-01:00"), day(10000, 1, 1, 0, 59, 59, 0)},
		{[]InputType{Date, DateTime}, num("1700000000"), day(2023, 11, 14, 22, 13, 20, 0)},
		{[]InputType{Date, DateTime}, str("-1700000000123"), day(1916, 2, 18, 1, 46, 39, 877)},
		{[]InputType{Clock}, str("14:30"), day(1970, 1, 1, 14, 30, 0, 0)},
		{[]InputType{Clock}, str("14:30:59"), day(1970, 1, 1, 14, 30, 59, 0)},
		{[]InputType{Week}, str("1990-W18"), day(1990, 4, 30, 0, 0, 0, 0)},
		{[]InputType{Week}, str("2026-W01"), day(2025, 12, 29, 0, 0, 0, 0)},
		{[]InputType{Week}, str("2020-W53"), day(2020, 12, 28, 0, 0, 0, 0)},
		{[]InputType{Month}, str("1990-05"), day(1990, 5, 1, 0, 0, 0, 0)},

		{[]InputType{Checkbox}, export.Bool(true), true},
		{[]InputType{Checkbox}, str("false"), false},
	}
	for _, tt := range tests {
		for _, typ := range tt.types {
			got, err := Coerce(Field{Slug: "f", Type: typ}, tt.in)
			if err != nil {
				t.Errorf("%s %q: %v", typ, tt.in.Text, err)
			} else if got != tt.want {
				t.Errorf("%s %q = %#v, want %#v", typ, tt.in.Text, got, tt.want)
			}
		}
	}
}

func TestCoerceAbsent(t *testing.T) {
	t.Parallel()
	for _, typ := range InputTypes {
		for _, v := range []export.Value{{}, export.String("")} {
			if got, err := Coerce(Field{Slug: "f", Type: typ}, v); got != nil || err != nil {
				t.Errorf("%s of an absent value = %v, %v", typ, got, err)
			}
		}
	}
}

func TestCoerceRefuses(t *testing.T) {
	t.Parallel()
	str, num := export.String, export.Number
	tests := []struct {
		types  []InputType
		in     export.Value
		reason string
	}{
		{[]InputType{Number, Range}, num("12345678901234567890"), "has more digits than a number can store; change the type of the field to text"},
		{[]InputType{Number}, num("0.1000000000000000000000001"), "has more digits"},
		{[]InputType{Number}, num("9007199254740993.5"), "has more digits"},
		{[]InputType{Number}, num("9223372036854775808"), "has more digits"},
		{[]InputType{Number}, num("1e400"), "outside the range"},
		{[]InputType{Number}, num("1e-400"), "outside the range"},
		{[]InputType{Number}, num("1e99999999999999999999"), "outside the range"},
		{[]InputType{Number}, str("007"), "is not a number"},
		{[]InputType{Number}, str("+1"), "is not a number"},
		{[]InputType{Number}, str("1,5"), "is not a number"},
		{[]InputType{Number}, str("1e"), "is not a number"},
		{[]InputType{Number}, str("1e+-2"), "is not a number"},
		{[]InputType{Number}, str("."), "is not a number"},
		{[]InputType{Number}, str("0x10"), "is not a number"},
		{[]InputType{Number}, str("NaN"), "is not a number"},
		{[]InputType{Number}, str(" 1"), "is not a number"},
		{[]InputType{Number}, str("١٢"), "is not a number"},
		{[]InputType{Number}, export.Bool(true), "is not a number"},
		{[]InputType{Date}, str("2026-02-29"), "must be a date"},
		{[]InputType{Date}, str("31.01.2026"), "must be a date"},
		{[]InputType{Date, DateTime}, num("20260131"), "is not a plausible Unix time"},
		{[]InputType{Clock}, num("1700000000"), "must be a time of day"},
		{[]InputType{Date}, export.Bool(true), "must be a date"},
		{[]InputType{DateTime}, str("yesterday"), "must be a time like"},
		{[]InputType{Date, DateTime}, str("infinity"), "is infinity"},
		{[]InputType{Date, DateTime, Month}, str("0044-03-15 00:00:00 BC"), "is before the year 1"},
		{[]InputType{DateTime}, str("999999999-01-01"), "outside the range"},
		{[]InputType{Clock}, str("24:00"), "must be a time of day"},
		{[]InputType{Clock}, str("14"), "must be a time of day"},
		{[]InputType{Week}, str("2021-W53"), "must be a week"},
		{[]InputType{Week}, str("2026-W00"), "must be a week"},
		{[]InputType{Week}, str("2026-05"), "must be a week"},
		{[]InputType{Month}, str("2026-13"), "must be a month"},
		{[]InputType{Month}, str("2026-1"), "must be a month"},
		{[]InputType{Checkbox}, str("yes"), "must be true or false"},
		{[]InputType{Checkbox}, str("True"), "must be true or false"},
		{[]InputType{Checkbox}, num("1"), "must be true or false"},
		{[]InputType{Text, Select, Email}, str("a\x00b"), "NUL"},
		{[]InputType{Text}, str("\xff"), "UTF-8"},
	}
	for _, tt := range tests {
		for _, typ := range tt.types {
			got, err := Coerce(Field{Slug: "f", Type: typ}, tt.in)
			e, ok := errors.AsType[*errs.Error](err)
			if !ok {
				t.Errorf("%s %q = %#v, %v; want a refusal", typ, tt.in.Text, got, err)
				continue
			}
			if e.Code != errs.CodeInvalidRequest || e.Field != "attributes.f" || !strings.Contains(e.Message, tt.reason) {
				t.Errorf("%s %q: %s %s %q, want %q", typ, tt.in.Text, e.Code, e.Field, e.Message, tt.reason)
			}
		}
	}
}

func TestFormatIsInverseOfCoerce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		typ  InputType
		text string // as Format writes it
	}{
		{Text, "'=1+1\r\n"}, {Number, "42"}, {Number, "0.1"}, {Number, "1e+300"}, {Number, "-9223372036854775808"},
		{Date, "1990-05-04"}, {Date, "1990-05-04T00:00:00.001Z"}, {DateTime, "1990-05-04T00:00:00.000Z"},
		{Clock, "14:30:00"}, {Clock, "1970-01-02T14:30:00.000Z"}, {Week, "2020-W53"}, {Week, "2020-12-29T00:00:00.000Z"},
		{Month, "1990-05"}, {Month, "1990-05-02T00:00:00.000Z"}, {Checkbox, "true"},
	}
	for _, tt := range tests {
		v, err := Coerce(Field{Slug: "f", Type: tt.typ}, export.String(tt.text))
		if err != nil {
			t.Errorf("%s %q: %v", tt.typ, tt.text, err)
		} else if got := Format(tt.typ, v); got != tt.text {
			t.Errorf("%s %q came back as %q", tt.typ, tt.text, got)
		}
	}
	if got := Format(Text, nil); got != "" {
		t.Errorf("nothing is %q", got)
	}
}

func TestKindOfEveryInputType(t *testing.T) {
	t.Parallel()
	want := map[InputType]Kind{
		Number: NumberKind, Range: NumberKind, Date: DateKind, DateTime: DateKind, Clock: DateKind, Week: DateKind,
		Month: DateKind, Checkbox: BoolKind,
	}
	for _, typ := range InputTypes {
		kind, special := want[typ]
		if !special {
			kind = TextKind
		}
		if got := KindOf(typ); got != kind {
			t.Errorf("%s is of kind %s, want %s", typ, got, kind)
		}
	}
	if InputType("file").Valid() {
		t.Error("file is an input type")
	}
}
