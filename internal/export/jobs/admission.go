package jobs

import (
	"context"
	"errors"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/export"
)

// maxKeyBytes is the longest Idempotency-Key.
const maxKeyBytes = 255

// How long a request waits for the job at the gate to appear: at first, and at last before it takes over.
const (
	firstPatience = 20 * time.Millisecond
	lastPatience  = 320 * time.Millisecond
)

// maxTries bounds loops that begin again when the world changed under them.
const maxTries = 8

// Request is what a requester asks for.
type Request struct {
	Tenant         string
	Requester      export.Requester
	Origin         export.Origin
	Mode           export.Mode
	Definition     export.Definition
	Words          string // the definition as a sentence
	IdempotencyKey string // or ""
}

func (r Request) slot() Slot { return Slot{r.Tenant, r.Requester.ID} }

// Create admits a job and queues it. Replayed tells that the request's idempotency key had made the job before. Errors:
// CodeInvalid for a key that is not printable or too long, CodeKeyReused for one that came with another definition,
// CodeInProgress while a job of the same requester is live; its Details are jobId and jobUrl.
func (s *Service) Create(ctx context.Context, r Request) (job *export.Job, replayed bool, err error) {
	if err := validKey(r.IdempotencyKey); err != nil {
		return nil, false, err
	}
	job = s.newJob(r)
	if old, err := s.replay(ctx, r, job.Fingerprint); old != nil || err != nil {
		return old, old != nil, err
	}
	gateErr := s.passGate(ctx, job)
	if gateErr != nil && !gateDown(gateErr) {
		// Turned away; but if it was by this very request, sent twice at once, the answer is the job that it made.
		old, err := s.turnedAway(ctx, r, job.Fingerprint, gateErr)
		return old, old != nil, err
	}
	insert := s.insert
	if gateErr != nil {
		insert = s.insertUngated
	}
	old, err := insert(ctx, r, job)
	if err != nil || old != nil {
		if gateErr == nil {
			s.release(ctx, job)
		}
		if holder, ok := errors.AsType[*holderError](err); ok {
			if gateErr == nil {
				s.holdGate(ctx, holder.job)
			}
			err = inProgress(holder.job)
		}
		return old, old != nil, err
	}
	s.admitted(ctx, job, gateErr == nil)
	return job, false, nil
}

// Replay returns the job that a request with this idempotency key and definition has made in the last 24 hours, or nil. It
// is asked before anything about the request is looked at that may have changed since. Errors are those of Create.
func (s *Service) Replay(ctx context.Context, r Request) (*export.Job, error) {
	if err := validKey(r.IdempotencyKey); err != nil {
		return nil, err
	}
	return s.replay(ctx, r, r.Definition.Fingerprint())
}

func (s *Service) newJob(r Request) *export.Job {
	now := s.time()
	job := &export.Job{
		ID: ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String(), Tenant: r.Tenant, Requester: r.Requester,
		Origin: r.Origin, Mode: r.Mode, Definition: r.Definition, Words: r.Words,
		Fingerprint: r.Definition.Fingerprint(), Key: r.IdempotencyKey,
		Status: export.Queued, CreatedAt: now, Sequence: 1, Progress: export.Progress{Phase: export.Queued},
		History: []export.Event{{Time: now, Kind: "queued", Message: "The export was requested."}},
	}
	if job.Mode == export.Sync {
		job.Delivery = s.waitForStream(job.Definition.Files()[0])
	}
	return job
}

// replay returns the job that the request's idempotency key made before, or nil. Fingerprint is that of its definition.
func (s *Service) replay(ctx context.Context, r Request, fingerprint string) (*export.Job, error) {
	if r.IdempotencyKey == "" {
		return nil, nil
	}
	old, err := s.store.ByKey(ctx, r.slot(), r.IdempotencyKey)
	switch {
	case errors.Is(err, ErrNoJob):
		return nil, nil
	case err != nil:
		return nil, unavailable(err, "look for the idempotency key")
	case s.now().Sub(old.CreatedAt) >= keyLifetime:
		if err := s.store.FreeKey(ctx, old.ID); err != nil {
			return nil, unavailable(err, "free an old idempotency key")
		}
		return nil, nil
	case old.Fingerprint != fingerprint:
		return nil, &export.Error{Code: export.CodeKeyReused, Field: "Idempotency-Key",
			Message: "This Idempotency-Key was used with another definition in the last 24 hours."}
	}
	return old, nil
}

// gateError says that the gate is out of order: admission goes on without it.
type gateError struct{ error }

func (e gateError) Unwrap() error { return e.error }

func gateDown(err error) bool {
	_, ok := errors.AsType[gateError](err)
	return ok
}

// passGate closes the gate for a new job. A gate that is closed for a job that is final or missing is taken over.
func (s *Service) passGate(ctx context.Context, job *export.Job) error {
	slot := SlotOf(job)
	patience := firstPatience
	holder, err := s.gate.Take(ctx, slot, job.ID)
	for range maxTries {
		if err != nil {
			s.log.WarnContext(ctx, "the gate is out of order; admitting by the database alone", "error", err)
			return gateError{err}
		}
		if holder == job.ID {
			return nil
		}
		live, getErr := s.look("job "+holder, func(ctx context.Context) (*export.Job, error) { return s.store.Job(ctx, holder) })
		switch {
		case getErr == nil && live.Status.Live() && SlotOf(live) == slot:
			return inProgress(live)
		case getErr != nil && !errors.Is(getErr, ErrNoJob):
			return unavailable(getErr, "look at the job at the gate")
		}
		if getErr != nil && patience <= lastPatience {
			// Most likely the job is being inserted right now; hundreds at once that all tried to insert theirs would only
			// keep the database from doing so.
			if err := pause(ctx, patience); err != nil {
				return err
			}
			patience *= 2
			holder, err = s.gate.Take(ctx, slot, job.ID)
			continue
		}
		// Should it be inserted later than that, taking over is right all the same: the insert decides, and sets the gate
		// to its winner.
		var done bool
		if done, err = s.gate.TakeOver(ctx, slot, holder, job.ID); err == nil {
			if done {
				return nil
			}
			holder, err = s.gate.Take(ctx, slot, job.ID)
		}
	}
	return nil // others fight over the gate; the insert decides
}

// look reads a job. Requests that ask for the same at the same time share one look: a storm of duplicates costs the
// database as much as one of them. The job is not to be changed.
func (s *Service) look(what string, read func(context.Context) (*export.Job, error)) (*export.Job, error) {
	v, err, _ := s.looks.Do(what, func() (any, error) {
		return read(context.Background()) // whoever began it may leave
	})
	job, _ := v.(*export.Job)
	return job, err
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// holderError carries the live job that a new one lost against.
type holderError struct{ job *export.Job }

func (e *holderError) Error() string { return "the slot is taken" }

// insertUngated is insert while the gate is out of order. It looks before it inserts, and lets one request at a time do
// so: a storm of duplicates that nothing holds off must not become a storm of inserts.
func (s *Service) insertUngated(ctx context.Context, r Request, job *export.Job) (*export.Job, error) {
	slot := SlotOf(job)
	holder := func() error {
		live, err := s.look("slot "+slot.String(), func(ctx context.Context) (*export.Job, error) { return s.store.Holder(ctx, slot) })
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
		return s.turnedAway(ctx, r, job.Fingerprint, err)
	}
	select {
	case s.ungated <- struct{}{}:
		defer func() { <-s.ungated }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := holder(); err != nil {
		return s.turnedAway(ctx, r, job.Fingerprint, err)
	}
	return s.insert(ctx, r, job)
}

// turnedAway returns the job that this very request has made, sent twice at once, or else the error.
func (s *Service) turnedAway(ctx context.Context, r Request, fingerprint string, turned error) (*export.Job, error) {
	if old, err := s.replay(ctx, r, fingerprint); old != nil || err != nil {
		return old, err
	}
	return nil, turned
}

// insert makes the job, or returns the one that the same idempotency key has made meanwhile.
func (s *Service) insert(ctx context.Context, r Request, job *export.Job) (*export.Job, error) {
	for range maxTries {
		err := s.store.Insert(ctx, job)
		if err == nil {
			return nil, nil
		}
		if !errors.Is(err, ErrTaken) {
			return nil, unavailable(err, "insert the job")
		}
		if old, err := s.replay(ctx, r, job.Fingerprint); old != nil || err != nil {
			return old, err
		}
		holder, err := s.store.Holder(ctx, SlotOf(job))
		if err == nil {
			return nil, &holderError{holder}
		}
		if !errors.Is(err, ErrNoJob) {
			return nil, unavailable(err, "look for the live job")
		}
		// It ended between the two looks: the slot is free now.
	}
	return nil, export.Errorf(export.CodeUnavailable, "Too many requests at once. Please try again in a moment.")
}

// admitted queues a new job and tells everyone. Without Redis the reconciler queues it once Redis is back.
func (s *Service) admitted(ctx context.Context, job *export.Job, redis bool) {
	s.log.InfoContext(ctx, "job admitted", "job", job.ID, "tenant", job.Tenant, "mode", job.Mode, "origin", job.Origin)
	if job.Mode == export.Async {
		if !redis {
			s.requeue.raise()
		} else if _, err := s.queue.Enqueue(ctx, job.ID, 1); err != nil {
			s.log.WarnContext(ctx, "cannot queue the job yet", "job", job.ID, "error", err)
			s.requeue.raise()
		}
	}
	s.news.job(job)
	s.queueMoved(job)
}

// queueMoved tells everyone that queue positions have changed.
func (s *Service) queueMoved(job *export.Job) {
	if job.Mode == export.Async {
		s.news.control(ControlMessage{Kind: ControlQueue})
	}
}

// holdGate closes the gate for the live job that holds the slot.
func (s *Service) holdGate(ctx context.Context, job *export.Job) {
	if err := s.gate.Set(ctx, SlotOf(job), job.ID); err != nil {
		s.log.DebugContext(ctx, "cannot set the gate", "job", job.ID, "error", err)
	}
}

// release opens the gate behind a job that holds its slot no more. A gate that stays closed costs the next request one
// look at the store.
func (s *Service) release(ctx context.Context, job *export.Job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), busTimeout)
	defer cancel()
	if err := s.gate.Release(ctx, SlotOf(job), job.ID); err != nil {
		s.log.DebugContext(ctx, "cannot open the gate", "job", job.ID, "error", err)
	}
}

func inProgress(job *export.Job) error {
	return &export.Error{
		Code:    export.CodeInProgress,
		Message: "An export of yours is in progress. Wait until it ends, or cancel it.",
		Details: map[string]any{"jobId": job.ID, "jobUrl": "/v4/user-export-jobs/" + job.ID},
	}
}

func validKey(key string) error {
	if len(key) > maxKeyBytes {
		return export.Invalid("Idempotency-Key", "must have at most %d bytes", maxKeyBytes)
	}
	for _, r := range key {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return export.Invalid("Idempotency-Key", "must consist of printable characters")
		}
	}
	return nil
}
