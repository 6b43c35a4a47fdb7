package jobs

import (
	"context"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/singleflight"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// maxKeyBytes is the maximum length of an Idempotency-Key.
const maxKeyBytes = 255

// MaxWaiting is the maximum number of live jobs of a key pair in a tenant. One of them runs.
const MaxWaiting = 20

// maxTries bounds loops that start over after a conflict.
const maxTries = 8

// Request describes a new job.
type Request struct {
	Tenant     string
	Requester  export.Requester
	Origin     export.Origin
	Mode       export.Mode
	Definition export.Definition
	Words      string // the definition as a sentence
	// Fingerprint is that of the definition as it was requested, with relative dates; "" if it has
	// none.
	Fingerprint    string
	IdempotencyKey string // or ""
	// Warnings about the request itself. The job begins with them.
	Warnings []export.Warning
}

// fingerprint identifies the definition as it was requested.
func (r Request) fingerprint() string {
	if r.Fingerprint != "" {
		return r.Fingerprint
	}
	return r.Definition.Fingerprint()
}

func (r Request) owner() Slot { return Slot{Tenant: r.Tenant, RequesterID: r.Requester.ID} }

// admitter admits new jobs.
type admitter struct {
	*core
	requeue   signal             // some queued jobs may have no task in the queue
	reads     singleflight.Group // of the job that blocks a request
	inserting chan struct{}      // semaphore: one insert at a time while the lock is unavailable
}

// create admits a job; see Service.Create.
func (a *admitter) create(ctx context.Context, r Request) (job *export.Job, replayed bool, err error) {
	if err := validKey(r.IdempotencyKey); err != nil {
		return nil, false, err
	}
	job = a.newJob(r)
	if old, err := a.replay(ctx, r, job.Fingerprint); old != nil || err != nil {
		return old, old != nil, err
	}
	lockErr := a.acquireLock(ctx, job)
	if holder, ok := errors.AsType[*holderError](lockErr); ok {
		return a.answerHeld(ctx, r, job, holder)
	}
	if lockErr != nil && !lockUnavailable(lockErr) {
		return nil, false, lockErr
	}
	insert := a.insert
	if lockErr != nil {
		insert = a.insertWithoutLock
	}
	var old *export.Job
	if err = a.checkRoom(ctx, job); err == nil {
		old, err = insert(ctx, r, job)
	}
	if err != nil || old != nil {
		if lockErr == nil {
			a.releaseLock(ctx, job)
		}
		if holder, ok := errors.AsType[*holderError](err); ok {
			if lockErr == nil {
				a.setLock(ctx, holder.job)
			}
			return a.answerHeld(ctx, r, job, holder)
		}
		return old, old != nil, err
	}
	return a.enqueueNew(ctx, job, lockErr), false, nil
}

// answerHeld answers a request whose slot another live job holds. The same request may have been sent
// twice at once: then the answer is the job that it created. It also is that job if the slot is only
// for this definition; otherwise the answer is CodeExportInProgress.
func (a *admitter) answerHeld(ctx context.Context, r Request, job *export.Job, holder *holderError) (*export.Job, bool, error) {
	old, err := a.replay(ctx, r, job.Fingerprint)
	switch {
	case old != nil || err != nil:
		return old, old != nil, err
	case SlotOf(job).Fingerprint != "":
		return holder.job, true, nil
	default:
		return nil, false, inProgress(holder.job)
	}
}

// checkRoom returns CodeExportInProgress if the requester of a job already has MaxWaiting jobs that
// wait for each other. Requests at the same time may exceed the limit by a few.
func (a *admitter) checkRoom(ctx context.Context, job *export.Job) error {
	slot := SlotOf(job)
	if slot.Fingerprint == "" {
		return nil
	}
	entries, err := a.store.QueueEntries(ctx)
	if err != nil {
		return unavailable(err, "read the queue")
	}
	n := 0
	for _, e := range entries {
		if e.owner() == slot.Owner() {
			n++
		}
	}
	if n < MaxWaiting {
		return nil
	}
	return &errs.Error{
		Code:    errs.CodeExportInProgress,
		Message: fmt.Sprintf("This key pair has %d exports that wait or run. Wait until one ends, or cancel it.", n),
		Details: map[string]any{"jobId": firstOfRequesters(entries, nil)[slot.Owner()]},
	}
}

// replayRequest returns the job of an earlier request; see Service.Replay.
func (a *admitter) replayRequest(ctx context.Context, r Request) (*export.Job, error) {
	if err := validKey(r.IdempotencyKey); err != nil {
		return nil, err
	}
	return a.replay(ctx, r, r.fingerprint())
}

func (a *admitter) newJob(r Request) *export.Job {
	now := a.time()
	job := &export.Job{
		ID: ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String(), Tenant: r.Tenant, Requester: r.Requester,
		Origin: r.Origin, Mode: r.Mode, Definition: r.Definition, Words: r.Words,
		Fingerprint: r.fingerprint(), Key: r.IdempotencyKey, Warnings: r.Warnings,
		Status: export.Queued, CreatedAt: now, Sequence: 1, Progress: export.Progress{Phase: export.Queued},
		History: []export.Event{{Time: now, Kind: "queued", Message: "The export was requested."}},
	}
	if job.Mode == export.Sync {
		job.Delivery = a.awaitStream(job.Definition.Files()[0])
	}
	return job
}

// replay returns the job that an earlier request with the same idempotency key created, or nil.
// Fingerprint identifies the request's definition.
func (a *admitter) replay(ctx context.Context, r Request, fingerprint string) (*export.Job, error) {
	if r.IdempotencyKey == "" {
		return nil, nil
	}
	old, err := a.store.ByIdempotencyKey(ctx, r.owner(), r.IdempotencyKey)
	switch {
	case errors.Is(err, ErrNoJob):
		return nil, nil
	case err != nil:
		return nil, unavailable(err, "look for the idempotency key")
	case a.now().Sub(old.CreatedAt) >= keyLifetime:
		if err := a.store.RemoveIdempotencyKey(ctx, old.ID); err != nil {
			return nil, unavailable(err, "free an old idempotency key")
		}
		return nil, nil
	case old.Fingerprint != fingerprint:
		return nil, &errs.Error{Code: errs.CodeIdempotencyKeyReused, Field: "Idempotency-Key",
			Message: "This Idempotency-Key was used with another definition in the last 24 hours."}
	}
	return old, nil
}

// holderError carries the live job that holds the slot of a new one.
type holderError struct{ job *export.Job }

func (e *holderError) Error() string { return "the slot is taken" }

// insertWithoutLock is insert for the time when the lock is unavailable. It reads before it
// inserts, one request at a time, so that a flood of duplicates does not become a flood of inserts.
func (a *admitter) insertWithoutLock(ctx context.Context, r Request, job *export.Job) (*export.Job, error) {
	slot := SlotOf(job)
	holder := func() error {
		live, err := a.sharedRead("slot "+slot.String(), func(ctx context.Context) (*export.Job, error) { return a.store.Holder(ctx, slot) })
		switch {
		case err == nil:
			return &holderError{live}
		case errors.Is(err, ErrNoJob):
			return nil
		default:
			return unavailable(err, "look for the live job")
		}
	}
	if err := holder(); err != nil {
		return a.replayOr(ctx, r, job.Fingerprint, err)
	}
	select {
	case a.inserting <- struct{}{}:
		defer func() { <-a.inserting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := holder(); err != nil {
		return a.replayOr(ctx, r, job.Fingerprint, err)
	}
	return a.insert(ctx, r, job)
}

// replayOr returns the job that an earlier request with the same idempotency key created, or else
// the error.
func (a *admitter) replayOr(ctx context.Context, r Request, fingerprint string, otherwise error) (*export.Job, error) {
	if old, err := a.replay(ctx, r, fingerprint); old != nil || err != nil {
		return old, err
	}
	return nil, otherwise
}

// insert stores the job and returns nil. If a request with the same idempotency key was faster, it
// returns the job of that request. A *holderError means that another live job holds the slot.
func (a *admitter) insert(ctx context.Context, r Request, job *export.Job) (*export.Job, error) {
	for range maxTries {
		err := a.store.Insert(ctx, job)
		if err == nil {
			return nil, nil
		}
		if !errors.Is(err, ErrTaken) {
			return nil, unavailable(err, "insert the job")
		}
		if old, err := a.replay(ctx, r, job.Fingerprint); old != nil || err != nil {
			return old, err
		}
		holder, err := a.store.Holder(ctx, SlotOf(job))
		if err == nil {
			return nil, &holderError{holder}
		}
		if !errors.Is(err, ErrNoJob) {
			return nil, unavailable(err, "look for the live job")
		}
		// The holder ended between the insert and the read: the slot is free now.
	}
	return nil, errs.Errorf(errs.CodeUnavailable, "Too many requests at once. Please try again in a moment.")
}

// enqueueNew queues a new job, publishes it, and returns its state. If the lock or the queue
// refuses, the job's Retry says so, and the reconciler queues the job later.
func (a *admitter) enqueueNew(ctx context.Context, job *export.Job, refused error) *export.Job {
	a.log.InfoContext(ctx, "job admitted", "job", job.ID, "tenant", job.Tenant, "mode", job.Mode, "origin", job.Origin)
	if job.Mode == export.Async {
		if refused == nil {
			_, refused = a.queue.Enqueue(ctx, job.ID, 1)
		}
		if refused != nil {
			a.log.WarnContext(ctx, "cannot queue the job yet", "job", job.ID, "error", refused)
			job = a.recordQueueRefusal(ctx, job, refused)
			a.requeue.raise()
		}
	}
	a.updates.publish(job)
	a.publishQueueChanged(job)
	return job
}

func inProgress(job *export.Job) error {
	return &errs.Error{
		Code:    errs.CodeExportInProgress,
		Message: "An export of yours is in progress. Wait until it ends, or cancel it.",
		Details: map[string]any{"jobId": job.ID},
	}
}

func validKey(key string) error {
	if len(key) > maxKeyBytes {
		return errs.Invalid("Idempotency-Key", "must have at most %d bytes", maxKeyBytes)
	}
	for _, r := range key {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return errs.Invalid("Idempotency-Key", "must consist of printable characters")
		}
	}
	return nil
}

// recordQueueRefusal records in a new job that the queue refuses it, and returns the job's new
// state.
func (a *admitter) recordQueueRefusal(ctx context.Context, job *export.Job, refused error) *export.Job {
	held, err := a.recordQueueState(ctx, job, refused)
	if err != nil {
		a.log.WarnContext(ctx, "cannot record why the job waits; the reconciler will retry", "job", job.ID, "error", err)
		return job
	}
	return held
}
