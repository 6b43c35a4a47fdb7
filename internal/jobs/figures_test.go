package jobs_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
)

// Days are those of the zone, also where a clock change makes one of 25 hours, and the result is read
// again after some seconds.
func TestFiguresByDay(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 26, 12, 0, 0, 0, berlin) // clocks went back on 25 October
	store := jobstest.NewMemory()
	s := jobs.New(jobs.Options{Store: store, Now: func() time.Time { return now }})
	add := func(at time.Time, outcome export.Status, expires time.Time, rows int64) {
		t.Helper()
		job := jobstest.NewJob("daily", "admin:"+at.String())
		job.ID = ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
		job.CreatedAt, job.Status, job.Outcome = at, outcome, outcome
		if rows > 0 {
			job.Files = []export.File{{Kind: export.UsersFile, Key: "k", Rows: rows, Bytes: 10 * rows}}
			job.ExpiresAt = &expires
		}
		if err := store.Insert(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, berlin) }
	add(at(25, 0, 0), export.Completed, at(28, 23, 59), 7)
	add(at(25, 23, 59), export.Failed, time.Time{}, 0)
	add(at(26, 0, 0), export.CompletedWithErrors, at(30, 0, 0), 5)
	add(time.Date(2026, 9, 27, 0, 0, 0, 0, berlin), export.Cancelled, time.Time{}, 0) // the first day
	add(time.Date(2026, 9, 26, 23, 59, 0, 0, berlin), export.Failed, time.Time{}, 0)  // the day before

	days, err := s.ExportDays(t.Context(), "daily", berlin)
	if err != nil || len(days) != jobs.FigureDays {
		t.Fatalf("%d days, %v", len(days), err)
	}
	want := map[int]jobs.ExportDay{
		0:  {Day: "2026-09-27", Exports: 1},
		1:  {Day: "2026-09-28"},
		28: {Day: "2026-10-25", Exports: 2, Rows: 7, Failed: 1},
		29: {Day: "2026-10-26", Exports: 1, Rows: 5},
	}
	for i, day := range want {
		if days[i] != day {
			t.Errorf("day %d: %+v, want %+v", i, days[i], day)
		}
	}
	kept, err := s.KeptDays(t.Context(), "daily", berlin)
	wantKept := []jobs.KeptDay{{Day: "2026-10-28", Files: 1, Bytes: 70}, {Day: "2026-10-29"}, {Day: "2026-10-30", Files: 1, Bytes: 50}}
	if err != nil || !reflect.DeepEqual(kept, wantKept) {
		t.Errorf("kept %+v, %v", kept, err)
	}
	if kept, err = s.KeptDays(t.Context(), "weekly", berlin); err != nil || len(kept) != 0 {
		t.Errorf("another tenant: %+v, %v", kept, err)
	}

	add(at(26, 1, 0), export.Failed, time.Time{}, 0)
	if again, err := s.ExportDays(t.Context(), "daily", berlin); err != nil || again[29].Exports != 1 {
		t.Errorf("at once: %+v, %v", again[29], err)
	}
	now = now.Add(10 * time.Second)
	if again, err := s.ExportDays(t.Context(), "daily", berlin); err != nil || again[29].Exports != 2 || again[29].Failed != 1 {
		t.Errorf("later: %+v, %v", again[29], err)
	}
}
