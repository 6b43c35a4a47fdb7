package filter

import (
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Condition is a compiled condition on a stored document. It belongs to no database: an adapter
// translates it into its own language, or evaluates it on raw documents with Matches. A nil
// Condition matches every document.
//
// The conditions are And, Or, Not, Element, Equal, OneOf, Numbers, Times, Known, KnownText, Text,
// Present and NotEmpty. All of them compare as MongoDB does: a path that leads to a list means each element of
// the list, and values of another type never match.
type Condition interface {
	// Matches reports whether a document meets the condition. It allocates nothing, and it may be
	// called concurrently.
	Matches(doc bson.Raw) bool
}

// And matches a document that meets every member.
type And []Condition

// Or matches a document that meets at least one member.
type Or []Condition

// Not matches exactly the documents that Of does not match, those without a value included.
type Not struct{ Of Condition }

// Element matches a document with a list at Path, at least one of whose documents meets Of, a
// condition on the document in the list. A nil Of is met by every document. Path has no dots.
type Element struct {
	Path string
	Of   Condition
}

// Equal matches a value: a bool, int64, float64 or string. Numbers are equal across their types;
// text is compared as it is.
type Equal struct {
	Path  string
	Value any
}

// OneOf matches text that is one of Values, as it is.
type OneOf struct {
	Path   string
	Values []string
}

// Numbers matches a number from From to To, both included: an int64, a float64, or nil for no
// bound.
type Numbers struct {
	Path     string
	From, To any
}

// Times matches a time from From up to, but not including, Before. nil is no bound.
type Times struct {
	Path         string
	From, Before *time.Time
}

// Known matches a value that is neither missing nor null nor "".
type Known struct{ Path string }

// KnownText matches text that is not "".
type KnownText struct{ Path string }

// Present matches a value that is neither missing nor null.
type Present struct{ Path string }

// NotEmpty matches a document with at least one member.
type NotEmpty struct{ Path string }

// Text matches text that compares with a given text after users.Fold. NewText makes one.
//
// Documents of other writers, who store no folded text, are compared by the cases of their
// characters; a database that answers Is from an index finds their text only as it is given or
// folded.
type Text struct {
	Path     string
	Operator export.Operator // Is, Contains, StartsWith or EndsWith
	Text     string          // as given
	Folded   string          // after users.Fold

	foldedPath string
}

// NewText returns the condition that text at path compares with a given text.
func NewText(path string, operator export.Operator, text string) Text {
	return Text{Path: path, Operator: operator, Text: text, Folded: users.Fold(text), foldedPath: users.FoldedPath(path)}
}

// AllOf joins conditions by And. It omits nil conditions, and returns nil where none is left.
func AllOf(conditions ...Condition) Condition {
	members := slices.DeleteFunc(slices.Clone(conditions), func(c Condition) bool { return c == nil })
	switch len(members) {
	case 0:
		return nil
	case 1:
		return members[0]
	default:
		return And(members)
	}
}

// AnyOf joins conditions by Or. It returns nil, which matches every document, without conditions and
// where one of them is nil.
func AnyOf(conditions ...Condition) Condition {
	switch {
	case len(conditions) == 0 || slices.Contains(conditions, nil):
		return nil
	case len(conditions) == 1:
		return conditions[0]
	default:
		return Or(conditions)
	}
}
