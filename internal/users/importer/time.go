package importer

import (
	"time"

	"github.com/egress-io/egress/internal/users"
)

// parseTime parses the time of a field: text in any form of a datetime, or a Unix time as a number
// or as text. It returns nil for null, "" and a zero date, and for an invalid time, which it
// records as skipped. plainPath is the field's path without array indexes, for warnings.
func (rec *record) parseTime(field, plainPath string, raw []byte, years users.TimeRange) *time.Time {
	t, err := parseTime(raw, years)
	if err != nil {
		rec.skipValue(field, err)
		return nil
	}
	if t != nil {
		rec.warnUnlikelyTime(plainPath, *t, years)
	}
	return t
}

// warnUnlikelyTime records a warning if a time is outside the likely years of its purpose.
func (rec *record) warnUnlikelyTime(plainPath string, t time.Time, years users.TimeRange) {
	if p, unlikely := unlikelyTime(plainPath, t, years); unlikely {
		rec.warnings = append(rec.warnings, p)
	}
}

func unlikelyTime(plainPath string, t time.Time, years users.TimeRange) (p problem, unlikely bool) {
	switch {
	case years.Contains(t):
		return p, false
	case t.Equal(time.Unix(0, 0)):
		return problem{plainPath, "is 1970-01-01T00:00:00.000Z, which often means no time; it was kept"}, true
	default:
		return problem{plainPath, "is outside the years " + years.LikelyYears() + "; it was kept"}, true
	}
}

func parseTime(raw []byte, years users.TimeRange) (*time.Time, error) {
	v, err := parseScalar(raw)
	if err != nil {
		return nil, err
	}
	return users.ParseTime(v, years)
}
