package decode

import (
	"iter"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// Object is a JSON object of a request.
type Object struct {
	path    string
	members []member
}

type member struct {
	name string
	raw  []byte
}

// ParseObject parses a body that is one JSON object with known members only. path is the path of the
// body, "" for that of a request. The Object shares the memory of body.
func ParseObject(body []byte, path string, known ...string) (Object, error) {
	v, err := Parse(body, path)
	if err != nil {
		return Object{}, err
	}
	return v.Object(known...)
}

// Object returns an object with known members only. Each may be missing.
func (v Value) Object(known ...string) (Object, error) {
	return v.object(func(name string) bool { return slices.Contains(known, name) }, known)
}

// Map returns an object whose names are data: every name is valid.
func (v Value) Map() (Object, error) {
	return v.object(func(string) bool { return true }, nil)
}

func (v Value) object(valid func(name string) bool, known []string) (Object, error) {
	o := Object{path: v.path}
	if err := v.required(); err != nil {
		return o, err
	}
	if !v.is(kindObject) {
		return o, v.invalid("must be an object")
	}
	const few = 16 // members in which a linear search is faster than a map
	var names map[string]bool
	for name, raw := range members(v.raw) {
		if !valid(name) {
			return o, errs.Invalid(o.join(export.Truncate(name)), "is unknown%s", validMembers(known))
		}
		repeated := names[name]
		if names == nil {
			repeated = o.Has(name)
		}
		if repeated {
			return o, errs.Invalid(o.join(export.Truncate(name)), "appears twice")
		}
		o.members = append(o.members, member{name, raw})
		if len(o.members) == few {
			names = map[string]bool{}
			for _, m := range o.members {
				names[m.name] = true
			}
		}
		if names != nil {
			names[name] = true
		}
	}
	return o, nil
}

// validMembers returns the end of an error about an unknown member: the valid ones, if they are few
// enough to read.
func validMembers(known []string) string {
	const readable = 12
	if len(known) == 0 || len(known) > readable {
		return ""
	}
	return "; valid members are " + strings.Join(known, ", ")
}

// Len returns the number of members.
func (o Object) Len() int { return len(o.members) }

// Has reports whether the object has a member, which may be null.
func (o Object) Has(name string) bool { return !o.Get(name).Missing() }

// Get returns a member. Its path is valid even if the member is missing.
func (o Object) Get(name string) Value {
	v := Value{path: o.join(name)}
	for _, m := range o.members {
		if m.name == name {
			v.raw = m.raw
		}
	}
	return v
}

// All returns the members in their order, by name.
func (o Object) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, m := range o.members {
			if !yield(m.name, Value{path: o.join(m.name), raw: m.raw}) {
				return
			}
		}
	}
}

// join returns the path of a member.
func (o Object) join(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}
