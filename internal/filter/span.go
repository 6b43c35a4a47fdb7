package filter

import (
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// span is the time that a date in a rule stands for: from start up to, but not including, end. Both are in UTC and whole
// milliseconds, which is what the database keeps; a time between two milliseconds is an empty span.
type span struct{ start, end time.Time }

// spanOf reads a value that a field of a date kind is compared with: an RFC 3339 time, a bare date (not for a time of
// day), or the kind's own form, as users.ParseDate lists them.
func spanOf(f Field, v export.Value, path string) (span, error) {
	if v.Kind != export.StringValue {
		return span{}, export.Invalid(path, "%s is a date; the value must be a string", f.Label)
	}
	s, err := parseSpan(f.Type, v.Text)
	if err != nil {
		return span{}, export.Invalid(path, "%s is a date; the value %s", f.Label, err)
	}
	return s, nil
}

func parseSpan(t users.InputType, s string) (span, error) {
	if v, err := time.Parse(time.RFC3339Nano, s); err == nil {
		v = v.UTC()
		start, end := v.Truncate(time.Millisecond), v.Truncate(time.Millisecond).Add(time.Millisecond)
		if !start.Equal(v) {
			start = end
		}
		return span{start, end}, nil
	}
	if v, err := time.Parse(time.DateOnly, s); err == nil && t != users.Clock {
		return span{v, v.AddDate(0, 0, 1)}, nil
	}
	v, err := users.ParseDate(t, s)
	if err != nil {
		return span{}, err
	}
	switch t {
	case users.Week:
		return span{v, v.AddDate(0, 0, 7)}, nil
	case users.Month:
		return span{v, v.AddDate(0, 1, 0)}, nil
	default:
		return span{v, v.Add(resolution(s))}, nil
	}
}

// resolution tells how exactly a time is written: with hours and minutes, with seconds, or with a fraction of them.
func resolution(s string) time.Duration {
	switch {
	case strings.ContainsAny(s, ".,"):
		return time.Millisecond
	case strings.Count(s, ":") > 1:
		return time.Second
	default:
		return time.Minute
	}
}
