package jobstest

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

func returnsFigures(t *testing.T, ctx context.Context, s jobs.Store) {
	expires := epoch.Add(time.Hour)
	put := func(tenant, requester string, status export.Status, files ...export.File) *export.Job {
		job := NewJob(tenant, requester)
		job.CreatedAt = epoch.Add(time.Duration(len(requester)) * time.Second)
		insert(t, ctx, s, job)
		return change(t, ctx, s, job, func(j *export.Job) {
			if status.Final() {
				finish(status)(j)
			}
			j.Files, j.ExpiresAt = files, nil
			if len(files) > 0 {
				j.ExpiresAt = &expires
			}
		})
	}
	users := export.File{Kind: export.UsersFile, Key: "k1", Rows: 7, Bytes: 70}
	events := export.File{Kind: export.StateEventsFile, Key: "k2", Rows: 3, Bytes: 30}
	streamed := export.File{Kind: export.UsersFile, Rows: 5, Bytes: 50}
	first := put("daily", "admin:", export.Failed)
	put("daily", "admin:1", export.Completed, users, events)
	put("daily", "admin:22", export.Completed, streamed)
	put("daily", "admin:333", export.Expired, users)
	put("daily", "admin:4444", export.Queued)
	put("weekly", "admin:1", export.Completed, users)

	created := func(length int) time.Time { return epoch.Add(time.Duration(length) * time.Second) }
	both := jobs.Figure{Created: created(7), Outcome: export.Completed, Expires: &expires, Rows: 10, Files: 2, Bytes: 100}
	stream := jobs.Figure{Created: created(8), Outcome: export.Completed, Expires: &expires, Rows: 5}
	expired := jobs.Figure{Created: created(9), Outcome: export.Expired, Expires: &expires, Rows: 7, Files: 1, Bytes: 70}
	check := func(name string, read func(func(jobs.Figure) error) error, want ...jobs.Figure) {
		t.Helper()
		var got []jobs.Figure
		err := read(func(f jobs.Figure) error { got = append(got, f); return nil })
		slices.SortFunc(got, func(a, b jobs.Figure) int { return cmp.Compare(a.Created.UnixNano(), b.Created.UnixNano()) })
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, want)
		}
	}
	check("all", func(each func(jobs.Figure) error) error { return s.Figures(ctx, "daily", "", each) },
		jobs.Figure{Created: created(6), Outcome: export.Failed}, both, stream, expired, jobs.Figure{Created: created(10)})
	check("since the second", func(each func(jobs.Figure) error) error { return s.Figures(ctx, "daily", first.ID+"0", each) },
		both, stream, expired, jobs.Figure{Created: created(10)})
	check("kept", func(each func(jobs.Figure) error) error { return s.KeptFigures(ctx, "daily", each) }, both, stream)
	stop := errors.New("stop")
	if err := s.Figures(ctx, "daily", "", func(jobs.Figure) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the error of the function: %v", err)
	}
}
