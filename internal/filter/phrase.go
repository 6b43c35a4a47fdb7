package filter

import (
	"slices"

	"github.com/egress-io/egress/internal/export"
)

// phrase is the description of a condition or of a group of conditions.
type phrase struct {
	parts      []Part // of a condition; nil for a group
	equalField string // the field of an "is" rule, else ""; such rules on one field merge: "country is SE or NO"

	combinator export.Combinator // of a group
	members    []phrase
}

func (p phrase) isGroup() bool { return p.parts == nil }

// simplify removes groups without conditions, unwraps groups of one and nested groups of the same
// combinator, and merges alternatives for one field: "country is SE or NO".
func (p phrase) simplify() phrase {
	if !p.isGroup() {
		return p
	}
	t := phrase{combinator: p.combinator}
	for _, m := range p.members {
		m = m.simplify()
		if m.isGroup() && (m.combinator == p.combinator || len(m.members) == 0) {
			t.members = append(t.members, m.members...)
		} else {
			t.members = append(t.members, m)
		}
	}
	if len(t.members) == 1 {
		return t.members[0]
	}
	if t.isAlternatives() {
		return phrase{parts: t.mergeAlternatives()}
	}
	return t
}

// isAlternatives reports whether the group compares one field with several values, joined by or.
func (p phrase) isAlternatives() bool {
	return p.combinator == export.Or && len(p.members) > 1 && !slices.ContainsFunc(p.members, func(m phrase) bool {
		return m.equalField == "" || m.equalField != p.members[0].equalField
	})
}

// mergeAlternatives merges the members of a group of alternatives into one condition. The parts of
// each member are its field, operator and value.
func (p phrase) mergeAlternatives() []Part {
	parts := slices.Clone(p.members[0].parts[:2])
	for i, m := range p.members {
		parts = append(parts, separator(i, len(p.members))...)
		parts = append(parts, m.parts[2])
	}
	return parts
}

// bracketed returns the parts of a simplified phrase, with brackets around a group.
func (p phrase) bracketed() []Part {
	if !p.isGroup() {
		return p.parts
	}
	return slices.Concat([]Part{{Text: "(", Kind: PartOpen}}, p.unbracketed(), []Part{{Text: ")", Kind: PartClose}})
}

// unbracketed returns the parts of a simplified phrase without outer brackets.
func (p phrase) unbracketed() []Part {
	if !p.isGroup() {
		return p.parts
	}
	join := string(p.combinator)
	if p.needsCommas() {
		join = ", " + join
	}
	var parts []Part
	for i, m := range p.members {
		if i > 0 {
			parts = append(parts, joinPart(join))
		}
		parts = append(parts, m.bracketed()...)
	}
	return parts
}

// needsCommas reports whether the members are joined with commas: there are more than two, or a
// member has joined parts itself.
func (p phrase) needsCommas() bool {
	return len(p.members) > 2 || slices.ContainsFunc(p.members, func(m phrase) bool {
		return m.isGroup() || slices.ContainsFunc(m.parts, func(part Part) bool { return part.Kind == PartJoin })
	})
}

// separator returns the part before the i-th of n alternatives: "A, B or C".
func separator(i, n int) []Part {
	switch i {
	case 0:
		return nil
	case n - 1:
		return []Part{joinPart("or")}
	default:
		return []Part{joinPart(",")}
	}
}
