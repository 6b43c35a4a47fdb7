package filter

import (
	"cmp"
	"math"
	"math/big"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// eachValue calls wanted for the values at a dotted path until it returns true, which match
// reports. A list stands for its elements, and documents in a list on the way are entered. found
// reports whether the path exists.
func eachValue(doc bsoncore.Document, path string, wanted func(bsoncore.Value) bool) (found, match bool) {
	key, rest, nested := strings.Cut(path, ".")
	v, ok := lookup(doc, key)
	switch {
	case !ok:
		return false, false
	case nested && v.Type == bsoncore.TypeEmbeddedDocument:
		return eachValue(v.Data, rest, wanted)
	case nested && v.Type != bsoncore.TypeArray:
		return false, false
	case v.Type != bsoncore.TypeArray:
		return true, wanted(v)
	}
	found = !nested
	for elements := body(v.Data); len(elements) > 0; {
		var e bsoncore.Element
		if e, elements, ok = bsoncore.ReadElement(elements); !ok {
			break
		}
		element := e.Value()
		if !nested {
			if wanted(element) {
				return true, true
			}
			continue
		}
		if element.Type == bsoncore.TypeEmbeddedDocument {
			there, match := eachValue(element.Data, rest, wanted)
			if match {
				return true, true
			}
			found = found || there
		}
	}
	return found, false
}

// lookup returns the member of a document with a key.
func lookup(doc bsoncore.Document, key string) (bsoncore.Value, bool) {
	for elements := body(doc); len(elements) > 0; {
		e, rest, ok := bsoncore.ReadElement(elements)
		if !ok {
			break
		}
		if string(e.KeyBytes()) == key {
			return e.Value(), true
		}
		elements = rest
	}
	return bsoncore.Value{}, false
}

// body returns the elements of a document: the bytes between its length and its final NUL.
func body(doc []byte) []byte {
	const length, end = 4, 1
	if len(doc) < length+end {
		return nil
	}
	return doc[length : len(doc)-end]
}

// compareNumber compares a stored number with an int64 or a float64, exactly. ok is false where the
// value is no number or not a number (NaN).
func compareNumber(v bsoncore.Value, want any) (order int, ok bool) {
	switch v.Type {
	case bsoncore.TypeInt32:
		n, ok := v.Int32OK()
		return compareInt(int64(n), want), ok
	case bsoncore.TypeInt64:
		n, ok := v.Int64OK()
		return compareInt(n, want), ok
	case bsoncore.TypeDouble:
		f, ok := v.DoubleOK()
		if !ok || math.IsNaN(f) {
			return 0, false
		}
		return compareFloat(f, want), true
	case bsoncore.TypeDecimal128:
		h, l, ok := v.Decimal128OK()
		if !ok {
			return 0, false
		}
		return compareDecimal(bson.NewDecimal128(h, l), want)
	default:
		return 0, false
	}
}

// compareNumbers compares two numbers of rules, each an int64 or a float64, exactly.
func compareNumbers(a, b any) int {
	if n, ok := a.(int64); ok {
		return compareInt(n, b)
	}
	return compareFloat(toFloat(a), b)
}

func compareInt(n int64, want any) int {
	if w, ok := want.(int64); ok {
		return cmp.Compare(n, w)
	}
	return compareIntFloat(n, toFloat(want))
}

func compareFloat(f float64, want any) int {
	if w, ok := want.(int64); ok {
		return -compareIntFloat(w, f)
	}
	return cmp.Compare(f, toFloat(want))
}

func toFloat(n any) float64 {
	if i, ok := n.(int64); ok {
		return float64(i)
	}
	f, _ := n.(float64)
	return f
}

// compareIntFloat compares without the rounding of a conversion.
func compareIntFloat(n int64, f float64) int {
	const limit = 1 << 63
	switch {
	case f >= limit:
		return -1
	case f < -limit:
		return 1
	}
	if order := cmp.Compare(n, int64(f)); order != 0 {
		return order
	}
	return cmp.Compare(math.Trunc(f), f)
}

// compareDecimal is the one comparison that allocates: Egress stores no decimal numbers.
func compareDecimal(d bson.Decimal128, want any) (order int, ok bool) {
	switch {
	case d.IsNaN():
		return 0, false
	case d.IsInf() != 0:
		return d.IsInf(), true
	}
	digits, exponent, err := d.BigInt()
	if err != nil {
		return 0, false
	}
	stored := new(big.Rat).SetInt(digits)
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exponent, -exponent))), nil)
	if exponent < 0 {
		stored.Quo(stored, new(big.Rat).SetInt(scale))
	} else {
		stored.Mul(stored, new(big.Rat).SetInt(scale))
	}
	wanted := new(big.Rat)
	if n, integer := want.(int64); integer {
		wanted.SetInt64(n)
	} else if wanted.SetFloat64(toFloat(want)) == nil { // an infinity
		return -int(math.Copysign(1, toFloat(want))), true
	}
	return stored.Cmp(wanted), true
}
