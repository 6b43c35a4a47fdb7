package users

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// Text layouts of the date types. Dates without a zone are in UTC. The database stores a time of
// day as that time on 1 January 1970, a week as its Monday and a month as its first day, both at
// 00:00 UTC.
const (
	dateLayout  = time.DateOnly
	clockLayout = time.TimeOnly
	monthLayout = "2006-01"
)

var dateErrors = map[InputType]error{
	Date:     errors.New("must be a date like 2026-01-31"),
	DateTime: export.ErrInvalidTime,
	Clock:    errors.New("must be a time of day like 08:30 or 08:30:00"),
	Week:     errors.New("must be a week like 2026-W05"),
	Month:    errors.New("must be a month like 2026-01"),
}

// ParseDate parses a value of a date type:
//
//	date      2026-01-31
//	datetime  2026-01-31T08:30:00Z and the other forms of export.ParseInstant
//	time      08:30 or 08:30:00
//	week      2026-W05 (ISO 8601)
//	month     2026-01
//
// Every type also accepts every form of a datetime except the bare date: FormatDate writes a
// datetime if the type's own form cannot represent the instant. The result is in UTC, truncated to
// milliseconds. The error completes a sentence that begins with the field's name; it is
// export.ErrZeroDate for a zero date.
func ParseDate(t InputType, s string) (time.Time, error) {
	noDate, ok := dateErrors[t]
	if !ok {
		return time.Time{}, fmt.Errorf("has the type %s, which is not a date type", t)
	}
	in, err := export.ParseInstant(s)
	switch {
	case err == nil && (in.Unit < 24*time.Hour || t == Date || t == DateTime):
		return in.Time.Truncate(time.Millisecond), nil
	case err != nil && !errors.Is(err, export.ErrInvalidTime):
		return time.Time{}, err
	}
	switch t {
	case Clock:
		for _, layout := range []string{clockLayout, "15:04"} {
			if v, err := time.Parse(layout, s); err == nil {
				return v.AddDate(1970, 0, 0).Truncate(time.Millisecond), nil // time.Parse sets the year 0
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
	}
	return time.Time{}, noDate
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

// FormatDate returns a value of a date type in the type's own form, or, if that form cannot
// represent it, in the form of export.FormatTime. ParseDate parses both.
func FormatDate(t InputType, v time.Time) string {
	v = v.UTC()
	midnight := v.Equal(time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC))
	switch {
	case t == Date && midnight && hasFourDigits(v.Year()):
		return v.Format(dateLayout)
	case t == Clock && v.Year() == 1970 && v.YearDay() == 1 && v.Nanosecond() == 0:
		return v.Format(clockLayout)
	case t == Month && midnight && v.Day() == 1 && hasFourDigits(v.Year()):
		return v.Format(monthLayout)
	case t == Week && midnight && v.Weekday() == time.Monday:
		if year, week := v.ISOWeek(); hasFourDigits(year) {
			return fmt.Sprintf("%04d-W%02d", year, week)
		}
	}
	return export.FormatTime(v)
}

// hasFourDigits reports whether a year has four digits.
func hasFourDigits(year int) bool { return 0 <= year && year <= 9999 }
