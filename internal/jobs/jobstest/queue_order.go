package jobstest

import (
	"context"
	"reflect"
	"testing"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

func returnsQueueEntries(t *testing.T, ctx context.Context, s jobs.Store) {
	if line, err := s.QueueEntries(ctx); err != nil || len(line) != 0 {
		t.Errorf("no job was made: %v, %v", line, err)
	}
	var made []*export.Job
	for _, slot := range []jobs.Slot{
		{Tenant: "daily", RequesterID: "admin:a"}, {Tenant: "daily", RequesterID: "admin:b"},
		{Tenant: "weekly", RequesterID: "admin:a"}, {Tenant: "weekly", RequesterID: "admin:b"},
	} {
		made = append(made, NewJob(slot.Tenant, slot.RequesterID))
	}
	stream := NewJob("weekly", "admin:c")
	stream.Mode = export.Sync
	insert(t, ctx, s, append(made, stream)...)
	made[1] = change(t, ctx, s, made[1], func(j *export.Job) {
		j.Status, j.Attempt, j.Stalled, j.Heartbeat = export.Downloading, 3, 2, epoch
	})
	made[2] = change(t, ctx, s, made[2], finish(export.Completed))

	want := []jobs.Entry{jobs.EntryOf(made[0]), jobs.EntryOf(made[1]), jobs.EntryOf(made[3])}
	if line, err := s.QueueEntries(ctx); err != nil || !reflect.DeepEqual(line, want) {
		t.Errorf("got  %+v\nwant %+v, %v", line, want, err)
	}
}

func storesTurns(t *testing.T, ctx context.Context, s jobs.Store) {
	want := map[string]int64{}
	check := func() {
		t.Helper()
		if turns, err := s.Turns(ctx); err != nil || !reflect.DeepEqual(turns, want) {
			t.Errorf("turns %v, want %v, %v", turns, want, err)
		}
	}
	check()
	for _, c := range []struct {
		tenant     string
		turn, last int64
	}{{"daily", 1, 1}, {"weekly", 2, 2}, {"daily", 1 << 40, 1 << 40}, {"daily", 3, 1 << 40}, {"weekly", 2, 2}} {
		if err := s.TakeTurn(ctx, c.tenant, c.turn); err != nil {
			t.Fatal(err)
		}
		want[c.tenant] = c.last
		check()
	}
	race(t, func(i int) error { return s.TakeTurn(ctx, "monthly", int64(i+1)) })
	want["monthly"] = racers
	check()
}
