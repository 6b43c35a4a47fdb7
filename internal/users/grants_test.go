package users

import (
	"testing"
	"time"
)

func TestGrantStateAt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	before, after := now.Add(-time.Millisecond), now.Add(time.Millisecond)
	for _, c := range []struct {
		start, end *time.Time
		want       string
	}{
		{nil, nil, GrantActive}, {&before, nil, GrantActive}, {&now, nil, GrantActive}, {&after, nil, GrantPending},
		{nil, &after, GrantActive}, {nil, &now, GrantExpired}, {&before, &before, GrantExpired}, {&before, &after, GrantActive}, {&after, &after, GrantPending},
	} {
		if got := (Grant{Start: c.start, End: c.end}).StateAt(now); got != c.want {
			t.Errorf("from %v to %v: %s, want %s", c.start, c.end, got, c.want)
		}
	}
}
