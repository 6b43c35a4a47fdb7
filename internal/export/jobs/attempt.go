package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

// Why a run is stopped, beside run.ErrFenced.
var (
	errShutdown = errors.New("jobs: the process is shutting down")
	errStuck    = export.Errorf(export.CodeUnavailable, "The export made no progress for too long.")
	errEnded    = errors.New("jobs: the attempt has ended")
	errGone     = errors.New("jobs: the client of the stream has gone")
	// errUnsure is a fence, too: nobody knows whether a newer attempt has begun, so its objects must be left alone.
	errUnsure = fmt.Errorf("jobs: ownership could not be confirmed for too long: %w", run.ErrFenced)
)

// attempt is a run that owns its job until it ends or is fenced. It is the run's observer.
type attempt struct {
	s   *Service
	log *slog.Logger

	id      string             // of the job
	stalled int                // attempts before this one that ended without a new checkpoint, in a row
	began   *export.Checkpoint // where it began; nil: at the beginning

	owned   context.Context // ends when the attempt owns its job no more
	disown  context.CancelCauseFunc
	running context.Context // ends with owned, and when the process shuts down
	unhook  func() bool
	doubt   *time.Timer // fires when ownership could not be confirmed for too long
	stuck   *time.Timer // fires when the run has made no progress for too long

	look  signal // write a sign of life now
	phase signal // the run's phase has changed
	moved signal // there is a new checkpoint

	writing sync.Mutex // one write at a time, so that versions reach the store in order
	over    bool       // the last write was sent; guarded by writing

	mu       sync.Mutex // guards what follows
	job      export.Job // as last stored, with the newest sequence
	progress export.Progress
	events   []export.Event     // not stored yet
	at       *export.Checkpoint // the newest
	further  bool               // at is further than where any attempt before has come
	changed  bool               // progress since it was last published
	ended    bool               // the last version is made: nothing may be published above it
}

var _ run.Observer = (*attempt)(nil)

func (s *Service) newAttempt(ctx context.Context, job *export.Job) *attempt {
	a := &attempt{
		s: s, id: job.ID, stalled: job.Stalled, began: job.Checkpoint, log: s.log.With("job", job.ID, "tenant", job.Tenant, "attempt", job.Attempt),
		look: newSignal(), phase: newSignal(), moved: newSignal(), job: *job, progress: job.Progress, at: job.Checkpoint,
	}
	a.owned, a.disown = context.WithCancelCause(context.WithoutCancel(ctx))
	running, stop := context.WithCancelCause(a.owned)
	a.running = running
	a.unhook = context.AfterFunc(ctx, func() {
		if cause := context.Cause(ctx); errors.Is(cause, errGone) {
			stop(cause)
		} else {
			stop(errShutdown)
		}
	})
	a.doubt = time.AfterFunc(s.set.doubtAfter(), func() { a.disown(errUnsure) })
	a.stuck = time.AfterFunc(s.set.StuckAfter, func() { stop(errStuck) })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[a] = struct{}{}
	return a
}

func (a *attempt) close() {
	a.disown(errEnded)
	a.unhook()
	a.doubt.Stop()
	a.stuck.Stop()
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	delete(a.s.running, a)
}

// Prepared implements run.Observer.
func (a *attempt) Prepared(ctx context.Context, kind export.FileKind, columns []export.Column, p export.Progress) error {
	a.setProgress(p)
	err := a.persist(ctx, func(job *export.Job) {
		if kind == export.StateEventsFile {
			job.EventColumns = columns
		} else {
			job.Columns = columns
		}
	})
	if err == nil {
		a.publishProgress()
	}
	return err
}

// Uploading implements run.Observer.
func (a *attempt) Uploading(ctx context.Context, key string) error {
	return a.persist(ctx, func(job *export.Job) {
		if !slices.Contains(job.Uploads, key) {
			job.Uploads = append(slices.Clip(job.Uploads), key)
		}
	})
}

// Checkpoint implements run.Observer.
func (a *attempt) Checkpoint(at export.Checkpoint) {
	a.moves()
	a.setCheckpoint(at)
	a.moved.raise()
}

// Completing implements run.Observer.
func (a *attempt) Completing(ctx context.Context, at export.Checkpoint) error {
	a.setCheckpoint(at)
	return a.persist(ctx, nil)
}

// Finished implements run.Observer.
func (a *attempt) Finished(ctx context.Context, file export.File, warnings []export.Warning) error {
	a.mu.Lock()
	a.began, a.at, a.further = nil, nil, true // a checkpoint names its file: one that is written once more does no harm
	a.mu.Unlock()
	return a.persist(ctx, func(job *export.Job) {
		job.Files = append(slices.Clip(job.Files), file)
		job.Warnings = append(slices.Clip(job.Warnings), warnings...)
	})
}

func (a *attempt) setCheckpoint(at export.Checkpoint) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.further = a.further || a.began == nil || at.Bytes > a.began.Bytes
	a.at = &at
}

// hasMoved reports whether the attempt has come further than those before it.
func (a *attempt) hasMoved() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.further
}

// Progress implements run.Observer.
func (a *attempt) Progress(p export.Progress) {
	a.moves()
	if a.setProgress(p) {
		a.phase.raise()
	}
}

// Event implements run.Observer.
func (a *attempt) Event(kind, message string) {
	a.moves()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, export.Event{Time: a.s.time(), Kind: kind, Message: message})
}

// moves notes that the run makes progress.
func (a *attempt) moves() {
	if a.stuck.Stop() {
		a.stuck.Reset(a.s.set.StuckAfter)
	}
}

// setProgress keeps the newest counts and reports whether they are of another phase. A phase that cannot follow the
// last one is not believed.
func (a *attempt) setProgress(p export.Progress) (moved bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := a.progress.Phase
	if p.Phase != last {
		if moved = p.Phase.Running() && slices.Contains(p.Phase.Before(), last); !moved {
			p.Phase = last
		}
	}
	a.progress, a.changed = p, true
	return moved
}

// view returns the job as it is this moment, with a version of its own.
func (a *attempt) view() *export.Job {
	a.mu.Lock()
	defer a.mu.Unlock()
	job, _ := a.viewLocked()
	return job
}

func (a *attempt) viewLocked() (job *export.Job, events int) {
	a.job.Sequence++
	now := a.job
	now.Progress = a.progress
	now.Status = a.progress.Phase
	now.History = appendEvent(a.job.History, a.events...)
	now.Checkpoint = a.at
	if a.further {
		now.Stalled = 0
	}
	return &now, len(a.events)
}

// publishProgress tells everyone how far the run is, if that has changed. Versions are queued in the order in which they are
// made: several goroutines publish.
func (a *attempt) publishProgress() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.changed || a.ended || a.owned.Err() != nil {
		return
	}
	a.changed = false
	job, _ := a.viewLocked()
	a.s.news.job(job)
}

// persist writes the job as it is, changed as told, with a new sign of life. Errors are run.ErrFenced, which also stops
// the run, the context's, or carry export.CodeDatabase.
func (a *attempt) persist(ctx context.Context, change func(*export.Job)) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	if a.over {
		return run.ErrFenced
	}
	_, err := a.write(ctx, change)
	return err
}

// write does what persist does; the caller holds writing.
func (a *attempt) write(ctx context.Context, change func(*export.Job)) (*export.Job, error) {
	if a.owned.Err() != nil {
		return nil, run.ErrFenced
	}
	a.mu.Lock()
	job, events := a.viewLocked()
	a.mu.Unlock()
	job.Heartbeat = a.s.time()
	if change != nil {
		change(job)
	}
	sent := time.Now()
	err := a.s.store.Update(ctx, job, Within(job))
	switch {
	case errors.Is(err, ErrConflict):
		a.disown(run.ErrFenced)
		return nil, run.ErrFenced
	case err != nil && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, export.Wrap(export.CodeDatabase, wrap(err, "write the job"), "The database did not answer.")
	}
	// Others judge by the time that was written, so the doubt counts from before the write.
	if a.doubt.Stop() {
		a.doubt.Reset(a.s.set.doubtAfter() - time.Since(sent))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	newest := a.job.Sequence // progress that was published meanwhile has had higher ones
	a.job = *job
	a.job.Sequence = newest
	a.events = a.events[events:]
	return job, nil
}
