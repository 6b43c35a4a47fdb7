package filter

import (
	"slices"

	"github.com/egress-io/egress/internal/export"
)

// phrase is a condition in words, or a group of them.
type phrase struct {
	parts []Part // of a condition
	equal string // of "field is value": the field; alternatives for one field are said together

	combinator export.Combinator // of a group
	members    []phrase
}

func (p phrase) group() bool { return p.parts == nil }

// tidy drops groups without conditions, opens groups of one and groups in groups of the same kind, and says alternatives
// for one field together: "country is SE or NO".
func (p phrase) tidy() phrase {
	if !p.group() {
		return p
	}
	t := phrase{combinator: p.combinator}
	for _, m := range p.members {
		m = m.tidy()
		if m.group() && (m.combinator == p.combinator || len(m.members) == 0) {
			t.members = append(t.members, m.members...)
		} else {
			t.members = append(t.members, m)
		}
	}
	if len(t.members) == 1 {
		return t.members[0]
	}
	if t.alternatives() {
		return phrase{parts: t.together()}
	}
	return t
}

// alternatives reports whether the group asks one field for one of several values.
func (p phrase) alternatives() bool {
	return p.combinator == export.Or && len(p.members) > 1 && !slices.ContainsFunc(p.members, func(m phrase) bool {
		return m.equal == "" || m.equal != p.members[0].equal
	})
}

// together says alternatives; each member's parts are field, operator and value.
func (p phrase) together() []Part {
	parts := slices.Clone(p.members[0].parts[:2])
	for i, m := range p.members {
		parts = append(parts, separator(i, len(p.members))...)
		parts = append(parts, m.parts[2])
	}
	return parts
}

// words says a tidy phrase, a group in brackets.
func (p phrase) words() []Part {
	if !p.group() {
		return p.parts
	}
	return slices.Concat([]Part{{Text: "(", Kind: PartOpen}}, p.bare(), []Part{{Text: ")", Kind: PartClose}})
}

// bare says a tidy phrase without brackets around it.
func (p phrase) bare() []Part {
	if !p.group() {
		return p.parts
	}
	join := string(p.combinator)
	if p.long() {
		join = ", " + join
	}
	var parts []Part
	for i, m := range p.members {
		if i > 0 {
			parts = append(parts, joint(join))
		}
		parts = append(parts, m.words()...)
	}
	return parts
}

// long reports whether commas help between the members: there are more than two, or one is itself joined.
func (p phrase) long() bool {
	return len(p.members) > 2 || slices.ContainsFunc(p.members, func(m phrase) bool {
		return m.group() || slices.ContainsFunc(m.parts, func(part Part) bool { return part.Kind == PartJoin })
	})
}

// separator stands before the i-th of n alternatives: "A, B or C".
func separator(i, n int) []Part {
	switch i {
	case 0:
		return nil
	case n - 1:
		return []Part{joint("or")}
	default:
		return []Part{joint(",")}
	}
}
