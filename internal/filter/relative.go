package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// A relative date is the text "now", or "now" with a number of units to add or subtract: "now-30d",
// "now+2w", "now-1y". The units are those of date math in Elasticsearch and Grafana: h, d, w, M, y. A
// month or a year from a day that the target month does not have ends on its last day.
const relativePrefix = "now"

// maxRelativeDigits limits the number of units.
const maxRelativeDigits = 5

// Resolve returns the rule with dates in place of relative dates: a bare day for a field of days, a week
// or a month for fields of these, else an RFC 3339 time. It counts from now, rounded up to a whole
// minute, so that requests within a minute select the same users. It does not change the given rule; nil
// is nil, and a rule without relative dates is returned as it is.
//
// An invalid relative date is an errs.CodeInvalidRequest whose Field is its path, as for Compile.
func Resolve(rule *export.Rule, path string, schema users.Schema, now time.Time) (*export.Rule, error) {
	if rule == nil || !hasRelative(rule) {
		return rule, nil
	}
	whole := now.UTC().Truncate(time.Minute)
	if whole.Before(now) {
		whole = whole.Add(time.Minute)
	}
	resolved, err := resolver{schema, whole}.rule(rule, path)
	return &resolved, err
}

func hasRelative(r *export.Rule) bool {
	return isRelative(r.Value) || isRelative(r.From) || isRelative(r.To) || slices.ContainsFunc(r.Values, isRelative) ||
		slices.ContainsFunc(r.Rules, func(m export.Rule) bool { return hasRelative(&m) })
}

func isRelative(v export.Value) bool {
	return v.Kind == export.StringValue && strings.HasPrefix(v.Text, relativePrefix)
}

type resolver struct {
	schema users.Schema
	now    time.Time
}

func (s resolver) rule(r *export.Rule, path string) (resolved export.Rule, err error) {
	resolved = *r
	if r.IsGroup() {
		resolved.Rules = make([]export.Rule, len(r.Rules))
		for i := range r.Rules {
			if resolved.Rules[i], err = s.rule(&r.Rules[i], fmt.Sprintf("%s.rules[%d]", path, i)); err != nil {
				return export.Rule{}, err
			}
		}
		return resolved, nil
	}
	f, ok := findField(r.Field, s.schema)
	if !ok || users.KindOf(f.Type) != users.DateKind { // text, or a fault that Compile reports
		return resolved, nil
	}
	resolved.Values = slices.Clone(r.Values)
	for i := range resolved.Values {
		if err := s.value(f, &resolved.Values[i], fmt.Sprintf("%s.values[%d]", path, i)); err != nil {
			return export.Rule{}, err
		}
	}
	for _, v := range []struct {
		value *export.Value
		name  string
	}{{&resolved.Value, ".value"}, {&resolved.From, ".from"}, {&resolved.To, ".to"}} {
		if err := s.value(f, v.value, path+v.name); err != nil {
			return export.Rule{}, err
		}
	}
	return resolved, nil
}

// value replaces a relative date.
func (s resolver) value(f Field, v *export.Value, path string) error {
	if !isRelative(*v) {
		return nil
	}
	if f.Type == users.Clock {
		return errs.Invalid(path, "%s is a time of day, for which relative dates have no meaning", f.Label)
	}
	t, ok := relativeTime(v.Text, s.now)
	if !ok {
		return errs.Invalid(path, "%q is not a relative date: now, or now with +/- a number and h, d, w, M or y (now-30d)", export.Truncate(v.Text))
	}
	if y := t.Year(); y < 1 || y > 9999 {
		return errs.Invalid(path, "%q is outside the years 1 to 9999", export.Truncate(v.Text))
	}
	*v = export.String(formatRelative(f.Type, t))
	return nil
}

// relativeTime returns the time that a relative date means.
func relativeTime(text string, now time.Time) (t time.Time, ok bool) {
	offset := strings.TrimPrefix(text, relativePrefix)
	if offset == "" {
		return now, true
	}
	if len(offset) < len("-1d") || len(offset) > len("-d")+maxRelativeDigits || offset[0] != '-' && offset[0] != '+' {
		return time.Time{}, false
	}
	digits, unit := offset[1:len(offset)-1], offset[len(offset)-1]
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil {
		return time.Time{}, false
	}
	count := int(n)
	if offset[0] == '-' {
		count = -count
	}
	switch unit {
	case 'h':
		return now.Add(time.Duration(count) * time.Hour), true
	case 'd':
		return now.AddDate(0, 0, count), true
	case 'w':
		return now.AddDate(0, 0, 7*count), true
	case 'M':
		return addMonths(now, count), true
	case 'y':
		return addMonths(now, 12*count), true
	default:
		return time.Time{}, false
	}
}

// addMonths adds months. A day that the month does not have becomes its last day, where AddDate would
// return a day of the next month.
func addMonths(t time.Time, months int) time.Time {
	moved := t.AddDate(0, months, 0)
	if moved.Day() != t.Day() {
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}

// formatRelative formats a time as a value of a rule on a field.
func formatRelative(t users.InputType, at time.Time) string {
	switch t {
	case users.Date:
		return at.Format(time.DateOnly)
	case users.Month:
		return at.Format("2006-01")
	case users.Week:
		year, week := at.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	default:
		return export.FormatTime(at)
	}
}
