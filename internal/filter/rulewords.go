package filter

import (
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// phraseOf says a rule.
func phraseOf(r *export.Rule, schema users.Schema) phrase {
	if r.IsGroup() {
		p := phrase{combinator: r.Combinator}
		for i := range r.Rules {
			p.members = append(p.members, phraseOf(&r.Rules[i], schema))
		}
		return p
	}
	f, ok := find(r.Field, schema)
	if !ok {
		f = Field{Name: r.Field, Label: strings.TrimPrefix(r.Field, attributePrefix)}
	}
	p := phrase{parts: append([]Part{field(clip(f.Label))}, comparison(f, r)...)}
	if r.Operator == export.Is {
		p.equal = r.Field
	}
	return p
}

func comparison(f Field, r *export.Rule) []Part {
	dates := users.KindOf(f.Type) == users.DateKind
	say := func(v export.Value) Part {
		if dates {
			return value(dateWords(f.Type, v.Text))
		}
		return value(clip(v.Text))
	}
	switch r.Operator {
	case export.HasAnyValue:
		return []Part{operator("has"), value("any value")}
	case export.IsUnknown:
		return []Part{operator("is"), value("unknown")}
	case export.Checked, export.Unchecked:
		return []Part{operator("is"), value(string(r.Operator))}
	case export.Between:
		switch {
		case r.To.Kind == export.NoValue && dates:
			return []Part{operator("is from"), say(r.From)}
		case r.To.Kind == export.NoValue:
			return []Part{operator("is at least"), say(r.From)}
		case r.From.Kind == export.NoValue:
			return []Part{operator("is up to"), say(r.To)}
		default:
			return []Part{operator("is between"), say(r.From), operator("and"), say(r.To)}
		}
	default:
		return []Part{operator(strings.ReplaceAll(string(r.Operator), "_", " ")), say(r.Value)}
	}
}

// dateWords says a date as exactly as a rule gave it; what is no date stays as it is.
func dateWords(t users.InputType, s string) string {
	if v, err := time.Parse(time.DateOnly, s); err == nil {
		return day(v)
	}
	if v, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return instant(v)
	}
	if v, err := users.ParseDate(t, s); err == nil {
		switch t {
		case users.Month:
			return v.Format("Jan 2006")
		case users.DateTime:
			return instant(v)
		}
	}
	return clip(s)
}

func day(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// instant says a time as shortly as it can be said exactly.
func instant(t time.Time) string {
	layout := "2 Jan 2006 15:04 UTC"
	if t.Nanosecond() != 0 {
		layout = "2 Jan 2006 15:04:05.999999999 UTC"
	} else if t.Second() != 0 {
		layout = "2 Jan 2006 15:04:05 UTC"
	}
	return t.UTC().Format(layout)
}

// startWords says a time from which something is counted: the day, where it is the day's start.
func startWords(t time.Time) string {
	if startsDay(t) {
		return day(t)
	}
	return instant(t)
}

// endWords says a time up to which something is counted, itself included: the day, where it is the day's end.
func endWords(t time.Time) string {
	if startsDay(t.Add(time.Millisecond)) {
		return day(t)
	}
	return instant(t)
}

func startsDay(t time.Time) bool { return t.UTC().Truncate(24 * time.Hour).Equal(t) }
