package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// With any number of processes and workers, and whatever tasks are lost, a tenant with a hundred
// queued exports delays another tenant's export by at most one run.
func TestHundredQueuedExportsDelayAnotherTenantByOneRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		processes, workers int
		lose               func(f *fifoProcess) // what happens to the queue while the exports wait; nil: nothing
	}{
		"one worker":            {processes: 1, workers: 1},
		"several workers":       {processes: 1, workers: 3},
		"several processes":     {processes: 3, workers: 1},
		"Redis that was lost":   {processes: 2, workers: 1, lose: func(f *fifoProcess) { f.queue.loseTasks() }},
		"Redis that was down":   {processes: 1, workers: 1, lose: func(f *fifoProcess) { f.queue.setUnavailable(true); f.queue.loseTasks() }},
		"tasks in no order":     {processes: 1, workers: 1, lose: shuffle},
		"tasks delivered twice": {processes: 1, workers: 2, lose: double},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFIFOProcess(t)
			web := f.service(t)
			f.create(t, web, "large", 100)
			for range c.processes {
				f.start(t, c.workers)
			}
			for range c.processes * c.workers {
				if tenant := f.next(t); tenant != "large" {
					t.Fatalf("%s begins", tenant)
				}
			}
			if c.lose != nil {
				c.lose(f)
			}
			small := f.create(t, web, "small", 2)
			if n, err := web.QueuePosition(f.ctx, job(t, f, small[0])); n != 1 || err != nil {
				t.Errorf("its position is %d, %v", n, err)
			}
			f.queue.setUnavailable(false)
			f.end(t)
			if tenant := f.next(t); tenant != "small" {
				t.Fatalf("after one run, %s begins", tenant)
			}
			// The second export waits for one run of the other tenant and one of its own. With several
			// workers its tenant has fewer running jobs, and it does not wait.
			second := 0
			for f.end(t); f.next(t) != "small"; f.end(t) {
				second++
			}
			if second > 1 {
				t.Errorf("%d runs of the other tenant between its two", second)
			}
		})
	}
}

func job(t *testing.T, f *fifoProcess, id string) *export.Job {
	t.Helper()
	j, err := f.store.Job(f.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// shuffle reorders the waiting tasks.
func shuffle(f *fifoProcess) {
	var all []string
	for len(f.queue.tasks) > 0 {
		all = append(all, <-f.queue.tasks)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, id := range all {
		f.queue.tasks <- id
	}
}

// double delivers every waiting task a second time.
func double(f *fifoProcess) {
	for range len(f.queue.tasks) {
		id := <-f.queue.tasks
		f.queue.tasks <- id
		f.queue.tasks <- id
	}
}

// Interrupted jobs go before queued jobs of their own tenant, but not before another tenant's jobs.
func TestResumedJobsTakeTheirTenantsTurns(t *testing.T) {
	t.Parallel()
	f := newFIFOProcess(t)
	web := f.service(t)
	large := f.create(t, web, "large", 6)
	for _, id := range large[2:5] { // a process with three workers died while it ran these
		was := job(t, f, id)
		dead := *was
		dead.Attempt, dead.Sequence, dead.Status, dead.Heartbeat = 1, 1, export.Downloading, f.clock.now().Add(-time.Hour)
		if err := errors.Join(f.store.Update(f.ctx, &dead, jobs.Exactly(was)), f.store.TakeTurn(f.ctx, "large", 1)); err != nil {
			t.Fatal(err)
		}
	}
	small := f.create(t, web, "small", 2)
	f.start(t, 1)
	var order []string
	for range 8 {
		order = append(order, receive(t, f.began, "an attempt").ID)
		f.end(t)
	}
	if want := []string{small[0], large[2], small[1], large[3], large[4], large[0], large[1], large[5]}; !slices.Equal(order, want) {
		t.Errorf("order %v\nwant  %v", order, want)
	}
}

func TestQueuePositionsMatchRunOrder(t *testing.T) {
	t.Parallel()
	f := newFIFOProcess(t)
	web := f.service(t)
	all := slices.Concat(f.create(t, web, "a", 5), f.create(t, web, "b", 3), f.create(t, web, "c", 1), f.create(t, web, "b", 1))
	want := make([]string, len(all))
	for _, id := range all {
		n, err := web.QueuePosition(f.ctx, job(t, f, id))
		if err != nil || n < 1 || n > int64(len(all)) || want[n-1] != "" {
			t.Fatalf("position %d, %v", n, err)
		}
		want[n-1] = id
	}
	f.start(t, 1)
	for i, id := range want {
		if got := receive(t, f.began, "an attempt").ID; got != id {
			t.Fatalf("run %d is of job %s, want %s", i+1, got, id)
		}
		if i < len(want)-1 {
			if n, err := web.QueuePosition(f.ctx, job(t, f, want[i+1])); n != 1 || err != nil {
				t.Errorf("the position of the next one is %d, %v", n, err)
			}
		}
		f.end(t)
	}
}

// A wake-up may be used for a job other than the one it names. Every job still runs, while tasks
// are lost, workers die, and jobs are cancelled or fail temporarily.
func TestNoJobIsStranded(t *testing.T) {
	t.Parallel()
	f := newFIFOProcess(t)
	web := f.service(t)
	const seed = 12
	random := rand.New(rand.NewPCG(seed, seed))
	var all []string
	for i := range 60 {
		all = append(all, f.create(t, web, fmt.Sprint("t", i%4), 1)...)
	}
	stop := f.start(t, 3)
	f.start(t, 2)
	open := func(id string) bool { return !job(t, f, id).Status.Final() }
	for step := 0; slices.ContainsFunc(all, open); step++ {
		switch random.IntN(12) {
		case 0:
			f.queue.loseTasks()
		case 1:
			j := job(t, f, all[random.IntN(len(all))])
			if _, err := web.Cancel(f.ctx, j.Tenant, j.ID, "ada@example.com"); err != nil {
				t.Fatal(err)
			}
		case 2: // a worker dies between its claim and its first write
			for _, id := range all {
				if j := job(t, f, id); j.Status == export.Queued {
					if _, err := f.store.Claim(f.ctx, id, j.Attempt+1, f.clock.now()); err != nil {
						t.Fatal(err)
					}
					break
				}
			}
			f.clock.advance(11 * time.Second)
		case 3: // a process stops, and another one starts
			if step%5 == 0 {
				stop()
				stop = f.start(t, 3)
			}
		case 4:
			send(f, errs.Errorf(errs.CodeDatabaseUnavailable, "gone"))
		default:
			send(f, nil)
		}
	}
	for _, id := range all {
		if j := job(t, f, id); j.Status != export.Completed && j.Status != export.Cancelled {
			t.Errorf("%s ended as %s", id, j.Status)
		}
	}
}

// send ends one attempt, if one runs now or starts soon.
func send(f *fifoProcess, err error) {
	select {
	case f.finish <- err:
	case <-time.After(5 * time.Millisecond):
	}
}

// The same holds for the real queue and the embedded database.
func TestFairOrderOnTheEmbeddedStack(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	begun, end := make(chan *export.Job, 99), make(chan struct{})
	s := w.service(t, waitFor(begun, end))
	for i := range 8 {
		w.create(t, s, request(fmt.Sprint("key:", i)))
	}
	w.start(t, s, 1)
	first := receive(t, begun, "the first run")
	w.empty(t) // lose all wake-ups
	other := request("key:other")
	other.Tenant = "weekly"
	small := w.create(t, s, other)
	end <- struct{}{}
	if next := receive(t, begun, "the second run"); next.ID != small.ID {
		t.Errorf("after %s, %s of %s began", first.ID, next.ID, next.Tenant)
	}
	close(end)
	var left []string
	for range 7 {
		left = append(left, receive(t, begun, "the other runs").ID)
	}
	if !slices.IsSorted(left) {
		t.Errorf("the order of one tenant: %s", strings.Join(left, " "))
	}
}

// waitFor returns a run that succeeds when end is received.
func waitFor(begun chan<- *export.Job, end <-chan struct{}) executor {
	return func(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		begun <- job
		select {
		case <-end:
			return succeed(ctx, job, obs)
		case <-ctx.Done():
			return pipeline.Result{}, ctx.Err()
		}
	}
}
