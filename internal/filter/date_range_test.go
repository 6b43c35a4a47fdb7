package filter

import (
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// A rule accepts the same forms of time as imports and updates. A time without a zone stands for
// the whole second or minute that it names.
func TestParseDateRange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind  users.InputType
		text  string
		from  string
		lasts time.Duration
	}{
		{users.DateTime, "2026-01-31T08:30:00Z", "2026-01-31T08:30:00.000Z", time.Millisecond},
		{users.DateTime, "2026-01-31 08:30:00.1230+00", "2026-01-31T08:30:00.123Z", time.Millisecond},
		{users.DateTime, "2026-01-31t09:30:00+0100", "2026-01-31T08:30:00.000Z", time.Millisecond},
		{users.DateTime, "2026-01-31T08:30:00.0001Z", "2026-01-31T08:30:00.001Z", 0},
		{users.DateTime, "2016-12-31 23:59:60Z", "2017-01-01T00:00:00.000Z", time.Millisecond},
		{users.DateTime, "2026-01-31 08:30:00", "2026-01-31T08:30:00.000Z", time.Second},
		{users.DateTime, "2026-01-31T08:30", "2026-01-31T08:30:00.000Z", time.Minute},
		{users.DateTime, "2026-01-31 08:30:00,5", "2026-01-31T08:30:00.500Z", time.Millisecond},
		{users.Date, "2026-01-31", "2026-01-31T00:00:00.000Z", 24 * time.Hour},
		{users.Month, "2026-01-31", "2026-01-31T00:00:00.000Z", 24 * time.Hour},
		{users.Month, "2026-02", "2026-02-01T00:00:00.000Z", 28 * 24 * time.Hour},
		{users.Week, "2026-W05", "2026-01-26T00:00:00.000Z", 7 * 24 * time.Hour},
		{users.Clock, "08:30", "1970-01-01T08:30:00.000Z", time.Minute},
		{users.Clock, "08:30:05", "1970-01-01T08:30:05.000Z", time.Second},
		{users.DateTime, "+010000-01-01T00:00:00.000Z", "+010000-01-01T00:00:00.000Z", time.Millisecond},
	} {
		s, err := parseDateRange(test.kind, test.text)
		if err != nil || export.FormatTime(s.start) != test.from || s.end.Sub(s.start) != test.lasts {
			t.Errorf("%s %q is from %v to %v, %v", test.kind, test.text, s.start, s.end, err)
		}
	}
	for kind, text := range map[users.InputType]string{users.Clock: "2026-01-31", users.DateTime: "infinity", users.Date: "0000-00-00", users.Week: "1700000000"} {
		if s, err := parseDateRange(kind, text); err == nil {
			t.Errorf("%s %q is %v", kind, text, s)
		}
	}
}
