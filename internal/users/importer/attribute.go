package importer

import (
	"errors"
	"strconv"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// ReasonNoField is the reason of a Refusal for an attribute that has no field in the schema.
const ReasonNoField = "is not a field of the schema"

// attributeValue is the value of an attribute in the file.
type attributeValue struct {
	export.Value
	isJSON bool // Text is an array or an object as JSON, which only text fields accept
}

func parseAttributeValue(raw []byte) (attributeValue, error) {
	v, err := parseScalar(raw)
	if errors.Is(err, errNoScalar) {
		s, err := plainJSON(raw)
		return attributeValue{export.String(s), true}, err
	}
	return attributeValue{v, false}, err
}

// isAbsent reports whether the attribute is null or "", which mean no value.
func (a attributeValue) isAbsent() bool {
	return a.Kind == export.NoValue || a.Kind == export.StringValue && a.Text == ""
}

// coerce returns the value to store for the field, like users.Coerce.
func (a attributeValue) coerce(f users.Field) (any, error) {
	if a.isJSON && f.Kind() != users.TextKind {
		return nil, errs.Invalid(users.AttributePath(f.Slug), "is an array or an object, which only text fields accept")
	}
	return users.Coerce(f, a.Value)
}

func (p parser) parseAttributes(rec *record, raw []byte) {
	list, bad, err := splitObject(raw)
	if err != nil {
		rec.skipValue("attributes", err)
		return
	}
	rec.skipMembers("attributes", bad)
	usual := min(len(list), len(p.fields))
	if len(rec.user.Attributes) == 0 {
		rec.user.Attributes = make(map[string]any, usual)
	}
	names := make(map[string]string, usual) // by slug
	for _, m := range list {
		f, known := p.find(m.name)
		if !known {
			rec.skipValue(users.AttributePath(sanitize(m.name)), unknownAttribute(m.name))
			continue
		}
		if first, repeated := names[f.Slug]; repeated {
			rec.skipValue(users.AttributePath(f.Slug), errors.New("appears under two names, "+strconv.Quote(sanitize(first))+" and "+strconv.Quote(sanitize(m.name))))
			delete(rec.user.Attributes, f.Slug)
			continue
		}
		names[f.Slug] = m.name
		if f.Slug != m.name {
			rec.renamings = append(rec.renamings, Renaming{"attributes", m.name, f.Slug})
		}
		p.parseAttribute(rec, f, m.value)
	}
}

func unknownAttribute(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return errors.New(ReasonNoField)
}

func (p parser) parseAttribute(rec *record, f users.Field, raw []byte) {
	v, err := parseAttributeValue(raw)
	if err != nil {
		rec.skipValue(users.AttributePath(f.Slug), err)
		return
	}
	if f.Secret() {
		if v.Kind != export.NoValue {
			rec.secretsDropped++
		}
		return
	}
	x, err := v.coerce(f)
	if err != nil {
		rec.skipValue(users.AttributePath(f.Slug), err)
		return
	}
	if at, ok := x.(time.Time); ok && (f.Type == users.Date || f.Type == users.DateTime) && !users.AttributeTimes.Contains(at) {
		rec.warnUnlikelyTime(users.AttributePath(f.Slug), at, users.AttributeTimes)
	}
	if x != nil {
		rec.user.Attributes[f.Slug] = x
	}
}
