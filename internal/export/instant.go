package export

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The errors of ParseInstant. Each completes a sentence that begins with the field's name.
var (
	// ErrInvalidTime means that the text has no known time format.
	ErrInvalidTime = errors.New("must be a time like 2026-01-31T08:30:00Z")
	// ErrZeroDate means that the text is MySQL's zero date, 0000-00-00, which means no date.
	ErrZeroDate = errors.New("is a zero date, which means no date")
	// ErrInfinity means that the text is PostgreSQL's infinity or -infinity.
	ErrInfinity = errors.New("is infinity, which is not a point in time")

	errBC         = errors.New("is before the year 1 (BC)")
	errLeapSecond = errors.New("has the second 60 at a time that cannot have a leap second")
	errOutOfRange = errors.New("is outside the range of times that a database can store")
)

// Instant is a point in time parsed from text.
type Instant struct {
	Time  time.Time     // in UTC, truncated to nanoseconds
	Zoned bool          // the text has an offset from UTC or Z; otherwise it is in UTC
	Unit  time.Duration // the precision of the text: a day, a minute, a second, or a millisecond for any fraction
}

// ParseInstant parses a time in the formats of RFC 3339, PostgreSQL, MySQL and Egress:
//
//	2026-01-31                         a bare date
//	2026-01-31T08:30                   T, t or a blank; no zone: UTC
//	2026-01-31 08:30:00.123456+00      a fraction of any length, after a dot or a comma
//	2026-01-31 08:30:00 +05:30         an offset of hours, hhmm, hh:mm or hh:mm:ss, Z, z, UTC or GMT, after a blank too
//	2016-12-31T23:59:60Z               a leap second: the first second of the next day
//	+010000-01-01T00:00:00Z            more than four digits of a year, with a sign six or more
//
// The error is ErrNoTime, ErrZeroDate, ErrInfinity or another error that completes a sentence about
// the field.
func ParseInstant(s string) (Instant, error) {
	if strings.EqualFold(strings.TrimLeft(s, "+-"), "infinity") {
		return Instant{}, ErrInfinity
	}
	if rest, bc := strings.CutSuffix(s, " BC"); bc {
		if _, err := ParseInstant(rest); err == nil {
			return Instant{}, errBC
		}
		return Instant{}, ErrInvalidTime
	}
	p := timeParser{s}
	var f timeFields
	if !p.date(&f) || !p.clock(&f) || p.rest != "" {
		return Instant{}, ErrInvalidTime
	}
	if f.year == 0 && f.month == 0 && f.day == 0 {
		return Instant{}, ErrZeroDate
	}
	return f.instant()
}

// timeFields are the parts of a time in text.
type timeFields struct {
	year, month, day, hour, minute, second, nanosecond int

	offset int // seconds east of UTC
	zoned  bool
	unit   time.Duration
}

func (f timeFields) instant() (Instant, error) {
	leap := f.second == 60
	if leap {
		f.second = 59
	}
	t := time.Date(f.year, time.Month(f.month), f.day, f.hour, f.minute, f.second, f.nanosecond, time.UTC)
	if int(t.Month()) != f.month || t.Day() != f.day {
		return Instant{}, ErrInvalidTime
	}
	t = t.Add(-time.Duration(f.offset) * time.Second)
	if leap {
		next := t.Add(time.Second)
		if whole := next.Truncate(time.Second); whole.Day() != 1 || !whole.Equal(midnight(whole)) {
			return Instant{}, errLeapSecond
		}
		t = next
	}
	if ms := t.Truncate(time.Millisecond); !time.UnixMilli(ms.UnixMilli()).Equal(ms) {
		return Instant{}, errOutOfRange
	}
	return Instant{Time: t, Zoned: f.zoned, Unit: f.unit}, nil
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// FormatTime formats an instant in TimeFormat. A year outside 0 to 9999 has a sign and at least six
// digits, as in ECMAScript. ParseInstant parses both.
func FormatTime(t time.Time) string {
	t = t.UTC()
	switch year := t.Year(); {
	case year < 0:
		return fmt.Sprintf("-%06d", -year) + t.Format(TimeFormat[len("2006"):])
	case year > 9999:
		return fmt.Sprintf("+%06d", year) + t.Format(TimeFormat[len("2006"):])
	default:
		return t.Format(TimeFormat)
	}
}
