package users

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/export"
)

// AttributePath is how an attribute is named in filters, columns and errors.
func AttributePath(slug string) string { return "attributes." + slug }

// Coerce turns a JSON scalar into what is stored for the field: string, int64, float64, bool or time.Time (UTC,
// milliseconds). Null and "" are absent: nil without an error. A value that does not fit is an export.CodeInvalid whose
// Field is the attribute's path.
//
// Text kinds take numbers and booleans by their literal text, numbers and checkboxes take their own text form, and the
// options of a select are not enforced: the schema describes a form, and data that was valid when it came stays.
func Coerce(f Field, v export.Value) (any, error) {
	if v.Kind == export.NoValue || v.Kind == export.StringValue && v.Text == "" {
		return nil, nil
	}
	x, err := coerce(f.Type, v)
	if err != nil {
		return nil, export.Invalid(AttributePath(f.Slug), "%s", err)
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
		if v.Kind != export.StringValue {
			return nil, dateReasons[t]
		}
		return ParseDate(t, v.Text)
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

// checkText refuses what the databases do not keep alike.
func checkText(s string) error {
	switch {
	case !utf8.ValidString(s):
		return errors.New("is not valid UTF-8")
	case strings.IndexByte(s, 0) >= 0:
		return errors.New("holds a NUL character")
	default:
		return nil
	}
}

// Format writes a stored value as text, so that Coerce gives the same value back. Nil is "".
func Format(t InputType, v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return FormatDate(t, v)
	default:
		return ""
	}
}
