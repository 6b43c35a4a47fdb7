package filter

import (
	"strings"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// dateRange is the time that a date in a rule stands for: start is inclusive, end exclusive. Both
// are UTC and whole milliseconds, the precision of the database. A time between two milliseconds is
// an empty range.
type dateRange struct{ start, end time.Time }

// dateRangeValue reads the value of a rule on a date field: a time or a bare date in any form of
// export.ParseInstant, or the form of the field's type that users.ParseDate accepts. A field for
// the time of day takes no bare date.
func dateRangeValue(f Field, v export.Value, path string) (dateRange, error) {
	if v.Kind != export.StringValue {
		return dateRange{}, errs.Invalid(path, "%s is a date; the value must be a string", f.Label)
	}
	s, err := parseDateRange(f.Type, v.Text)
	if err != nil {
		return dateRange{}, errs.Invalid(path, "%s is a date; the value %s", f.Label, err)
	}
	return s, nil
}

func parseDateRange(t users.InputType, s string) (dateRange, error) {
	in, err := export.ParseInstant(s)
	const day = 24 * time.Hour
	switch {
	case err != nil || in.Unit == day && t == users.Clock:
		return parseKindRange(t, s)
	case in.Unit == day:
		return dateRange{in.Time, in.Time.AddDate(0, 0, 1)}, nil
	case !in.Zoned:
		start := in.Time.Truncate(time.Millisecond)
		return dateRange{start, start.Add(in.Unit)}, nil
	}
	start, end := in.Time.Truncate(time.Millisecond), in.Time.Truncate(time.Millisecond).Add(time.Millisecond)
	if !start.Equal(in.Time) {
		start = end
	}
	return dateRange{start, end}, nil
}

// parseKindRange parses the form of the field's own type, such as a week or a month.
func parseKindRange(t users.InputType, s string) (dateRange, error) {
	v, err := users.ParseDate(t, s)
	if err != nil {
		return dateRange{}, err
	}
	switch t {
	case users.Week:
		return dateRange{v, v.AddDate(0, 0, 7)}, nil
	case users.Month:
		return dateRange{v, v.AddDate(0, 1, 0)}, nil
	default:
		return dateRange{v, v.Add(resolution(s))}, nil
	}
}

// resolution returns the precision of a time of day: minutes, seconds or milliseconds.
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
