package users

import (
	"fmt"

	"github.com/egress-io/egress/internal/errs"
)

// MaxFields is the maximum number of fields in a schema. Each is a column of the export.
const MaxFields = 2000

// Field returns the field with the slug.
func (s Schema) Field(slug string) (Field, bool) {
	for _, f := range s {
		if f.Slug == slug {
			return f, true
		}
	}
	return Field{}, false
}

// Visible returns the schema without secret fields.
func (s Schema) Visible() Schema {
	v := make(Schema, 0, len(s))
	for _, f := range s {
		if !f.Secret() {
			v = append(v, f)
		}
	}
	return v
}

// Validate returns an errs.CodeInvalidRequest that names the first invalid field, or nil.
func (s Schema) Validate() error {
	if len(s) > MaxFields {
		return errs.Invalid("schema", "has %d fields; the maximum is %d", len(s), MaxFields)
	}
	seen := make(map[string]bool, len(s))
	for i, f := range s {
		if err := f.Validate(); err != nil {
			return err
		}
		if seen[f.Slug] {
			return errs.Invalid(fmt.Sprintf("schema[%d].slug", i), "%q appears twice", f.Slug)
		}
		seen[f.Slug] = true
	}
	return nil
}

// Validate returns an errs.CodeInvalidRequest that names the first invalid member, or nil.
func (f Field) Validate() error {
	switch {
	case !ValidSlug(f.Slug):
		return errs.Invalid("slug", "must be 1 to %d letters, digits, _ or -", MaxNameBytes)
	case f.Label == "":
		return errs.Invalid("label", "is missing")
	case checkText(f.Label) != nil:
		return errs.Invalid("label", "%s", checkText(f.Label))
	case !f.Type.Valid():
		return errs.Invalid("input-type", "%q is not an input type", f.Type)
	}
	seen := make(map[string]bool, len(f.Options))
	for i, o := range f.Options {
		at := fmt.Sprintf("select-options[%d]", i)
		for _, text := range []string{o.Value, o.Label} {
			if err := checkText(text); err != nil {
				return errs.Invalid(at, "%s", err)
			}
		}
		if seen[o.Value] {
			return errs.Invalid(at, "the value %q appears twice", o.Value)
		}
		seen[o.Value] = true
	}
	return nil
}
