package jobstest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

func lists(t *testing.T, ctx context.Context, s jobs.Store) {
	var made []*export.Job
	for i := range 4 {
		job := NewJob("daily", fmt.Sprintf("admin:%d", i%2))
		job.CreatedAt = epoch.Add(time.Duration(i) * time.Hour)
		insert(t, ctx, s, job)
		if i < 2 {
			job = change(t, ctx, s, job, finish(export.Completed))
		}
		made = append(made, job)
	}
	stream := NewJob("weekly", "admin:0")
	stream.Mode = export.Sync
	insert(t, ctx, s, stream)

	list := func(q jobs.Query, want ...*export.Job) {
		t.Helper()
		got, err := s.List(ctx, q)
		if err != nil || !reflect.DeepEqual(ids(got), ids(want)) {
			t.Errorf("%+v: got %v, want %v, %v", q, ids(got), ids(want), err)
		}
	}
	list(jobs.Query{Tenant: "daily", Limit: 9}, made[3], made[2], made[1], made[0])
	list(jobs.Query{Tenant: "daily", Limit: 2, Before: made[3].ID}, made[2], made[1])
	list(jobs.Query{Tenant: "daily", Limit: 9, RequesterID: "admin:0"}, made[2], made[0])
	list(jobs.Query{Tenant: "daily", Limit: 9, Since: epoch.Add(time.Hour)}, made[3], made[2], made[1])
	list(jobs.Query{Tenant: "daily", Limit: 9, Since: epoch.Add(9 * time.Hour)}, made[3], made[2]) // the live ones
	list(jobs.Query{Tenant: "none", Limit: 9})

	live := func(after string, limit int, want ...*export.Job) {
		t.Helper()
		got, err := s.Live(ctx, after, limit)
		if err != nil || !reflect.DeepEqual(ids(got), ids(want)) {
			t.Errorf("live after %q: got %v, want %v, %v", after, ids(got), ids(want), err)
		}
	}
	live("", 9, made[2], made[3], stream)
	live(made[2].ID, 1, made[3])
}

func findsJanitorJobs(t *testing.T, ctx context.Context, s jobs.Store) {
	end := epoch.Add(time.Minute) // as finish has it
	put := func(requester string, status export.Status, dirty bool, expires time.Time) *export.Job {
		job := NewJob("daily", requester)
		insert(t, ctx, s, job)
		return change(t, ctx, s, job, func(j *export.Job) {
			if j.Dirty = dirty; status.Final() {
				finish(status)(j)
			}
			if !expires.IsZero() {
				j.ExpiresAt = &expires
			}
		})
	}
	good := put("admin:1", export.Completed, true, epoch.Add(time.Hour))
	put("admin:2", export.Cancelled, false, time.Time{})
	failed := put("admin:3", export.Failed, true, time.Time{})
	put("admin:4", export.Preparing, true, time.Time{})
	partial := put("admin:5", export.CompletedWithErrors, false, epoch.Add(2*time.Hour))
	put("admin:6", export.Expired, false, epoch.Add(time.Hour))

	check := func(name string, got []*export.Job, err error, want ...*export.Job) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(ids(got), ids(want)) {
			t.Errorf("%s: got %v, want %v, %v", name, ids(got), ids(want), err)
		}
	}
	got, err := s.Dirty(ctx, end.Add(time.Millisecond), 9)
	check("dirty", got, err, good, failed)
	got, err = s.Dirty(ctx, end, 9)
	check("dirty, but ended just now", got, err)
	got, err = s.Outdated(ctx, epoch.Add(time.Hour), 9)
	check("outdated", got, err, good)
	got, err = s.Outdated(ctx, epoch.Add(3*time.Hour), 9)
	check("outdated later", got, err, good, partial)
	got, err = s.Outdated(ctx, epoch.Add(3*time.Hour), 1)
	check("outdated, one at a time", got, err, good)
}
