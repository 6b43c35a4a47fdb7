package jobs_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// An attempt publishes the whole job when its state changes, and its progress alone otherwise.
// Applied to the last whole job, progress results in the whole job as it is published next.
func TestAttemptPublishesProgress(t *testing.T) {
	t.Parallel()
	d := newFakeProcess(t, func(o *jobs.Options) { o.Settings.PublishEvery = time.Hour }) // the test publishes
	job := d.create(t, request("admin:a"))
	rows := func(n int) *export.Throughput {
		return &export.Throughput{IntervalMS: 250, Rows: make([]*int64, n)}
	}
	publish := func() {
		t.Helper()
		if err := d.PublishNow(d.ctx); err != nil {
			t.Fatal(err)
		}
	}
	taken := func() (whole []*export.Job, progress []jobs.ProgressEvent) {
		d.bus.mu.Lock()
		defer d.bus.mu.Unlock()
		whole, progress = d.bus.jobs, d.bus.progress
		d.bus.jobs, d.bus.progress = nil, nil
		return whole, progress
	}
	d.work(t, job.ID, func(ctx context.Context, _ *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		step := func(p export.Progress) {
			if err := obs.Prepared(ctx, export.UsersFile, []export.Column{{Name: "user_id"}}, p); err != nil {
				t.Error(err)
			}
		}
		progress := export.Progress{Phase: export.Downloading, Throughput: rows(1)}
		step(progress)
		publish()
		whole, _ := taken()
		state := whole[len(whole)-1]

		progress.Users.Rows, progress.Throughput = 7, rows(2)
		step(progress)
		publish()
		whole, events := taken()
		if len(whole) != 0 || len(events) != 1 || events[0].StateVersion != state.Version() || events[0].Progress.Throughput != nil {
			t.Fatalf("published %v and %+v after %d", whole, events, state.Version())
		}
		known := events[0].Apply(state)
		if known == nil || known.Version() != events[0].Version || known.Progress.Users.Rows != 7 || len(known.Progress.Throughput.Rows) != 1 {
			t.Fatalf("applied: %+v", known)
		}

		progress.Users.Rows, progress.Throughput = 8, rows(4)
		step(progress)
		publish()
		if whole, events = taken(); len(whole) != 0 || len(events) != 1 || events[0].Progress.Throughput == nil {
			t.Fatalf("published %v and %+v, want the throughput of another second", whole, events)
		}

		obs.Event("written", "Wrote the users file.")
		progress.Users.Rows = 9
		step(progress)
		publish()
		if whole, events = taken(); len(whole) != 1 || len(events) != 0 || whole[0].History[len(whole[0].History)-1].Kind != "written" {
			t.Fatalf("published %v and %+v, want the job with its new event", whole, events)
		}
		progress.Users.Rows = 10
		step(progress)
		publish()
		if _, events = taken(); len(events) != 1 || events[0].StateVersion != whole[0].Version() {
			t.Fatalf("published %+v, want progress after %d", events, whole[0].Version())
		}
		if lost := events[0].Apply(state); lost != nil {
			t.Errorf("progress applied to a job without its event: %+v", lost)
		}
		if same := events[0].Apply(whole[0]); same == nil || !reflect.DeepEqual(same.History, whole[0].History) {
			t.Errorf("applied: %+v", same)
		}
		return pipeline.Result{}, nil
	})
	publish()
	if whole, _ := taken(); len(whole) == 0 || whole[len(whole)-1].Status != export.Completed {
		t.Errorf("published %v, want the completed job", whole)
	}
}
