package filter

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// PartKind tells what a part of a sentence is.
type PartKind string

// The kinds of part.
const (
	PartField    PartKind = "field"    // what a rule is about: "last login"
	PartOperator PartKind = "operator" // how it compares: "is up to"
	PartValue    PartKind = "value"    // what with: "31 Aug 2026"
	PartJoin     PartKind = "join"     // between rules: "and", ", or"
	PartOpen     PartKind = "open"     // a group begins: "("
	PartClose    PartKind = "close"    // a group ends: ")"
)

// Part is a piece of a definition in words. Parts are joined by blanks, but before a comma (Sentence).
type Part struct {
	Text   string   `json:"text"`
	Strong bool     `json:"strong"` // what the eye looks for: values
	Kind   PartKind `json:"kind"`
}

func field(s string) Part    { return Part{Text: s, Kind: PartField} }
func operator(s string) Part { return Part{Text: s, Kind: PartOperator} }
func value(s string) Part    { return Part{Text: s, Kind: PartValue, Strong: true} }
func joint(s string) Part    { return Part{Text: s, Kind: PartJoin} }

// Words says what a definition selects: "Country is GB and last login is up to 31 Aug 2026", "Everyone in Meridian UK",
// "Search “hart” and country is GB", "Changed since 22 Nov 2026, in Meridian UK". Times are UTC; a date means that whole
// day. Fields and stores that the tenant does not have are named by slug and id. State events come last: "Country is GB,
// and state events from 1 Jan 2026", or "Country is GB, only state events", or, of everyone, "State events".
func Words(def export.Definition, schema users.Schema, stores []users.Store) []Part {
	root := phrase{combinator: export.And}
	if s := def.Users.Search; s != "" {
		root.members = append(root.members, phrase{parts: []Part{operator("search"), value("“" + clip(s) + "”")}})
	}
	if f := def.Users.Filter; f != nil {
		root.members = append(root.members, phraseOf(f, schema))
	}
	for _, parts := range selectionWords(def) {
		root.members = append(root.members, phrase{parts: parts})
	}
	root = root.tidy()
	store, every := storeWords(def.Users.UserStoreID, stores)
	everyone := root.group() && len(root.members) == 0
	further := furtherWords(def, everyone && every)
	if !every && !everyone {
		further = append([]Part{joint(", in"), value(store)}, further...)
	}
	switch {
	case everyone && every && def.StateEvents != nil && !def.HasUsersFile():
		return sentence(further)
	case everyone:
		return append([]Part{operator("Everyone in"), value(store)}, further...)
	case len(further) > 0 && root.combinator == export.Or: // "A or B, in C" would leave open whether A is in C
		return sentence(append(root.words(), further...))
	default:
		return sentence(append(slices.Clone(root.bare()), further...))
	}
}

// furtherWords are what stands behind the users: their state events. Alone they need no joint.
func furtherWords(def export.Definition, everyone bool) []Part {
	switch {
	case def.StateEvents == nil:
		return nil
	case def.HasUsersFile():
		return append([]Part{joint(", and")}, eventWords(*def.StateEvents)...)
	case everyone:
		return eventWords(*def.StateEvents)
	default:
		return append([]Part{joint(", only")}, eventWords(*def.StateEvents)...)
	}
}

// RuleWords says what a filter alone asks: "Country is GB, and ( plan starts with Digital or newsletter is checked )".
// No conditions are no words.
func RuleWords(rule *export.Rule, schema users.Schema) []Part {
	if rule == nil {
		return nil
	}
	return sentence(phraseOf(rule, schema).tidy().bare())
}

// Sentence joins parts to a line of text.
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

// selectionWords are the conditions that stand beside the filter.
func selectionWords(def export.Definition) (conditions [][]Part) {
	u := def.Users
	if u.Since != nil {
		conditions = append(conditions, []Part{operator("changed since"), value(startWords(u.Since.Time))})
	}
	if u.RegisteredSince != nil {
		conditions = append(conditions, []Part{operator("registered since"), value(startWords(u.RegisteredSince.Time))})
	}
	if u.RegisteredBefore != nil {
		if t := u.RegisteredBefore.Time; startsDay(t) {
			conditions = append(conditions, []Part{operator("registered up to"), value(day(t.AddDate(0, 0, -1)))})
		} else {
			conditions = append(conditions, []Part{operator("registered before"), value(startWords(t))})
		}
	}
	if def.RequiresProfile() {
		c := []Part{operator("has an extended profile")}
		if p := def.Include.ExtendedProfiles; !p.AllApps() {
			c = append(c, operator("of"))
			for i, id := range p.AppIDs {
				c = append(c, separator(i, len(p.AppIDs))...)
				c = append(c, value(clip(id)))
			}
		}
		conditions = append(conditions, c)
	}
	return conditions
}

func eventWords(e export.StateEvents) []Part {
	parts := []Part{operator("state events")}
	if e.From != nil {
		parts = append(parts, operator("from"), value(startWords(e.From.Time)))
	}
	if e.To != nil {
		parts = append(parts, operator("up to"), value(endWords(e.To.Time)))
	}
	return parts
}

func storeWords(id string, stores []users.Store) (title string, every bool) {
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

// sentence begins with a capital, and fields further on lose theirs.
func sentence(parts []Part) []Part {
	first := true
	for i := range parts {
		switch {
		case parts[i].Kind == PartOpen:
			continue
		case first:
			parts[i].Text = firstLetter(parts[i].Text, unicode.ToUpper)
		case parts[i].Kind == PartField:
			parts[i].Text = firstLetter(parts[i].Text, unicode.ToLower)
		}
		first = false
	}
	return parts
}

// firstLetter changes the case of a word's first letter, but leaves abbreviations and names like iPhone alone.
func firstLetter(s string, to func(rune) rune) string {
	r, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if unicode.IsUpper(second) {
		return s
	}
	return string(to(r)) + s[n:]
}

// clip makes any text fit a line: control characters and line breaks become blanks, long text ends in "…".
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
