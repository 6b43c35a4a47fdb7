package jobs_test

import (
	"context"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// Downloads are in the job's history, also those that race, and do not change its state.
func TestRecordDownload(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		s := w.service(t, succeed)
		w.start(t, s, 1)
		job := w.create(t, s, request("admin:a"))
		done := w.await(t, job.ID, "the job is completed", is(export.Completed))
		ada := export.Requester{ID: "admin:a", Email: "ada@example.com"}
		bea := export.Requester{ID: "admin:b", Email: "bea@example.com"}
		var g errgroup.Group
		for _, by := range []export.Requester{ada, bea} {
			g.Go(func() error {
				for range 5 {
					if err := record(w.ctx, s, job.ID, by); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		got := w.job(t, job.ID)
		counts := map[string]int{}
		for _, e := range got.History {
			if e.Download != nil {
				counts[e.Download.By] += e.Download.Count
			}
		}
		if counts["ada@example.com"] != 5 || counts["bea@example.com"] != 5 {
			t.Errorf("history %+v", got.History)
		}
		if got.Status != export.Completed || got.Attempt != done.Attempt || got.Version() <= done.Version() || len(got.Files) != 1 {
			t.Errorf("the job is now %+v", got)
		}

		if err := s.RecordDownload(w.ctx, "weekly", job.ID, export.UsersFile, ada); errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("another tenant's: %v", err)
		}
		if err := s.RecordDownload(w.ctx, "daily", job.ID, export.StateEventsFile, ada); errs.CodeOf(err) != errs.CodeNotFound {
			t.Errorf("a file that does not exist: %v", err)
		}
		queued := w.create(t, s, request("admin:queued"))
		cancelled, err := s.Cancel(w.ctx, "daily", queued.ID, "ada@example.com")
		if err != nil {
			t.Fatal(err)
		}
		if cancelled.Status == export.Cancelled {
			if err := s.RecordDownload(w.ctx, "daily", queued.ID, export.UsersFile, ada); errs.CodeOf(err) != errs.CodeNotFound {
				t.Errorf("a cancelled job: %v", err)
			}
		}
	})
}

// record records a download, again while other writers are faster.
func record(ctx context.Context, s *jobs.Service, id string, by export.Requester) error {
	for {
		err := s.RecordDownload(ctx, "daily", id, export.UsersFile, by)
		if errs.CodeOf(err) != errs.CodeUnavailable || ctx.Err() != nil {
			return err
		}
	}
}
