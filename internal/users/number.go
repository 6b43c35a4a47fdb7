package users

import (
	"errors"
	"strconv"
	"strings"
)

var (
	errNotNumber = errors.New("is not a number")
	errDigits    = errors.New("has more digits than a number can keep; make the field text")
	errMagnitude = errors.New("is beyond the range of numbers; make the field text")
)

// ParseNumber reads a number as JSON writes it: an int64 where it is whole and fits, else a float64, but only when that
// gives back the same decimal value. The error is a reason to put behind the field's name.
func ParseNumber(s string) (any, error) {
	d, ok := parseDecimal(s)
	if !ok {
		return nil, errNotNumber
	}
	if n, ok := d.int64(); ok {
		return n, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f == 0 { // zero itself was an int64: this one has underflowed
		return nil, errMagnitude
	}
	if back, ok := parseDecimal(strconv.FormatFloat(f, 'e', -1, 64)); !ok || back != d {
		return nil, errDigits
	}
	return f, nil
}

// decimal is 0.<digits> × 10^exp. Digits neither begin nor end with a zero, so equal values are equal structs.
type decimal struct {
	negative bool
	digits   string
	exp      int
}

// maxExponent bounds the exponents that are looked at; those of a float64 end at ±400.
const maxExponent = 1_000_000

// parseDecimal reads a number in the grammar of JSON (RFC 8259, section 6).
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	s, d.negative = strings.CutPrefix(s, "-")
	mantissa, exponent, scientific := s, "", false
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent, scientific = s[:i], s[i+1:], true
	}
	whole, fraction, dotted := strings.Cut(mantissa, ".")
	if !isDigits(whole) || dotted && !isDigits(fraction) || len(whole) > 1 && whole[0] == '0' {
		return decimal{}, false
	}
	if scientific {
		if !isDigits(strings.TrimLeft(exponent, "+-")) || len(exponent)-len(strings.TrimLeft(exponent, "+-")) > 1 {
			return decimal{}, false
		}
		n, err := strconv.Atoi(exponent)
		if err != nil || n > maxExponent || n < -maxExponent {
			n = maxExponent // any value there is out of range in the same way
		}
		d.exp = n
	}
	digits := whole + fraction
	d.exp += len(whole)
	trimmed := strings.TrimLeft(digits, "0")
	d.exp -= len(digits) - len(trimmed)
	d.digits = strings.TrimRight(trimmed, "0")
	if d.digits == "" {
		return decimal{}, true // every zero is the same
	}
	return d, true
}

func (d decimal) int64() (int64, bool) {
	const longest = 19 // digits of an int64
	if d.exp < len(d.digits) || d.exp > longest {
		return 0, false
	}
	s := d.digits + strings.Repeat("0", d.exp-len(d.digits))
	if s == "" {
		return 0, true
	}
	if d.negative {
		s = "-" + s
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
