package csv

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// The layout of a decimal128, from the top bit of its high word: sign, 14 bits of exponent, 113
// bits of coefficient. The other form, with two set bits before the exponent, has only coefficients
// out of range: they count as zero.
const (
	decimalBias     = 6176
	decimalSpecial  = 0x1E // in the five bits below the sign: infinity; greater: NaN
	decimalExponent = 1<<14 - 1
)

// appendDecimal appends the decimal128 in b and reports whether it is finite. With an exponent
// above 0, or below 1e-6, it uses scientific notation, which preserves digits and scale.
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

	// 113 bits have at most 35 digits. Two words of 19 digits hold 38.
	const word = 1e19
	var digits [38]byte
	quotient, rest := bits.Div64(high, low, word) // high is below 2^49, so the quotient fits
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
