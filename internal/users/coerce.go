package users

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// AttributePath returns the path of an attribute in documents, filters, columns and errors.
func AttributePath(slug string) string { return "attributes." + slug }

// Coerce converts a JSON scalar to the value to store for the field: a string, int64, float64, bool
// or time.Time (in UTC, in milliseconds). Null, "" and a zero date are absent: Coerce returns nil.
// A value that does not fit is an errs.CodeInvalidRequest whose Field is the attribute's path.
//
// Text types accept the literal text of numbers and booleans. Numbers and checkboxes accept their
// values as text. Date and datetime accept a Unix time (ParseUnix) as a number or as text. Coerce
// does not enforce the options of a select field: the schema describes a form, and values that were
// valid earlier stay valid.
func Coerce(f Field, v export.Value) (any, error) {
	if v.Kind == export.NoValue || v.Kind == export.StringValue && v.Text == "" {
		return nil, nil
	}
	x, err := coerce(f.Type, v)
	if err != nil {
		return nil, errs.Invalid(AttributePath(f.Slug), "%s", err)
	}
	return x, nil
}

func coerce(t InputType, v export.Value) (any, error) {
	switch KindOf(t) {
	case NumberKind:
		if v.Kind == export.BoolValue {
			return nil, errNotNumber
		}
		return ParseNumber(v.Text)
	case DateKind:
		return coerceDate(t, v)
	case BoolKind:
		switch {
		case v.Kind == export.BoolValue:
			return v.Bool, nil
		case v.Kind == export.StringValue && (v.Text == "true" || v.Text == "false"):
			return v.Text == "true", nil
		}
		return nil, errors.New("must be true or false")
	default:
		s := v.Text
		if v.Kind == export.BoolValue {
			s = strconv.FormatBool(v.Bool)
		}
		return s, checkText(s)
	}
}

func coerceDate(t InputType, v export.Value) (any, error) {
	switch {
	case v.Kind == export.BoolValue:
		return nil, dateErrors[t]
	case (t == Date || t == DateTime) && (v.Kind == export.NumberValue || IsNumber(v.Text)):
		return ParseUnix(v.Text, AttributeTimes)
	case v.Kind == export.NumberValue:
		return nil, dateErrors[t]
	}
	at, err := ParseDate(t, v.Text)
	if errors.Is(err, export.ErrZeroDate) {
		return nil, nil
	}
	return at, err
}

// checkText returns an error for text that not every supported database stores unchanged.
func checkText(s string) error {
	switch {
	case !utf8.ValidString(s):
		return errors.New("is not valid UTF-8")
	case strings.IndexByte(s, 0) >= 0:
		return errors.New("contains a NUL character")
	default:
		return nil
	}
}

// Format returns a stored value as text. Coerce converts the text back to the same value. Nil is
// "".
func Format(t InputType, v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return string(AppendDouble(nil, v))
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return FormatDate(t, v)
	default:
		return ""
	}
}
