package users

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
)

// ParseUnix reads a time between 1980 and 2199 in each of the four units, and Coerce reads it as a
// number or as text.
func TestParseUnixDetectsUnit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		nanos := big.NewInt(rapid.Int64Range(year1980, year2200-1).Draw(t, "seconds"))
		nanos.Mul(nanos, big.NewInt(1e9)).Add(nanos, big.NewInt(rapid.Int64Range(0, 1e9-1).Draw(t, "nanoseconds")))
		digits := rapid.SampledFrom([]int{9, 6, 3, 0}).Draw(t, "fewer digits than nanoseconds")
		text := nanos.String()
		number := text[:len(text)-digits]
		exact := nanos
		switch rapid.IntRange(0, 2).Draw(t, "form") {
		case 0: // no fraction
			exact = new(big.Int)
			exact.SetString(number+strings.Repeat("0", digits), 10)
		case 1:
			number += "." + text[len(text)-digits:] + "0"
		case 2:
			number = text[:1] + "." + text[1:] + "e+" + strconv.Itoa(len(number)-1)
		}
		ms := new(big.Int).Div(exact, big.NewInt(1e6)).Int64()
		for _, v := range []export.Value{export.Number(number), export.String(number)} {
			for _, kind := range []InputType{Date, DateTime} {
				if got, err := Coerce(Field{Slug: "f", Type: kind}, v); err != nil || got != time.UnixMilli(ms).UTC() {
					t.Fatalf("%s %s is %v, %v; want %v", kind, number, got, err, time.UnixMilli(ms).UTC())
				}
			}
		}
		for _, years := range []TimeRange{AccountTimes, EndTimes} {
			if got, err := ParseUnix(number, years); err != nil || got.UnixMilli() != ms {
				t.Fatalf("%s is %v, %v", number, got, err)
			}
		}
	})
}

// Any number is either refused or is a time in the range of its purpose in exactly one unit.
func TestUnixTimeHasOneUnit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		exponent := rapid.IntRange(0, 19).Draw(t, "exponent")
		n := int64(math.Min(math.Pow10(exponent)*rapid.Float64Range(0.1, 1).Draw(t, "n"), math.MaxInt64/2))
		if rapid.Bool().Draw(t, "negative") {
			n = -n
		}
		for _, years := range []TimeRange{AccountTimes, EndTimes, AttributeTimes} {
			units := 0
			for _, unit := range []int64{1, 1e3, 1e6, 1e9} {
				s := n / unit
				if s >= years.minUnix && s < years.endUnix || -s >= years.minUnix && -s <= years.maxBefore {
					units++
				}
			}
			got, err := ParseUnix(strconv.FormatInt(n, 10), years)
			if units > 1 || err == nil && (units != 1 || got.Year() < 1900 || got.Year() > 2199) {
				t.Fatalf("%d is %v in %d units, %v", n, got, units, err)
			}
		}
	})
}

func TestParseUnixRefusesImplausibleNumbers(t *testing.T) {
	t.Parallel()
	for _, n := range []string{
		"0", "1", "-1", "0.5", "86400", "20260131", "20260131083000", "99999999999", "253402300799", "253402214400", "253402300799999",
		"253402300799999999", "32503680000", "8640000000000000", "9223372036854775807", "99999999999999999999", "1e300", "1e-300",
	} {
		for _, years := range []TimeRange{AccountTimes, EndTimes, AttributeTimes} {
			if got, err := ParseUnix(n, years); err == nil || !strings.Contains(err.Error(), "plausible") {
				t.Errorf("%s is %v, %v", n, got, err)
			}
		}
	}
	for text, likely := range map[string]bool{
		"1970-01-01T00:00:00Z": false, "0001-01-01T00:00:00Z": false, "1850-05-04": true, "1799-12-31": false, "9999-12-31": false, "2026-01-31": true,
	} {
		at, err := ParseDate(DateTime, text)
		if err != nil || AttributeTimes.Contains(at) != likely {
			t.Errorf("%s: likely %v, %v", text, !likely, err)
		}
	}
	if never, _ := ParseDate(DateTime, "9999-12-31 23:59:59"); !EndTimes.Contains(never) || AccountTimes.Contains(never) {
		t.Error("31 December 9999 must be likely only for EndTimes")
	}
}

// ParseDate reads the text of any date that a database can store, in exports and responses, as the
// same instant.
func TestParseDateReadsEveryStoredDate(t *testing.T) {
	t.Parallel()
	check := func(ms int64) (InputType, string, time.Time, error) {
		v := time.UnixMilli(ms).UTC()
		for _, kind := range []InputType{Date, DateTime, Clock, Week, Month} {
			text := FormatDate(kind, v)
			if got, err := ParseDate(kind, text); err != nil || !got.Equal(v) {
				return kind, text, got, err
			}
		}
		return "", "", v, nil
	}
	for _, ms := range []int64{0, -1, math.MinInt64, math.MaxInt64, -62_167_219_200_001, -62_167_219_200_000, 253_402_300_799_999, 253_402_300_800_000} {
		if kind, text, got, err := check(ms); kind != "" {
			t.Errorf("%s %d: %s is read as %v, %v", kind, ms, text, got, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		const day = 86_400_000
		ms := rapid.OneOf(rapid.Int64(), rapid.Custom(func(t *rapid.T) int64 {
			return rapid.Int64Range(-800_000, 4_000_000).Draw(t, "day") * day
		})).Draw(t, "ms")
		if kind, text, got, err := check(ms); kind != "" {
			t.Fatalf("%s %d: %s is read as %v, %v", kind, ms, text, got, err)
		}
	})
}
