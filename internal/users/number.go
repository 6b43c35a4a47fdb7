package users

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

var (
	errNotNumber = errors.New("is not a number")
	errDigits    = errors.New("has more digits than a number can store; change the type of the field to text")
	errMagnitude = errors.New("is outside the range of numbers; change the type of the field to text")
)

// ParseNumber parses a number in JSON syntax. It returns an int64 for an integer that fits, or else
// a float64 that has exactly the same decimal value. The error completes a sentence that begins
// with the field's name.
func ParseNumber(s string) (any, error) {
	d, ok := parseDecimal(s)
	if !ok {
		return nil, errNotNumber
	}
	if n, ok := d.int64(); ok {
		return n, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f == 0 { // underflow: a real zero is an int64
		return nil, errMagnitude
	}
	if back, ok := parseDecimal(strconv.FormatFloat(f, 'e', -1, 64)); !ok || back != d {
		return nil, errDigits
	}
	return f, nil
}

// IsNumber reports whether s is a number in JSON syntax.
func IsNumber(s string) bool {
	_, ok := parseDecimal(s)
	return ok
}

// AppendDouble appends the shortest decimal that parses to f, in JavaScript's format: 1e+21,
// 1.5e-7, NaN, -Infinity.
func AppendDouble(dst []byte, f float64) []byte {
	const exact = 1 << 53
	if i := int64(f); float64(i) == f && -exact < i && i < exact && (i != 0 || !math.Signbit(f)) {
		return strconv.AppendInt(dst, i, 10)
	}
	switch a := math.Abs(f); {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case a != 0 && (a < 1e-6 || a >= 1e21):
		dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
		if n := len(dst); dst[n-4] == 'e' && dst[n-2] == '0' { // JavaScript writes e-9 for e-09
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	default:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
}

// decimal is the number 0.<digits> × 10^exp. Its digits neither begin nor end with a zero, so equal
// numbers are equal structs.
type decimal struct {
	negative bool
	digits   string
	exp      int
}

// maxExponent limits exponents. It is far outside the range of a float64.
const maxExponent = 1_000_000

// parseDecimal parses a number in JSON syntax (RFC 8259, section 6).
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	s, d.negative = strings.CutPrefix(s, "-")
	mantissa, exponent, scientific := s, "", false
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent, scientific = s[:i], s[i+1:], true
	}
	integer, fraction, dotted := strings.Cut(mantissa, ".")
	if !isDigits(integer) || dotted && !isDigits(fraction) || len(integer) > 1 && integer[0] == '0' {
		return decimal{}, false
	}
	if scientific {
		if !isDigits(strings.TrimLeft(exponent, "+-")) || len(exponent)-len(strings.TrimLeft(exponent, "+-")) > 1 {
			return decimal{}, false
		}
		n, err := strconv.Atoi(exponent)
		if err != nil || n > maxExponent || n < -maxExponent {
			n = maxExponent // out of range, like any larger one
		}
		d.exp = n
	}
	digits := integer + fraction
	d.exp += len(integer)
	trimmed := strings.TrimLeft(digits, "0")
	d.exp -= len(digits) - len(trimmed)
	d.digits = strings.TrimRight(trimmed, "0")
	if d.digits == "" {
		return decimal{}, true // all zeros are equal
	}
	return d, true
}

func (d decimal) int64() (int64, bool) {
	const maxDigits = 19 // digits of an int64
	if d.exp < len(d.digits) || d.exp > maxDigits {
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
