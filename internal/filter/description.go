package filter

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// PartKind is the role of a part in a sentence.
type PartKind string

// The kinds of part.
const (
	PartField    PartKind = "field"    // the field of a rule: "last login"
	PartOperator PartKind = "operator" // the comparison: "is up to"
	PartValue    PartKind = "value"    // the value: "31 Aug 2026"
	PartJoin     PartKind = "join"     // joins rules: "and", ", or"
	PartOpen     PartKind = "open"     // opens a group: "("
	PartClose    PartKind = "close"    // closes a group: ")"
)

// Part is a piece of a description. Sentence joins parts to text.
type Part struct {
	Text   string   `json:"text"`
	Strong bool     `json:"strong"` // emphasized in the UI: values
	Kind   PartKind `json:"kind"`
}

func fieldPart(s string) Part    { return Part{Text: s, Kind: PartField} }
func operatorPart(s string) Part { return Part{Text: s, Kind: PartOperator} }
func valuePart(s string) Part    { return Part{Text: s, Kind: PartValue, Strong: true} }
func joinPart(s string) Part     { return Part{Text: s, Kind: PartJoin} }

// Describe describes what a definition selects: "Country is GB and last login is up to 31 Aug 2026",
// "Everyone in Meridian UK", "Search “hart” and country is GB", "Changed since 22 Nov 2026, in
// Meridian UK". Times are UTC; a date stands for the whole day. A field or user store that the
// tenant does not have appears as its slug or id. State events come last: "Country is GB, and state
// events from 1 Jan 2026", "Country is GB, only state events", or "State events" for all users.
func Describe(def export.Definition, schema users.Schema, stores []users.Store) []Part {
	root := phrase{combinator: export.And}
	if s := def.Users.Search; s != "" {
		root.members = append(root.members, phrase{parts: []Part{operatorPart("search"), valuePart("“" + clip(s) + "”")}})
	}
	if f := def.Users.Filter; f != nil {
		root.members = append(root.members, rulePhrase(f, schema))
	}
	for _, parts := range selectionParts(def) {
		root.members = append(root.members, phrase{parts: parts})
	}
	root = root.simplify()
	store, allStores := storeTitle(def.Users.UserStoreID, stores)
	everyone := root.isGroup() && len(root.members) == 0
	suffix := stateEventParts(def, everyone && allStores)
	if !allStores && !everyone {
		suffix = append([]Part{joinPart(", in"), valuePart(store)}, suffix...)
	}
	switch {
	case everyone && allStores && def.StateEvents != nil && !def.HasUsersFile():
		return capitalizeSentence(suffix)
	case everyone:
		return append([]Part{operatorPart("Everyone in"), valuePart(store)}, suffix...)
	case len(suffix) > 0 && root.combinator == export.Or: // "A or B, in C" would be ambiguous without brackets
		return capitalizeSentence(append(root.bracketed(), suffix...))
	default:
		return capitalizeSentence(append(slices.Clone(root.unbracketed()), suffix...))
	}
}

// stateEventParts describes the state events of a definition. They follow the users with a joining
// part, or stand alone if the definition selects everyone's state events and no users.
func stateEventParts(def export.Definition, everyone bool) []Part {
	switch {
	case def.StateEvents == nil:
		return nil
	case def.HasUsersFile():
		return append([]Part{joinPart(", and")}, eventRangeParts(*def.StateEvents)...)
	case everyone:
		return eventRangeParts(*def.StateEvents)
	default:
		return append([]Part{joinPart(", only")}, eventRangeParts(*def.StateEvents)...)
	}
}

// DescribeRule describes a filter: "Country is GB, and ( plan starts with Digital or newsletter is
// checked )". It returns no parts for a filter without conditions.
func DescribeRule(rule *export.Rule, schema users.Schema) []Part {
	if rule == nil {
		return nil
	}
	return capitalizeSentence(rulePhrase(rule, schema).simplify().unbracketed())
}

// Sentence joins parts with spaces, except before a comma.
func Sentence(parts []Part) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 && !strings.HasPrefix(p.Text, ",") {
			b.WriteByte(' ')
		}
		b.WriteString(p.Text)
	}
	return b.String()
}

// selectionParts describes the conditions of a selection outside its filter.
func selectionParts(def export.Definition) (conditions [][]Part) {
	u := def.Users
	if u.Since != nil {
		conditions = append(conditions, []Part{operatorPart("changed since"), valuePart(formatStart(u.Since.Time))})
	}
	if u.RegisteredSince != nil {
		conditions = append(conditions, []Part{operatorPart("registered since"), valuePart(formatStart(u.RegisteredSince.Time))})
	}
	if u.RegisteredBefore != nil {
		if t := u.RegisteredBefore.Time; isMidnight(t) {
			conditions = append(conditions, []Part{operatorPart("registered up to"), valuePart(formatDay(t.AddDate(0, 0, -1)))})
		} else {
			conditions = append(conditions, []Part{operatorPart("registered before"), valuePart(formatStart(t))})
		}
	}
	if def.RequiresProfile() {
		c := []Part{operatorPart("has an extended profile")}
		if p := def.Include.ExtendedProfiles; !p.AllApps() {
			c = append(c, operatorPart("of"))
			for i, id := range p.AppIDs {
				c = append(c, separator(i, len(p.AppIDs))...)
				c = append(c, valuePart(clip(id)))
			}
		}
		conditions = append(conditions, c)
	}
	return conditions
}

func eventRangeParts(e export.StateEvents) []Part {
	parts := []Part{operatorPart("state events")}
	if e.From != nil {
		parts = append(parts, operatorPart("from"), valuePart(formatStart(e.From.Time)))
	}
	if e.To != nil {
		parts = append(parts, operatorPart("up to"), valuePart(formatEnd(e.To.Time)))
	}
	return parts
}

func storeTitle(id string, stores []users.Store) (title string, allStores bool) {
	if id == export.All {
		return "all user stores", true
	}
	for _, s := range stores {
		if s.ID == id && s.Title != "" {
			return s.Title, false
		}
	}
	return id, false
}

// capitalizeSentence capitalizes the first word, and lower-cases the first letter of later fields.
func capitalizeSentence(parts []Part) []Part {
	first := true
	for i := range parts {
		switch {
		case parts[i].Kind == PartOpen:
			continue
		case first:
			parts[i].Text = mapFirstLetter(parts[i].Text, unicode.ToUpper)
		case parts[i].Kind == PartField:
			parts[i].Text = mapFirstLetter(parts[i].Text, unicode.ToLower)
		}
		first = false
	}
	return parts
}

// mapFirstLetter maps the first letter of s, unless the second is upper-case, as in abbreviations
// and names like iPhone.
func mapFirstLetter(s string, to func(rune) rune) string {
	r, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if unicode.IsUpper(second) {
		return s
	}
	return string(to(r)) + s[n:]
}

// clip fits text on one line: control characters and line breaks become spaces, and text longer
// than the limit ends in "…".
func clip(s string) string {
	const limit = 60
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > limit {
		return string(slices.Concat(r[:limit], []rune{'…'}))
	}
	return s
}
