package csv

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
)

// appendDouble appends the shortest decimal that reads back to f, as JavaScript writes it.
func appendDouble(dst []byte, f float64) []byte {
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
		if n := len(dst); dst[n-4] == 'e' && dst[n-2] == '0' { // e-09: JavaScript has e-9
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	default:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
}

// The layout of a decimal128, from the top bit of its high word: sign, 14 bits of exponent, 113 bits of coefficient. The
// longer form of the exponent, which begins with two set bits, only has coefficients out of range: they count as zero.
const (
	decimalBias     = 6176
	decimalSpecial  = 0x1E // of the five bits below the sign: infinity; one more is NaN
	decimalExponent = 1<<14 - 1
)

// appendDecimal appends the decimal128 in b and reports whether it is a finite number. A number with an exponent above 0,
// or below 1e-6, is written with an exponent, which keeps its digits and scale as they are.
func appendDecimal(dst, b []byte) (out []byte, finite bool) {
	low, high := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	negative := high>>63 != 0
	switch special := high >> 58 & 0x1F; {
	case special > decimalSpecial:
		return append(dst, "NaN"...), false
	case special == decimalSpecial && negative:
		return append(dst, "-Infinity"...), false
	case special == decimalSpecial:
		return append(dst, "Infinity"...), false
	}
	exp := int(high >> 49 & decimalExponent)
	if high>>61&3 == 3 {
		exp = int(high >> 47 & decimalExponent)
		high, low = 0, 0
	}
	exp -= decimalBias
	high &= 1<<49 - 1
	if negative {
		dst = append(dst, '-')
	}

	// The digits: 113 bits are at most 35 of them, two words of 19 hold 38.
	const word = 1e19
	var digits [38]byte
	quotient, rest := bits.Div64(high, low, word) // the quotient fits: high is below 2^49
	d := digits[:0]
	if quotient > 0 {
		d = strconv.AppendUint(d, quotient, 10)
		for limit := uint64(word / 10); rest < limit && limit > 1; limit /= 10 {
			d = append(d, '0')
		}
	}
	d = strconv.AppendUint(d, rest, 10)

	scientific := exp + len(d) - 1
	switch {
	case exp > 0 || scientific < -6:
		dst = append(dst, d[0])
		if len(d) > 1 {
			dst = append(append(dst, '.'), d[1:]...)
		}
		dst = append(dst, 'E')
		if scientific > 0 {
			dst = append(dst, '+')
		}
		return strconv.AppendInt(dst, int64(scientific), 10), true
	case exp == 0:
		return append(dst, d...), true
	case scientific >= 0:
		point := len(d) + exp
		dst = append(append(dst, d[:point]...), '.')
		return append(dst, d[point:]...), true
	default:
		dst = append(append(dst, "0."...), "00000"[:-scientific-1]...)
		return append(dst, d...), true
	}
}
