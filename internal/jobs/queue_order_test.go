package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// entries parses jobs of the form "<tenant><number><state>". The states: q is queued, r is running,
// s is stale, h was handed back, w waits until its next attempt is due, x has no attempt left. Each
// has its own requester, unless "/<requester>" follows.
func entries(now time.Time, text string) (list []Entry) {
	for word := range strings.FieldsSeq(text) {
		word, requester, found := strings.Cut(word, "/")
		last := len(word) - 1
		if !found {
			requester = word[:last]
		}
		e := Entry{ID: word[:last], Tenant: word[:1], RequesterID: requester, Status: export.Downloading, Heartbeat: now.Add(-time.Minute)}
		switch word[last] {
		case 'q':
			e.Status = export.Queued
		case 'r':
			e.Heartbeat = now.Add(-time.Second)
		case 'h':
			e.Heartbeat = time.Time{}
		case 'w':
			e.Heartbeat = now.Add(time.Minute)
		case 'x':
			e.Stalled = MaxStalled - 1
		}
		list = append(list, e)
	}
	return list
}

func TestQueueOrder(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 8, 31, 28, 0, time.UTC)
	s := New(Options{Now: func() time.Time { return now }})
	for name, c := range map[string]struct {
		jobs   string
		turns  map[string]int64
		passed string
		want   string
	}{
		"nothing waits":                              {jobs: "a1r b2r", want: ""},
		"one tenant's by age":                        {jobs: "a1q a2q a3q", want: "a1 a2 a3"},
		"tenants in turn":                            {jobs: "a1q a2q a3q b4q b5q c6q", want: "a1 b4 c6 a2 b5 a3"},
		"whose turn was first goes first":            {jobs: "a1q a2q b3q b4q", turns: map[string]int64{"a": 7, "b": 6}, want: "b3 a1 b4 a2"},
		"who never had a turn goes first":            {jobs: "a1q b2q", turns: map[string]int64{"a": 1}, want: "b2 a1"},
		"who has fewer running goes first":           {jobs: "a1r a2r b3r a4q b5q b6q c7q", turns: map[string]int64{"c": 9}, want: "c7 b5 a4 b6"},
		"the later turn of the fewer running counts": {jobs: "a1r a2q b3q b4q", turns: map[string]int64{"a": 1, "b": 2}, want: "b3 a2 b4"},
		"what was begun before goes first":           {jobs: "a1q a2s a3h b4q b5q", want: "a2 b4 a3 b5 a1"},
		"resumed jobs do not go before other tenants'": {
			jobs: "a1s a2s a3s b4q", turns: map[string]int64{"a": 3}, want: "b4 a1 a2 a3",
		},
		"a job that waits for its next attempt holds no worker": {jobs: "a1w a2q b3q", want: "a2 b3"},
		"a job that is given up is not taken":                   {jobs: "a1x a2q b3q", want: "a2 b3"},
		"jobs of one requester come after others of the tenant": {jobs: "a1q/k a2q/k a3q/k a4q b5q", want: "a1 b5 a4 a2* a3*"},
		"a job that runs holds those of its requester":          {jobs: "a1q/k a2r/k a3q b4q/k", want: "b4 a3 a1*"},
		"a job that waits for its next attempt holds them":      {jobs: "a1q/k a2w/k", want: "a1*"},
		"a job that is given up holds them until it ends":       {jobs: "a1q/k a2x/k", want: "a1*"},
		"a job that was begun goes before older ones":           {jobs: "a1q/k a2s/k a3q/k", want: "a2 a1* a3*"},
		"what another worker takes holds them":                  {jobs: "a1q/k a2q/k a3q/k", passed: "a2", want: "a1* a3*"},
		"what another worker takes counts as running":           {jobs: "a1q a2q b3q", passed: "a1", want: "b3 a2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passed := map[string]bool{c.passed: true}
			var got []string
			for _, p := range s.queueReader.waiting(queueOrder{entries(now, c.jobs), c.turns}, passed) {
				if p.held {
					p.ID += "*"
				}
				got = append(got, p.ID)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}

// The order of all waiting jobs equals the order in which workers take them one by one.
func TestQueueOrderMatchesTakingOneByOne(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := New(Options{Now: func() time.Time { return now }})
	l := queueOrder{
		entries(now, "a1q a2q a3r b4q b5q b6s c7q c8r c9r d10q d11q d12q d13q e14h e15q f16q/k f17q/k f18r"),
		map[string]int64{"a": 4, "b": 9, "c": 2, "d": 7},
	}
	var want, got []string
	for _, p := range s.queueReader.waiting(l, nil) {
		want = append(want, p.ID)
	}
	passed := map[string]bool{}
	for {
		line := s.queueReader.waiting(l, passed)
		if len(line) == 0 {
			break
		}
		got = append(got, line[0].ID)
		passed[line[0].ID] = true
		l.turns[line[0].Tenant] = l.nextTurn()
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("taken %v\nlined up %v", got, want)
	}
}
