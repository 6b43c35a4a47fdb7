package filter

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Matches implements Condition.
func (c And) Matches(doc bson.Raw) bool {
	for _, m := range c {
		if !m.Matches(doc) {
			return false
		}
	}
	return true
}

// Matches implements Condition.
func (c Or) Matches(doc bson.Raw) bool {
	for _, m := range c {
		if m.Matches(doc) {
			return true
		}
	}
	return false
}

// Matches implements Condition.
func (c Not) Matches(doc bson.Raw) bool { return !c.Of.Matches(doc) }

// Matches implements Condition.
func (c Element) Matches(doc bson.Raw) bool {
	list, ok := lookup(bsoncore.Document(doc), c.Path)
	if !ok || list.Type != bsoncore.TypeArray {
		return false
	}
	for elements := body(list.Data); len(elements) > 0; {
		var e bsoncore.Element
		if e, elements, ok = bsoncore.ReadElement(elements); !ok {
			return false
		}
		if v := e.Value(); v.Type == bsoncore.TypeEmbeddedDocument && (c.Of == nil || c.Of.Matches(bson.Raw(v.Data))) {
			return true
		}
	}
	return false
}

// Matches implements Condition.
func (c Equal) Matches(doc bson.Raw) bool {
	return some(doc, c.Path, func(v bsoncore.Value) bool {
		switch want := c.Value.(type) {
		case string:
			text, ok := textBytes(v)
			return ok && string(text) == want
		case bool:
			have, ok := v.BooleanOK()
			return ok && have == want
		default:
			order, ok := compareNumber(v, want)
			return ok && order == 0
		}
	})
}

// Matches implements Condition.
func (c OneOf) Matches(doc bson.Raw) bool {
	return some(doc, c.Path, func(v bsoncore.Value) bool {
		text, ok := textBytes(v)
		return ok && slices.ContainsFunc(c.Values, func(want string) bool { return string(text) == want })
	})
}

// Matches implements Condition. Like MongoDB, it lets one element of a list meet one bound and
// another element the other.
func (c Numbers) Matches(doc bson.Raw) bool {
	return (c.From == nil || some(doc, c.Path, func(v bsoncore.Value) bool {
		order, ok := compareNumber(v, c.From)
		return ok && order >= 0
	})) && (c.To == nil || some(doc, c.Path, func(v bsoncore.Value) bool {
		order, ok := compareNumber(v, c.To)
		return ok && order <= 0
	}))
}

// Matches implements Condition. It treats lists as Numbers does.
func (c Times) Matches(doc bson.Raw) bool {
	return (c.From == nil || some(doc, c.Path, func(v bsoncore.Value) bool {
		t, ok := v.DateTimeOK()
		return ok && t >= int64(bson.NewDateTimeFromTime(*c.From))
	})) && (c.Before == nil || some(doc, c.Path, func(v bsoncore.Value) bool {
		t, ok := v.DateTimeOK()
		return ok && t < int64(bson.NewDateTimeFromTime(*c.Before))
	}))
}

// Matches implements Condition.
func (c Known) Matches(doc bson.Raw) bool {
	found, unknown := eachValue(bsoncore.Document(doc), c.Path, func(v bsoncore.Value) bool {
		text, ok := textBytes(v)
		return isNull(v) || ok && len(text) == 0
	})
	return found && !unknown
}

// Matches implements Condition.
func (c KnownText) Matches(doc bson.Raw) bool {
	return some(doc, c.Path, func(v bsoncore.Value) bool {
		text, ok := textBytes(v)
		return ok && len(text) > 0
	})
}

// Matches implements Condition.
func (c Present) Matches(doc bson.Raw) bool {
	found, null := eachValue(bsoncore.Document(doc), c.Path, isNull)
	return found && !null
}

// Matches implements Condition.
func (c NotEmpty) Matches(doc bson.Raw) bool {
	const empty = 5 // bytes of a document without members
	return some(doc, c.Path, func(v bsoncore.Value) bool {
		return v.Type == bsoncore.TypeEmbeddedDocument && len(v.Data) > empty
	})
}

// Matches implements Condition. Folded text in a document is compared as it is stored; where a
// document has none, its text differs from the folded form by case alone (users.FoldedText).
func (c Text) Matches(doc bson.Raw) bool {
	stored, match := eachValue(bsoncore.Document(doc), c.foldedPath, func(v bsoncore.Value) bool {
		text, ok := textBytes(v)
		return ok && c.meets(text, matchesExactly)
	})
	if stored {
		return match
	}
	return some(doc, c.Path, func(v bsoncore.Value) bool {
		text, ok := textBytes(v)
		return ok && c.meets(text, matchesFolded)
	})
}

// meets applies the operator. prefix returns how many bytes of text its prefix that compares equal
// to the folded text has, or -1.
func (c Text) meets(text []byte, prefix func(text []byte, folded string) int) bool {
	switch c.Operator {
	case export.Is:
		return prefix(text, c.Folded) == len(text)
	case export.StartsWith:
		return prefix(text, c.Folded) >= 0
	case export.EndsWith:
		for i := range text {
			if utf8.RuneStart(text[i]) && prefix(text[i:], c.Folded) == len(text)-i {
				return true
			}
		}
		return false
	default:
		for i := range text {
			if utf8.RuneStart(text[i]) && prefix(text[i:], c.Folded) >= 0 {
				return true
			}
		}
		return false
	}
}

func matchesExactly(text []byte, folded string) int {
	if len(text) < len(folded) || string(text[:len(folded)]) != folded {
		return -1
	}
	return len(folded)
}

func matchesFolded(text []byte, folded string) int {
	n := 0
	for _, want := range folded {
		if n >= len(text) {
			return -1
		}
		r, size := rune(text[n]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[n:])
		}
		if users.FoldRune(r) != want {
			return -1
		}
		n += size
	}
	return n
}

func isNull(v bsoncore.Value) bool {
	return v.Type == bsoncore.TypeNull || v.Type == bsoncore.TypeUndefined
}

// textBytes returns the bytes of a text, in place.
func textBytes(v bsoncore.Value) ([]byte, bool) {
	const length = 4 // bytes of the length; a NUL ends the text
	if v.Type != bsoncore.TypeString || len(v.Data) <= length {
		return nil, false
	}
	return bytes.TrimSuffix(v.Data[length:], []byte{0}), true
}

// hasText reports whether one of the values at a path is the text, as it is.
func hasText(doc bson.Raw, path, text string) bool {
	return some(doc, path, func(v bsoncore.Value) bool {
		stored, ok := textBytes(v)
		return ok && string(stored) == text
	})
}

// some reports whether one of the values at a path is wanted.
func some(doc bson.Raw, path string, wanted func(bsoncore.Value) bool) bool {
	_, found := eachValue(bsoncore.Document(doc), path, wanted)
	return found
}
