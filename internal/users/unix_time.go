package users

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// TimeRange is the range of plausible years for times of one purpose. It determines the unit of a
// Unix time, so a number outside the range is refused. A time in text is unambiguous: outside the
// range it is only unlikely.
type TimeRange struct {
	minUnix, endUnix int64 // the range of a Unix time, in seconds since 1970, without endUnix
	maxBefore        int64 // a negative Unix time is minUnix to maxBefore seconds before 1970; 0 allows none
	minText, endText int64 // the likely range of a time in text, in seconds since 1970, without endText

	unixYears, textYears string // the ranges for messages
}

// The first second of each year, in Unix time.
const (
	year1800  = -5_364_662_400
	year1980  = 315_532_800
	year2200  = 7_258_118_400
	year10000 = 253_402_300_800
)

// The ranges. No number is a time in two units: endUnix is less than a thousand times minUnix.
var (
	// AccountTimes is for users, grants and state events.
	AccountTimes = TimeRange{
		minUnix: year1980, endUnix: year2200, minText: year1980, endText: year2200,
		unixYears: "1980 to 2199", textYears: "1980 to 2199",
	}
	// EndTimes is for the ends of grants. 31 December 9999 commonly means never.
	EndTimes = TimeRange{
		minUnix: year1980, endUnix: year2200, minText: year1980, endText: year10000,
		unixYears: "1980 to 2199", textYears: "1980 to 9999",
	}
	// AttributeTimes is for attributes, including birth dates.
	AttributeTimes = TimeRange{
		minUnix: 100_000_000, endUnix: year2200, maxBefore: 2_208_988_800, minText: year1800, endText: year2200,
		unixYears: "1900 to 2199, without November 1966 to March 1973", textYears: "1800 to 2199",
	}
)

// Contains reports whether a time from text is in the likely range. The first instant of 1970 is
// not: it is usually a zero that was formatted as a date.
func (r TimeRange) Contains(t time.Time) bool {
	s := t.Unix()
	return s >= r.minText && s < r.endText && (s != 0 || t.Nanosecond() != 0)
}

// LikelyYears returns the range of Contains for messages, such as "1980 to 2199".
func (r TimeRange) LikelyYears() string { return r.textYears }

// ParseTime parses a time of a user or a grant: text in any form of a datetime, or a Unix time as a
// number or as text. It returns nil for null, "" and a zero date. The error completes a sentence that
// begins with the field's name.
func ParseTime(v export.Value, years TimeRange) (*time.Time, error) {
	switch {
	case v.Kind == export.NoValue || v.Kind == export.StringValue && v.Text == "":
		return nil, nil
	case v.Kind == export.BoolValue:
		return nil, export.ErrInvalidTime
	}
	var t time.Time
	var err error
	if IsNumber(v.Text) {
		t, err = ParseUnix(v.Text, years)
	} else {
		t, err = ParseDate(DateTime, v.Text)
	}
	switch {
	case errors.Is(err, export.ErrZeroDate):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &t, nil
}

// ParseUnix parses a Unix time in seconds, milliseconds, microseconds or nanoseconds. The unit is
// the one that gives a time in the range r; no number fits two units. ParseUnix truncates to
// milliseconds. The error completes a sentence that begins with the field's name.
//
//	             AccountTimes and EndTimes            AttributeTimes
//	seconds      315532800 to 7258118399              100000000 to 7258118399, -100000000 to -2208988800
//	milliseconds each bound × 1000                    each bound × 1000
//	microseconds each bound × 1,000,000               each bound × 1,000,000
//	nanoseconds  each bound × 1,000,000,000           each bound × 1,000,000,000
func ParseUnix(s string, r TimeRange) (time.Time, error) {
	d, ok := parseDecimal(s)
	if !ok {
		return time.Time{}, errNotNumber
	}
	implausible := errors.New("is not a plausible Unix time: in seconds, milliseconds, microseconds or nanoseconds it must be in the years " + r.unixYears)
	const maxDigits = 19 // digits of nanoseconds in the year 2199
	if d.exp < 1 || d.exp > maxDigits {
		return time.Time{}, implausible
	}
	digits := d.digits + strings.Repeat("0", max(0, d.exp-len(d.digits)))
	whole, err := strconv.ParseUint(digits[:d.exp], 10, 64)
	if err != nil {
		return time.Time{}, implausible
	}
	for unit, nanoDigits := uint64(1), 9; nanoDigits >= 0; unit, nanoDigits = unit*1000, nanoDigits-3 {
		seconds := int64(whole / unit)
		if !r.holds(seconds, d.negative, unit > 1) {
			continue
		}
		fraction := (digits[d.exp:] + "000000000")[:nanoDigits]
		nanos := int64(whole%unit) * int64(1_000_000_000/unit)
		if fraction != "" {
			n, _ := strconv.ParseInt(fraction, 10, 64) // digits only
			nanos += n
		}
		if d.negative {
			seconds, nanos = -seconds, -nanos
		}
		return time.Unix(seconds, nanos).UTC().Truncate(time.Millisecond), nil
	}
	return time.Time{}, implausible
}

// holds reports whether a time so many seconds from 1970 is in the range of Unix times. fine
// reports whether the number has a unit finer than the second.
func (r TimeRange) holds(seconds int64, negative, fine bool) bool {
	// In a unit a thousand times as coarse the number is on 31 December 9999, which is more likely
	// than January 1978.
	const lastDay, lastSecond = 253_402_214, 253_402_300
	if fine && !negative && lastDay <= seconds && seconds <= lastSecond {
		return false
	}
	if negative {
		return r.minUnix <= seconds && seconds <= r.maxBefore
	}
	return r.minUnix <= seconds && seconds < r.endUnix
}
