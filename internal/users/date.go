package users

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// The forms of date kinds in text. Dates without a zone are UTC. A time of day is kept on 1 January 1970, a week as its
// Monday, a month as its first day, each at 00:00 UTC.
const (
	dateLayout  = time.DateOnly
	clockLayout = time.TimeOnly
	monthLayout = "2006-01"
)

var datetimeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", dateLayout,
}

var dateReasons = map[InputType]error{
	Date:     errors.New("must be a date like 2026-01-31"),
	DateTime: errors.New("must be a time like 2026-01-31T08:30:00Z"),
	Clock:    errors.New("must be a time of day like 08:30 or 08:30:00"),
	Week:     errors.New("must be a week like 2026-W05"),
	Month:    errors.New("must be a month like 2026-01"),
}

// ParseDate reads a value of a date kind in its own form:
//
//	date      2026-01-31
//	datetime  2026-01-31T08:30:00Z, any offset, also without seconds or zone (then UTC), with a blank for the T, or a bare date
//	time      08:30 or 08:30:00
//	week      2026-W05 (ISO 8601)
//	month     2026-01
//
// Every kind takes a whole RFC 3339 time too, since that is how Format writes an instant that does not lie on the
// kind's grid. What is finer than a millisecond is cut: the database keeps milliseconds. The result is in UTC; the
// error is a reason to put behind the field's name.
func ParseDate(t InputType, s string) (time.Time, error) {
	if v, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return inRange(v)
	}
	switch t {
	case Date:
		if v, err := time.Parse(dateLayout, s); err == nil {
			return v, nil
		}
	case DateTime:
		for _, layout := range datetimeLayouts {
			if v, err := time.Parse(layout, s); err == nil {
				return inRange(v)
			}
		}
	case Clock:
		for _, layout := range []string{clockLayout, "15:04"} {
			if v, err := time.Parse(layout, s); err == nil {
				return inRange(v.AddDate(1970, 0, 0)) // Go's base is the year 0
			}
		}
	case Week:
		if v, ok := parseWeek(s); ok {
			return v, nil
		}
	case Month:
		if v, err := time.Parse(monthLayout, s); err == nil {
			return v, nil
		}
	default:
		return time.Time{}, fmt.Errorf("is of the type %s, which has no dates", t)
	}
	return time.Time{}, dateReasons[t]
}

func inRange(v time.Time) (time.Time, error) {
	v = v.UTC().Truncate(time.Millisecond)
	if v.Year() < 0 || v.Year() > 9999 {
		return time.Time{}, errors.New("is outside the years 0 to 9999 in UTC")
	}
	return v, nil
}

func parseWeek(s string) (time.Time, bool) {
	if len(s) != len("2006-W02") || s[4:6] != "-W" || !isDigits(s[:4]) || !isDigits(s[6:]) {
		return time.Time{}, false
	}
	year, _ := strconv.Atoi(s[:4])
	week, _ := strconv.Atoi(s[6:])
	// 4 January is always in week 1.
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC)
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7+7*(week-1))
	if y, w := monday.ISOWeek(); y != year || w != week {
		return time.Time{}, false
	}
	return monday, monday.Year() >= 0
}

// FormatDate writes a value of a date kind in its own form where the instant lies exactly on it, and as a whole
// RFC 3339 time in UTC with milliseconds otherwise. ParseDate reads both.
func FormatDate(t InputType, v time.Time) string {
	v = v.UTC()
	midnight := v.Equal(time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC))
	switch {
	case t == Date && midnight:
		return v.Format(dateLayout)
	case t == Clock && v.Year() == 1970 && v.YearDay() == 1 && v.Nanosecond() == 0:
		return v.Format(clockLayout)
	case t == Month && midnight && v.Day() == 1:
		return v.Format(monthLayout)
	case t == Week && midnight && v.Weekday() == time.Monday:
		year, week := v.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	default:
		return v.Format(export.TimeFormat)
	}
}
