package jobs_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"context"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// searching returns a request of a key pair with its own definition for each text.
func searching(keyPair, text string) jobs.Request {
	r := request("key:" + keyPair)
	r.Definition.Users.Search = text
	return r
}

// The jobs of a key pair wait for each other: one runs at a time, in the order of the requests, and
// each begins without waiting for the reconciler.
func TestJobsOfKeyPairWaitForEachOther(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		const n = 6
		var running, most atomic.Int64
		began := make(chan string, 2*n)
		run := func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			began <- job.ID
			return succeed(ctx, job, obs)
		}
		never := func(o *jobs.Options) { o.Settings.RequeueEvery, o.Settings.ReconcileEvery = time.Hour, time.Hour }
		s := w.service(t, run, never)
		var made []*export.Job
		for i := range n {
			made = append(made, w.create(t, s, searching("k", fmt.Sprint("user ", i))))
		}
		w.start(t, s, 2)
		w.start(t, w.service(t, run, never), 2)
		for _, job := range made {
			w.await(t, job.ID, "the job ends", is(export.Completed))
			if id := receive(t, began, "an attempt"); id != job.ID {
				t.Errorf("%s began, want %s", id, job.ID)
			}
			w.released(t, job)
		}
		if most.Load() != 1 {
			t.Errorf("%d jobs ran at the same time", most.Load())
		}
	})
}

func TestRequestsOfKeyPair(t *testing.T) {
	onEachKind(t, func(t *testing.T, w *world) {
		s := w.service(t, nil)

		// The same definition is the same job, however many requests come at the same time.
		ids, firsts := make(chan string, 100), atomic.Int64{}
		var g errgroup.Group
		for range cap(ids) {
			g.Go(func() error {
				job, replayed, err := s.Create(w.ctx, searching("k", "ada"))
				if err != nil {
					return err
				}
				if !replayed {
					firsts.Add(1)
				}
				ids <- job.ID
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		first := <-ids
		for range len(ids) {
			if id := <-ids; id != first {
				t.Fatalf("the jobs %s and %s have the same definition", first, id)
			}
		}
		if firsts.Load() != 1 {
			t.Errorf("%d requests created the job", firsts.Load())
		}

		// An idempotency key counts for all jobs of the key pair.
		keyed := searching("k", "grace")
		keyed.IdempotencyKey = "one"
		job := w.create(t, s, keyed)
		if again, replayed, err := s.Create(w.ctx, keyed); err != nil || !replayed || again.ID != job.ID {
			t.Errorf("again: %v, %v", replayed, err)
		}
		keyed.Definition.Users.Search = "ada"
		if _, _, err := s.Create(w.ctx, keyed); errs.CodeOf(err) != errs.CodeIdempotencyKeyReused {
			t.Errorf("the key with another definition: %v", err)
		}

		// A bounded number waits. Other requesters are not affected, and an end makes room.
		for i := range jobs.MaxWaiting - 2 {
			w.create(t, s, searching("k", fmt.Sprint(i)))
		}
		_, _, err := s.Create(w.ctx, searching("k", "one more"))
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Code != errs.CodeExportInProgress || e.Details["jobId"] != first {
			t.Errorf("one more: %v", err)
		}
		w.create(t, s, searching("l", "one more"))
		if job, replayed, err := s.Create(w.ctx, searching("k", "ada")); err != nil || !replayed || job.ID != first {
			t.Errorf("the first again: %v, %v", replayed, err)
		}
		if _, err := s.Cancel(w.ctx, "daily", first, "ada@example.com"); err != nil {
			t.Fatal(err)
		}
		if job := w.create(t, s, searching("k", "ada")); job.ID == first {
			t.Error("a job that has ended is the answer")
		}
	})
}
