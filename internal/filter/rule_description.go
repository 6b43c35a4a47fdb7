package filter

import (
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// rulePhrase describes a rule.
func rulePhrase(r *export.Rule, schema users.Schema) phrase {
	if r.IsGroup() {
		p := phrase{combinator: r.Combinator}
		for i := range r.Rules {
			p.members = append(p.members, rulePhrase(&r.Rules[i], schema))
		}
		return p
	}
	f, ok := findField(r.Field, schema)
	if !ok {
		f = Field{Name: r.Field, Label: strings.TrimPrefix(r.Field, attributePrefix)}
	}
	p := phrase{parts: append([]Part{fieldPart(clip(f.Label))}, comparisonParts(f, r)...)}
	if r.Operator == export.Is {
		p.equalField = r.Field
	}
	return p
}

func comparisonParts(f Field, r *export.Rule) []Part {
	dates := users.KindOf(f.Type) == users.DateKind
	toPart := func(v export.Value) Part {
		if dates {
			return valuePart(formatDate(f.Type, v.Text))
		}
		return valuePart(clip(v.Text))
	}
	switch r.Operator {
	case export.HasAnyValue:
		return []Part{operatorPart("has"), valuePart("any value")}
	case export.IsUnknown:
		return []Part{operatorPart("is"), valuePart("unknown")}
	case export.Checked, export.Unchecked:
		return []Part{operatorPart("is"), valuePart(string(r.Operator))}
	case export.Between:
		switch {
		case r.To.Kind == export.NoValue && dates:
			return []Part{operatorPart("is from"), toPart(r.From)}
		case r.To.Kind == export.NoValue:
			return []Part{operatorPart("is at least"), toPart(r.From)}
		case r.From.Kind == export.NoValue:
			return []Part{operatorPart("is up to"), toPart(r.To)}
		default:
			return []Part{operatorPart("is between"), toPart(r.From), operatorPart("and"), toPart(r.To)}
		}
	default:
		return []Part{operatorPart(strings.ReplaceAll(string(r.Operator), "_", " ")), toPart(r.Value)}
	}
}

// formatDate formats a date with the precision of the rule. It returns invalid dates unchanged.
func formatDate(t users.InputType, s string) string {
	if v, err := time.Parse(time.DateOnly, s); err == nil {
		return formatDay(v)
	}
	if v, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return formatTime(v)
	}
	if v, err := users.ParseDate(t, s); err == nil {
		switch t {
		case users.Month:
			return v.Format("Jan 2006")
		case users.DateTime:
			return formatTime(v)
		}
	}
	return clip(s)
}

func formatDay(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// formatTime formats a time with the shortest layout that loses nothing.
func formatTime(t time.Time) string {
	layout := "2 Jan 2006 15:04 UTC"
	if t.Nanosecond() != 0 {
		layout = "2 Jan 2006 15:04:05.999999999 UTC"
	} else if t.Second() != 0 {
		layout = "2 Jan 2006 15:04:05 UTC"
	}
	return t.UTC().Format(layout)
}

// formatStart formats the start of a range: as a day if the range starts at midnight UTC.
func formatStart(t time.Time) string {
	if isMidnight(t) {
		return formatDay(t)
	}
	return formatTime(t)
}

// formatEnd formats the inclusive end of a range: as a day if the range ends with that day (UTC).
func formatEnd(t time.Time) string {
	if isMidnight(t.Add(time.Millisecond)) {
		return formatDay(t)
	}
	return formatTime(t)
}

func isMidnight(t time.Time) bool { return t.UTC().Truncate(24 * time.Hour).Equal(t) }
