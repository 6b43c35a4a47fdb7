package filter

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// Key returns bytes that identify the selection, for caches: different selections have different
// keys. The key of the same selection may differ between versions of Egress.
func (s Selection) Key() string {
	b := appendText(nil, s.Store)
	b = appendText(b, s.IDs.From)
	b = appendText(b, s.IDs.Before)
	return string(appendCondition(b, s.Where))
}

// appendCondition appends a byte for the kind of a condition, and its fields. Each field has a
// length, a count or a byte for its type, so the encoding can be read back without doubt.
func appendCondition(b []byte, c Condition) []byte {
	switch c := c.(type) {
	case nil:
		return append(b, '0')
	case And:
		return appendConditions(append(b, '&'), c)
	case Or:
		return appendConditions(append(b, '|'), c)
	case Not:
		return appendCondition(append(b, '!'), c.Of)
	case Element:
		return appendCondition(appendText(append(b, '@'), c.Path), c.Of)
	case Equal:
		return appendValue(appendText(append(b, '='), c.Path), c.Value)
	case OneOf:
		b = appendText(append(b, 'i'), c.Path)
		b = binary.AppendUvarint(b, uint64(len(c.Values)))
		for _, v := range c.Values {
			b = appendText(b, v)
		}
		return b
	case Numbers:
		return appendValue(appendValue(appendText(append(b, 'n'), c.Path), c.From), c.To)
	case Times:
		return appendTime(appendTime(appendText(append(b, 't'), c.Path), c.From), c.Before)
	case Known:
		return appendText(append(b, 'k'), c.Path)
	case KnownText:
		return appendText(append(b, 'K'), c.Path)
	case Present:
		return appendText(append(b, 'p'), c.Path)
	case NotEmpty:
		return appendText(append(b, 'e'), c.Path)
	case Text:
		for _, s := range []string{c.Path, string(c.Operator), c.Text, c.Folded} {
			b = appendText(append(b, '~'), s)
		}
		return b
	default:
		panic(fmt.Sprintf("filter: no key for a condition of type %T", c))
	}
}

func appendConditions(b []byte, list []Condition) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, c := range list {
		b = appendCondition(b, c)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendValue appends a value of Equal or a bound of Numbers.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, '0')
	case bool:
		if v {
			return append(b, 'T')
		}
		return append(b, 'F')
	case int64:
		return binary.AppendVarint(append(b, 'i'), v)
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 'd'), math.Float64bits(v))
	case string:
		return appendText(append(b, 's'), v)
	default:
		panic(fmt.Sprintf("filter: no key for a value of type %T", v))
	}
}

func appendTime(b []byte, t *time.Time) []byte {
	if t == nil {
		return append(b, '0')
	}
	b = binary.AppendVarint(append(b, 't'), t.Unix())
	return binary.AppendUvarint(b, uint64(t.Nanosecond()))
}
