package jobs_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

const queueFull = "The queue does not accept work: Redis is out of memory."

var errOutOfMemory = &errs.OutageError{Kind: errs.OutageOutOfMemory, Message: "Redis is out of memory.", Err: errors.New("OOM secret detail")}

// checkQueueRefusal checks what a job shows while the queue refuses it.
func checkQueueRefusal(t *testing.T, job *export.Job, reason export.RetryReason, message string) {
	t.Helper()
	r := job.Retry
	if r == nil || r.Reason != reason || r.Message != message || r.At != nil || r.Attempt != nil || r.Of != nil {
		t.Errorf("retry %+v, want %s %q", r, reason, message)
	}
}

func TestJobShowsQueueRefusal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err     error
		reason  export.RetryReason
		message string
	}{
		"out of memory": {errOutOfMemory, export.RetryQueueMemory, queueFull},
		"wrong password": {
			&errs.OutageError{Kind: errs.OutageCredentialsRefused, Message: "Redis rejects the password."},
			export.RetryQueueRefused, "The queue does not accept work: Redis rejects the password.",
		},
		"not trusted": {
			&errs.OutageError{Kind: errs.OutageTLSFailed, Message: "The certificate of Redis is not trusted."},
			export.RetryQueueRefused, "The queue does not accept work: The certificate of Redis is not trusted.",
		},
		"read only": {
			&errs.OutageError{Kind: errs.OutageReadOnly, Message: "Redis accepts no writes at the moment."},
			export.RetryQueueUnreached, "The queue does not accept work: Redis accepts no writes at the moment.",
		},
		"unknown": {errors.New("secret detail"), export.RetryQueueUnreached, "The queue does not accept work: Redis does not answer."},
	} {
		for when, refuse := range map[string]func(*fakeProcess, error){
			"at the gate":  func(d *fakeProcess, err error) { d.lock.refuse(err); d.queue.refuse(err) },
			"at the queue": func(d *fakeProcess, err error) { d.queue.refuse(err) },
		} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				d := newFakeProcess(t)
				refuse(d, c.err)
				job := d.create(t, request("admin:a"))
				checkQueueRefusal(t, job, c.reason, c.message)
				checkQueueRefusal(t, d.job(t, job.ID), c.reason, c.message)
				checkQueueRefusal(t, d.published(t, job.ID), c.reason, c.message)

				d.reconcile(t, true)
				if again := d.job(t, job.ID); again.Version() != job.Version() {
					t.Errorf("said again as version %d after %d", again.Version(), job.Version())
				}
				refuse(d, nil)
				d.reconcile(t, true)
				if waiting := d.published(t, job.ID); waiting.Retry != nil || waiting.Status != export.Queued || waiting.Version() <= job.Version() {
					t.Errorf("once it is in the queue it is %s, %+v", waiting.Status, waiting.Retry)
				}
				if task := <-d.queue.tasks; task != job.ID+":1" {
					t.Errorf("queued %s", task)
				}
				d.work(t, job.ID, succeed)
				if done := d.job(t, job.ID); done.Status != export.Completed || done.Attempt != 1 {
					t.Errorf("ended as %s in attempt %d", done.Status, done.Attempt)
				}
			})
		}
	}
}

// The queue starts to refuse after the jobs were admitted, and loses their tasks. The reconciler
// calls it once per round.
func TestQueuedJobsShowWhyTheyWait(t *testing.T) {
	t.Parallel()
	d := newFakeProcess(t)
	var made []*export.Job
	for _, requester := range []string{"admin:a", "admin:b", "admin:c"} {
		made = append(made, d.create(t, request(requester)))
	}
	r := request("admin:d")
	r.Mode = export.Sync
	stream := d.create(t, r)
	d.queue.refuse(errOutOfMemory)
	d.reconcile(t, true)
	for _, job := range made {
		checkQueueRefusal(t, d.published(t, job.ID), export.RetryQueueMemory, queueFull)
	}
	if d.queue.asked != 1 {
		t.Errorf("asked %d times", d.queue.asked)
	}
	if j := d.job(t, stream.ID); j.Retry != nil {
		t.Errorf("a streamed job, which needs no queue: %+v", j.Retry)
	}
	d.queue.refuse(nil)
	d.reconcile(t, true)
	for _, job := range made {
		if j := d.job(t, job.ID); j.Retry != nil {
			t.Errorf("queued again: %+v", j.Retry)
		}
	}
}

// A job whose retry delay has passed waits for the queue. Nothing else of the job changes, because
// its worker may still be alive.
func TestQueueRefusesTheNextAttempt(t *testing.T) {
	t.Parallel()
	d := newFakeProcess(t)
	job := d.create(t, request("admin:a"))
	d.work(t, job.ID, failing(errs.CodeStorageUnavailable))
	paused := d.job(t, job.ID)
	d.queue.refuse(errOutOfMemory)
	d.reconcile(t, false)
	waits(t, d.job(t, job.ID), export.RetryStorage, storageAway, d.time().Add(2*time.Second), 2)
	d.pass(2*time.Second + time.Millisecond)
	d.reconcile(t, false)
	now := d.published(t, job.ID)
	checkQueueRefusal(t, now, export.RetryQueueMemory, queueFull)
	if now.Status != paused.Status || !now.Heartbeat.Equal(paused.Heartbeat) || now.Attempt != paused.Attempt {
		t.Errorf("now %s, %s, %d", now.Status, now.Heartbeat, now.Attempt)
	}
	d.queue.refuse(nil)
	d.reconcile(t, false)
	d.work(t, job.ID, succeed)
	if done := d.job(t, job.ID); done.Status != export.Completed || done.Retry != nil {
		t.Errorf("ended as %s, %+v", done.Status, done.Retry)
	}
}

// notingStore is a store in which another process records why a job waits, between a worker's read and
// its first write.
type notingStore struct {
	jobs.Store
	once sync.Once
}

func (n *notingStore) Update(ctx context.Context, job *export.Job, g jobs.Guard) (err error) {
	n.once.Do(func() {
		var now *export.Job
		if now, err = n.Job(ctx, job.ID); err != nil {
			return
		}
		now.Sequence++
		err = n.Store.Update(ctx, now, jobs.Guard{Attempt: now.Attempt, Sequence: now.Sequence - 1})
	})
	if err != nil {
		return err
	}
	return n.Store.Update(ctx, job, g)
}

func TestWorkerTakesJobAfterConcurrentNote(t *testing.T) {
	t.Parallel()
	d := newFakeProcess(t, func(o *jobs.Options) { o.Store = &notingStore{Store: o.Store} })
	job := d.create(t, request("admin:a"))
	d.work(t, job.ID, succeed)
	if done := d.job(t, job.ID); done.Status != export.Completed || done.Attempt != 1 {
		t.Errorf("it is %s in attempt %d", done.Status, done.Attempt)
	}
}
