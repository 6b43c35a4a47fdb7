package filter

import (
	"strconv"
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
		if r.Quantifier != "" {
			return phrase{parts: grantParts(r.Quantifier, p.simplify())}
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

// grantParts describes a group on grants, of which rules is a simplified phrase: "has only subscriptions
// whose state is expired".
func grantParts(q export.Quantifier, rules phrase) []Part {
	empty := rules.isGroup() && len(rules.members) == 0
	have := "has a subscription"
	switch {
	case q == export.NoGrant:
		have = "has no subscription"
	case q == export.AllGrants && !empty:
		have = "has only subscriptions"
	}
	if empty {
		return []Part{operatorPart(have)}
	}
	return append([]Part{operatorPart(have + " whose")}, rules.bracketed()...)
}

func comparisonParts(f Field, r *export.Rule) []Part {
	dates := users.KindOf(f.Type) == users.DateKind
	if dates {
		if parts := relativeParts(r); parts != nil {
			return parts
		}
	}
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
	case export.IsOneOf, export.IsNoneOf:
		parts := []Part{operatorPart(strings.ReplaceAll(string(r.Operator), "_", " "))}
		for i, v := range r.Values {
			parts = append(append(parts, separator(i, len(r.Values))...), toPart(v))
		}
		return parts
	case export.Before, export.After:
		return []Part{operatorPart("is " + string(r.Operator)), toPart(r.Value)}
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

// relativeParts describes a comparison with relative dates: "is in the last 30 days", "is more than 1 year
// ago". It returns nil for other comparisons.
func relativeParts(r *export.Rule) []Part {
	from, to := offsetOf(r.From), offsetOf(r.To)
	switch value := offsetOf(r.Value); {
	case r.Operator == export.Between && r.To.Text == relativePrefix && from != "" && from[0] == '-':
		return []Part{operatorPart("is in the last"), valuePart(countUnits(from))}
	case r.Operator == export.Between && r.From.Text == relativePrefix && to != "" && to[0] == '+':
		return []Part{operatorPart("is in the next"), valuePart(countUnits(to))}
	case r.Operator == export.Before && value != "" && value[0] == '-':
		return []Part{operatorPart("is more than"), valuePart(countUnits(value) + " ago")}
	case r.Operator == export.After && value != "" && value[0] == '+':
		return []Part{operatorPart("is more than"), valuePart(countUnits(value) + " from now")}
	default:
		return nil
	}
}

// offsetOf returns the offset of a relative date: "-30d"; "" for another value.
func offsetOf(v export.Value) string {
	if _, ok := relativeTime(v.Text, time.Time{}); !ok || !isRelative(v) {
		return ""
	}
	return strings.TrimPrefix(v.Text, relativePrefix)
}

// countUnits describes the size of an offset: "30 days".
func countUnits(offset string) string {
	unit := map[byte]string{'h': "hour", 'd': "day", 'w': "week", 'M': "month", 'y': "year"}[offset[len(offset)-1]]
	n, _ := strconv.ParseInt(offset[1:len(offset)-1], 10, 64) // relativeTime has read it
	return export.Pluralize(n, unit, unit+"s")
}

// formatDate formats a date with the precision of the rule. It returns invalid dates unchanged.
func formatDate(t users.InputType, s string) string {
	if offset := offsetOf(export.String(s)); offset != "" {
		if offset[0] == '-' {
			return countUnits(offset) + " ago"
		}
		return "in " + countUnits(offset)
	}
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
