package export

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// ParseInstant reads the same instant in every format of databases, libraries and standards.
func TestParseInstantReadsEveryFormat(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const year1, year9999 = -62_135_596_800 + 86_400, 253_402_300_799 - 86_400
		want := time.Unix(rapid.Int64Range(year1, year9999).Draw(t, "seconds"), 0).UTC()
		fraction := rapid.StringMatching(`[0-9]{0,15}`).Draw(t, "fraction")
		want = want.Add(time.Duration(nanoseconds(fraction)))
		offset := rapid.IntRange(-15*60, 15*60).Draw(t, "minutes east")
		seconds := rapid.SampledFrom([]int{0, 0, 0, 19}).Draw(t, "seconds east")
		if offset < 0 {
			seconds = -seconds
		}
		local := want.Add(time.Duration(offset)*time.Minute + time.Duration(seconds)*time.Second)
		text := local.Format("2006-01-02") + rapid.SampledFrom([]string{"T", "t", " "}).Draw(t, "separator") + local.Format("15:04:05")
		if fraction != "" {
			text += rapid.SampledFrom([]string{".", ","}).Draw(t, "mark") + fraction
		}
		text += zoneText(t, offset, seconds)
		in, err := ParseInstant(text)
		if err != nil || !in.Time.Equal(want) {
			t.Fatalf("%q is %v, %v; want %v", text, in.Time, err, want)
		}
		if unit := in.Unit; (unit == time.Millisecond) != (fraction != "") || unit > time.Second {
			t.Fatalf("%q has the precision %s", text, unit)
		}
	})
}

func nanoseconds(fraction string) (n int) {
	for _, c := range (fraction + strings.Repeat("0", 9))[:9] {
		n = 10*n + int(c-'0')
	}
	return n
}

// zoneText returns an offset in one of its formats.
func zoneText(t *rapid.T, minutes, seconds int) string {
	sign, m, s := "+", minutes, seconds
	if minutes < 0 || seconds < 0 {
		sign, m, s = "-", -minutes, -seconds
	}
	blank := rapid.SampledFrom([]string{"", " "}).Draw(t, "blank")
	forms := []string{fmt.Sprintf("%s%02d:%02d", sign, m/60, m%60), fmt.Sprintf("%s%02d%02d", sign, m/60, m%60)}
	switch {
	case s != 0:
		forms = []string{fmt.Sprintf("%s%02d:%02d:%02d", sign, m/60, m%60, s)}
	case m == 0:
		return rapid.SampledFrom([]string{"", "Z", "z", " UTC", "GMT", "+00", "-00:00", " +0000", "+00:00:00"}).Draw(t, "UTC")
	case m%60 == 0:
		forms = append(forms, fmt.Sprintf("%s%02d", sign, m/60))
	}
	return blank + rapid.SampledFrom(forms).Draw(t, "offset")
}

func TestParseInstant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-01-31": "2026-01-31T00:00:00.000Z", "2026-01-31T08:30": "2026-01-31T08:30:00.000Z", "2026-01-31 08:30+01": "2026-01-31T07:30:00.000Z",
		"2016-12-31T23:59:60Z": "2017-01-01T00:00:00.000Z", "2017-01-01 05:29:60.25+0530": "2017-01-01T00:00:00.250Z",
		"2016-12-31 18:59:60-05": "2017-01-01T00:00:00.000Z", "0000-12-31T00:00:00Z": "0000-12-31T00:00:00.000Z",
		"9999-12-31T23:59:59-01:00": "+010000-01-01T00:59:59.000Z", "20266-01-31 00:00:00+00": "+020266-01-31T00:00:00.000Z",
		"-000001-01-01T00:00:00.000Z": "-000001-01-01T00:00:00.000Z", "2024-02-29": "2024-02-29T00:00:00.000Z",
	} {
		if in, err := ParseInstant(text); err != nil || FormatTime(in.Time) != want {
			t.Errorf("%q is %s, %v; want %s", text, FormatTime(in.Time), err, want)
		}
	}
	for text, want := range map[string]error{
		"0000-00-00": ErrZeroDate, "0000-00-00 00:00:00": ErrZeroDate, "0000-00-00T00:00:00.000000Z": ErrZeroDate,
		"infinity": ErrInfinity, "-Infinity": ErrInfinity, "0044-03-15 00:00:00+00 BC": errBC, "x BC": ErrInvalidTime,
		"2026-01-31T08:30:60Z": errLeapSecond, "2026-01-30T23:59:60Z": errLeapSecond, "2016-12-31T23:59:60+01:00": errLeapSecond,
		"999999999-01-01": errOutOfRange,
		"":                ErrInvalidTime, "1700000000": ErrInvalidTime, "20260131": ErrInvalidTime, "2026-1-31": ErrInvalidTime, "2026-00-00": ErrInvalidTime, "2026-01-00": ErrInvalidTime,
		"2026-02-29": ErrInvalidTime, "2026-13-01": ErrInvalidTime, "2026-01-31T24:00:00Z": ErrInvalidTime, "2026-01-31T08:60:00Z": ErrInvalidTime, "2026-01-31T08": ErrInvalidTime,
		"2026-01-31T08:30:61Z": ErrInvalidTime, "2026-01-31T08:30:00.Z": ErrInvalidTime, "2026-01-31T08:30:00+1": ErrInvalidTime, "2026-01-31T08:30:00+24:00": ErrInvalidTime,
		"2026-01-31T08:30:00 02:00": ErrInvalidTime, "2026-01-31T08:30:00+010019": ErrInvalidTime, "2026-01-31  08:30": ErrInvalidTime, " 2026-01-31": ErrInvalidTime,
		"2026-01-31 ": ErrInvalidTime, "2026-01-31T08:30:00ZZ": ErrInvalidTime, "-000000-01-01": ErrInvalidTime, "+2026-01-31": ErrInvalidTime, "2026-01-31Z": ErrInvalidTime,
		"31.01.2026": ErrInvalidTime, "01/31/2026": ErrInvalidTime, "02026-01-31": nil,
	} {
		if in, err := ParseInstant(text); !errors.Is(err, want) {
			t.Errorf("%q is %v, %v; want %v", text, in.Time, err, want)
		}
	}
}
