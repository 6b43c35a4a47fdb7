// Package fieldjson reads and writes fields of the user schema as the JSON objects of Zephr's Admin
// API. A field is written as it was read, without white space: members, their order, digits, escapes
// and the form of select-options stay.
package fieldjson

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/users"
)

// The limits of a field.
const (
	MaxBytes   = 128 << 10 // of the object, without white space
	MaxMembers = 100
)

// members check the values of the members that Zephr documents.
var members = map[string]func(decode.Value) error{
	"slug": isText, "label": isText, "input-type": isText, "visibility": isText, "context": isText, "internal-description": isText,
	"public-description": isText, "validation-expression": isText, "unit": isText,
	"required": isFlag, "decision-point": isFlag, "publicly-writable": isFlag, "form-use": isFlag,
	"range-start": isNumber, "range-end": isNumber, "range-step": isNumber, "value-precision": isNumber,
	"unit-position": isOneOf("leading", "trailing"), "stat-direction": isOneOf("ascending", "descending"),
	"select-options": func(v decode.Value) error { _, err := options(v); return err },
}

// Decode decodes the object that declares the field with a slug. The member slug may be missing, but
// not differ. Every member may be null, except slug and input-type. A field without a label gets its
// slug. Members that Zephr does not document are kept.
//
// notes are sentences about members that are kept but have no effect. Errors are
// errs.CodeInvalidRequest and name the member.
func Decode(body []byte, slug string) (f users.Field, notes []string, err error) {
	root, err := decode.Parse(body, "")
	if err != nil {
		return f, nil, err
	}
	object, err := root.Map()
	if err != nil {
		return f, nil, err
	}
	if object.Len() > MaxMembers {
		return f, nil, errs.Invalid("", "has %d members; the maximum is %d", object.Len(), MaxMembers)
	}
	var unknown []string
	for name, value := range object.All() {
		check, documented := members[name]
		if !documented {
			unknown = append(unknown, export.Truncate(name))
			continue
		}
		if err := check(value); err != nil {
			return f, nil, err
		}
	}
	if object.Has("slug") && text(object.Get("slug")) != slug {
		return f, nil, errs.Invalid("slug", "must equal the slug in the path")
	}
	f = users.Field{Slug: slug, Label: text(object.Get("label")), Type: users.InputType(text(object.Get("input-type")))}
	if f.Label == "" {
		f.Label = slug
	}
	if f.Options, err = options(object.Get("select-options")); err != nil {
		return f, nil, err
	}
	if err := f.Validate(); err != nil {
		return f, nil, err
	}
	if f.Document, err = document(body, slug, object.Has("slug")); err != nil {
		return f, nil, err
	}
	f.Constraints, notes = constraints(object).Enforceable(f.Type)
	if len(unknown) > 0 {
		slices.Sort(unknown)
		notes = append(notes, fmt.Sprintf("Egress keeps these members but does not know them: %s.", strings.Join(unknown, ", ")))
	}
	return f, notes, nil
}

func constraints(object decode.Object) users.Constraints {
	required, _ := object.Get("required").OptionalFlag()
	return users.Constraints{
		Required: required, Expression: text(object.Get("validation-expression")),
		Start: number(object.Get("range-start")), End: number(object.Get("range-end")), Step: number(object.Get("range-step")),
	}
}

// document returns a body without white space, with the slug as the first member if it has none.
func document(body []byte, slug string, hasSlug bool) (string, error) {
	compact, err := decode.Compact(body)
	if err != nil {
		return "", err
	}
	if len(compact) > MaxBytes {
		return "", errs.Invalid("", "must have at most %d bytes without white space", MaxBytes)
	}
	if hasSlug {
		return string(compact), nil
	}
	b := users.AppendJSONString([]byte(`{"slug":`), slug)
	return string(append(append(b, ','), compact[1:]...)), nil
}

// options decodes select-options: an array of objects with value and label, or such an array as a
// string.
func options(v decode.Value) (list []users.Option, err error) {
	if s, err := v.Text(math.MaxInt); err == nil { // null is ""
		if s == "" {
			return nil, nil
		}
		if v, err = decode.Parse([]byte(s), v.Path()); err != nil {
			return nil, err
		}
	}
	if v.IsNull() {
		return nil, nil
	}
	items, err := v.Array()
	if err != nil {
		return nil, errs.Invalid(v.Path(), "must be an array of objects with value and label, such an array as a string, or null")
	}
	for item := range items {
		object, err := item.Map()
		if err != nil {
			return nil, err
		}
		var o users.Option
		if o.Value, err = object.Get("value").Text(MaxBytes); err != nil {
			return nil, err
		}
		if o.Label, err = object.Get("label").Text(MaxBytes); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

func isText(v decode.Value) error {
	_, err := v.Text(MaxBytes)
	return err
}

func isFlag(v decode.Value) error {
	_, err := v.OptionalFlag()
	return err
}

// isNumber checks a number, which may be a string.
func isNumber(v decode.Value) error {
	if n, err := v.Scalar(); err != nil || n.Kind == export.BoolValue || n.Text != "" && !users.IsNumber(n.Text) {
		return errs.Invalid(v.Path(), "must be a number")
	}
	return nil
}

func isOneOf(words ...string) func(decode.Value) error {
	return func(v decode.Value) error {
		s, err := v.Text(MaxBytes)
		if err == nil && s != "" && !slices.Contains(words, s) {
			err = errs.Invalid(v.Path(), "%q is not one of %s", export.Truncate(s), strings.Join(words, ", "))
		}
		return err
	}
}

// text returns a member that isText accepts.
func text(v decode.Value) string {
	s, _ := v.Text(MaxBytes)
	return s
}

// number returns a member that isNumber accepts, "" if it is missing, null or "".
func number(v decode.Value) string {
	n, _ := v.Scalar()
	return n.Text
}

// Append appends the object of a field. For a field that no object declared, it has the slug, label,
// input type and options.
func Append(b []byte, f users.Field) []byte {
	if f.Document != "" {
		return append(b, f.Document...)
	}
	b = users.AppendJSONString(append(b, `{"slug":`...), f.Slug)
	b = users.AppendJSONString(append(b, `,"label":`...), f.Label)
	b = users.AppendJSONString(append(b, `,"input-type":`...), string(f.Type))
	if len(f.Options) > 0 {
		b = append(b, `,"select-options":[`...)
		for i, o := range f.Options {
			if i > 0 {
				b = append(b, ',')
			}
			b = users.AppendJSONString(append(b, `{"value":`...), o.Value)
			b = append(users.AppendJSONString(append(b, `,"label":`...), o.Label), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// AppendList appends the objects of a schema as an array.
func AppendList(b []byte, schema users.Schema) []byte {
	b = append(b, '[')
	for i, f := range schema {
		if i > 0 {
			b = append(b, ',')
		}
		b = Append(b, f)
	}
	return append(b, ']')
}
