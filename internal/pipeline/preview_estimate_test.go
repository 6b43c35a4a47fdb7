package pipeline

import (
	"context"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/users"
)

// A preview whose sample takes too long has what was read so far, and a number of users that is not
// less.
func TestPreviewIsCutAfterSampleTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		read  int // users before the database hangs
		count users.Count
		want  users.Count
		rows  int64
	}{
		{100, users.Count{Users: 12_000, Accuracy: users.Estimate}, users.Count{Users: 12_000, Accuracy: users.Estimate}, 21_000},
		{100, users.Count{Users: 90, Accuracy: users.UpperBound}, users.Count{Users: 100, Accuracy: users.Estimate}, 175},
		{100, users.Count{Users: 400, Accuracy: users.Exact}, users.Count{Users: 400, Accuracy: users.Exact}, 700},
		{0, users.Count{Users: 12_000, Accuracy: users.Estimate}, users.Count{Users: 12_000, Accuracy: users.Estimate}, 0},
	} {
		w := newTestEnv(makeUsers(t, 400))
		read := 0
		w.before = func(ctx context.Context, _ int, op string) error {
			if op != "next" {
				return nil
			}
			if read++; read <= c.read {
				return nil
			}
			<-ctx.Done()
			return context.Cause(ctx)
		}
		p, err := w.runner(Settings{}).Preview(testContext(t), w.plan("acme", allGroups), PreviewOptions{
			Rows: 3, SampleTime: 200 * time.Millisecond,
			Count: func(context.Context) (users.Count, error) { return c.count, nil },
		})
		if err != nil || !p.Cut || p.Sample != int64(c.read) || p.Users != c.want.Users || p.Accuracy != c.want.Accuracy || p.RowsAbout != c.rows {
			t.Errorf("%d read, %v: %d in the sample, %d users (%s), %d rows, %v", c.read, c.count, p.Sample, p.Users, p.Accuracy, p.RowsAbout, err)
		}
		w.checkLeaks(t)
	}
}

// A sample that holds all users of the export is exact, whatever the estimate said.
func TestCompleteSampleIsExact(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 40))
	p, err := w.runner(Settings{}).Preview(testContext(t), w.plan("acme", allGroups), PreviewOptions{
		Rows: 3, SampleTime: time.Minute,
		Count: func(context.Context) (users.Count, error) {
			return users.Count{Users: 1500, Accuracy: users.UpperBound}, nil
		},
	})
	if err != nil || p.Cut || p.Users != 40 || p.Accuracy != users.Exact || len(p.Rows) != 3 {
		t.Errorf("%d users (%s), cut %v, %v", p.Users, p.Accuracy, p.Cut, err)
	}
}
