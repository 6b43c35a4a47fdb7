package decode

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// Value is a JSON value of a request, or a missing member. Its accessors check the type and name
// the path in their errors. The zero Value is missing.
//
// A Value shares the memory of the request's body. Raw, texts and numbers are copies.
type Value struct {
	path string
	raw  []byte // valid JSON without surrounding white space; nil if the member is missing
}

// Path returns the path of the value in the request, "" for the body.
func (v Value) Path() string { return v.path }

// Missing reports whether the object does not have the member.
func (v Value) Missing() bool { return v.raw == nil }

// IsNull reports whether the value is null or missing.
func (v Value) IsNull() bool { return v.raw == nil || v.raw[0] == 'n' }

// Raw returns a copy of the value as sent, nil if it is null or missing.
func (v Value) Raw() json.RawMessage {
	if v.IsNull() {
		return nil
	}
	return bytes.Clone(v.raw)
}

// invalid returns an error about the value.
func (v Value) invalid(format string, args ...any) error {
	return errs.Invalid(v.path, format, args...)
}

// required returns an error if the value is null or missing. A body is never missing.
func (v Value) required() error {
	if v.IsNull() && v.path != "" {
		return v.invalid("is missing")
	}
	return nil
}

// The kinds of values, by their first byte. Numbers have several.
const (
	kindString = '"'
	kindArray  = '['
	kindObject = '{'
)

// is reports whether the value is of a kind.
func (v Value) is(kind byte) bool { return v.raw != nil && v.raw[0] == kind }

// has reports whether the value is an object with a member of this name.
func (v Value) has(name string) bool {
	if !v.is(kindObject) {
		return false
	}
	for n := range members(v.raw) {
		if n == name {
			return true
		}
	}
	return false
}

func (v Value) isBool() bool { return v.is('t') || v.is('f') }

func (v Value) isNumber() bool {
	return v.raw != nil && (v.raw[0] == '-' || '0' <= v.raw[0] && v.raw[0] <= '9')
}

// Text returns a string of at most maxBytes bytes, "" if the value is null or missing.
func (v Value) Text(maxBytes int) (string, error) {
	if v.IsNull() {
		return "", nil
	}
	if !v.is(kindString) {
		return "", v.invalid("must be a string")
	}
	s := unquote(v.raw)
	if len(s) > maxBytes {
		return "", v.invalid("must have at most %d bytes", maxBytes)
	}
	return s, nil
}

// RequiredText returns a string of 1 to maxBytes bytes.
func (v Value) RequiredText(maxBytes int) (string, error) {
	if err := v.required(); err != nil {
		return "", err
	}
	s, err := v.Text(maxBytes)
	if err == nil && s == "" {
		err = v.invalid("must not be empty")
	}
	return s, err
}

// Flag returns a boolean.
func (v Value) Flag() (bool, error) {
	if err := v.required(); err != nil {
		return false, err
	}
	if !v.isBool() {
		return false, v.invalid("must be true or false")
	}
	return v.is('t'), nil
}

// OptionalFlag returns a boolean, false if the value is null or missing.
func (v Value) OptionalFlag() (bool, error) {
	if v.IsNull() {
		return false, nil
	}
	return v.Flag()
}

// Integer returns a number without fraction and exponent, from minimum to maximum.
func (v Value) Integer(minimum, maximum int64) (int64, error) {
	if err := v.required(); err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(v.raw), 10, 64)
	if err != nil || n < minimum || n > maximum {
		return 0, v.invalid("must be a whole number from %d to %d", minimum, maximum)
	}
	return n, nil
}

// Scalar returns a string, a number with its digits as sent, or a boolean; the zero Value if the
// value is null or missing.
func (v Value) Scalar() (export.Value, error) {
	switch {
	case v.IsNull():
		return export.Value{}, nil
	case v.is(kindString):
		return export.String(unquote(v.raw)), nil
	case v.isNumber():
		return export.Number(string(v.raw)), nil
	case v.isBool():
		return export.Bool(v.is('t')), nil
	default:
		return export.Value{}, v.invalid("must be a string, a number, a boolean or null")
	}
}

// Array returns the elements of an array in their order, with their paths.
func (v Value) Array() (iter.Seq[Value], error) {
	if !v.is(kindArray) {
		return nil, v.invalid("must be an array")
	}
	return func(yield func(Value) bool) {
		i := 0
		for raw := range elements(v.raw) {
			if !yield(Value{path: v.path + "[" + strconv.Itoa(i) + "]", raw: raw}) {
				return
			}
			i++
		}
	}, nil
}
