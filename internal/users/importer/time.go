package importer

import (
	"time"

	"github.com/egress-io/egress/internal/users"
)

// timePath is the path of a time. Most times are valid, so the path is built only where it is needed.
type timePath struct {
	at, plainAt string // the path of the object that contains it, with and without array indexes; "" for a user
	name        string
}

func joinPath(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// parseTime parses the time of a field: text in any form of a datetime, or a Unix time as a number
// or as text. It returns nil for null, "" and a zero date, and for an invalid time, which it
// records as skipped.
func (rec *record) parseTime(path timePath, raw []byte, years users.TimeRange) *time.Time {
	t, err := parseTime(raw, years)
	if err != nil {
		rec.skipValue(joinPath(path.at, path.name), err)
		return nil
	}
	if t != nil && !years.Contains(*t) {
		rec.warnUnlikelyTime(joinPath(path.plainAt, path.name), *t, years)
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
