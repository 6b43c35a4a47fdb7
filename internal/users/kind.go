package users

import "slices"

// InputTypes are all input types that a field may have.
var InputTypes = []InputType{
	Text, Number, Range, Date, DateTime, Clock, Week, Month, Email, Tel, URL, Select, Radio, Checkbox, Textarea, Color,
	Hidden, Password,
}

// Valid reports whether t is an input type.
func (t InputType) Valid() bool { return slices.Contains(InputTypes, t) }

// KindOf tells how the values of an input type are stored and compared. A type that is not known is text, so that a
// schema which others wrote can be read.
func KindOf(t InputType) Kind {
	switch t {
	case Number, Range:
		return NumberKind
	case Date, DateTime, Clock, Week, Month:
		return DateKind
	case Checkbox:
		return BoolKind
	default:
		return TextKind
	}
}

// Kind tells how the field's values are stored and compared.
func (f Field) Kind() Kind { return KindOf(f.Type) }

// Secret reports whether the field's values are never stored, shown, searched, filtered or exported.
func (f Field) Secret() bool { return f.Type == Password }
