package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// The reasons to stop a run, other than pipeline.ErrFenced.
var (
	errShutdown     = errors.New("jobs: the process is shutting down")
	errStuck        = errs.Errorf(errs.CodeUnavailable, "The export made no progress for too long.")
	errAttemptEnded = errors.New("jobs: the attempt has ended")
	errClientGone   = errors.New("jobs: the client of the stream has gone")
	// errOwnershipUnconfirmed counts as a fence: a newer attempt may have started, so its objects must
	// not be touched.
	errOwnershipUnconfirmed = fmt.Errorf("jobs: ownership could not be confirmed for too long: %w", pipeline.ErrFenced)
)

// attempt is a run that owns its job until the run ends or is fenced. It implements
// pipeline.Observer.
type attempt struct {
	w   *worker
	log *slog.Logger

	id              string             // of the job
	stalled         int                // previous attempts in a row that ended without a new checkpoint
	startCheckpoint *export.Checkpoint // where the attempt started; nil: from the beginning

	ownership      context.Context // ends when the attempt no longer owns its job
	endOwnership   context.CancelCauseFunc
	running        context.Context // ends with ownership, and when the process shuts down
	stopWatching   func() bool
	ownershipTimer *time.Timer // fires when ownership was not confirmed for too long
	progressTimer  *time.Timer // fires when the run has made no progress for too long

	checkNow     signal // write a heartbeat now
	phase        signal // the run's phase has changed
	checkpointed signal // there is a new checkpoint

	writing       sync.Mutex // serializes writes, so that versions reach the store in order
	lastWriteSent bool       // guarded by writing

	mu              sync.Mutex // guards what follows
	job             export.Job // as last stored, with the newest sequence number
	progress        export.Progress
	events          []export.Event     // not stored yet
	checkpoint      *export.Checkpoint // the newest
	advanced        bool               // checkpoint is past that of any earlier attempt
	recovery        recovery           // whether the job's Retry still applies
	changed         bool               // progress was made since the last publish
	published       *export.Job        // as last published; nil: not yet by this attempt
	stateVersion    int64              // the published version that last changed more than the progress
	lastVersionMade bool               // the last version exists: no higher one may be published
}

var _ pipeline.Observer = (*attempt)(nil)

func (w *worker) newAttempt(ctx context.Context, job *export.Job) *attempt {
	a := &attempt{
		w: w, id: job.ID, stalled: job.Stalled, startCheckpoint: job.Checkpoint, log: w.log.With("job", job.ID, "tenant", job.Tenant, "attempt", job.Attempt),
		checkNow: newSignal(), phase: newSignal(), checkpointed: newSignal(), job: *job, progress: job.Progress, checkpoint: job.Checkpoint,
	}
	a.ownership, a.endOwnership = context.WithCancelCause(context.WithoutCancel(ctx))
	running, stop := context.WithCancelCause(a.ownership)
	a.running = running
	a.stopWatching = context.AfterFunc(ctx, func() {
		if cause := context.Cause(ctx); errors.Is(cause, errClientGone) {
			stop(cause)
		} else {
			stop(errShutdown)
		}
	})
	a.ownershipTimer = time.AfterFunc(w.set.ownershipTimeout(), func() { a.endOwnership(errOwnershipUnconfirmed) })
	a.progressTimer = time.AfterFunc(w.set.StuckAfter, func() { stop(errStuck) })
	w.running.add(a)
	return a
}

// close ends the ownership and frees the timers.
func (a *attempt) close() {
	a.endOwnership(errAttemptEnded)
	a.stopWatching()
	a.ownershipTimer.Stop()
	a.progressTimer.Stop()
	a.w.running.remove(a)
}

// Prepared implements pipeline.Observer.
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

// Uploading implements pipeline.Observer.
func (a *attempt) Uploading(ctx context.Context, key string) error {
	return a.persist(ctx, func(job *export.Job) {
		if !slices.Contains(job.Uploads, key) {
			job.Uploads = append(slices.Clip(job.Uploads), key)
		}
	})
}

// Checkpoint implements pipeline.Observer.
func (a *attempt) Checkpoint(at export.Checkpoint) {
	a.resetProgressTimer()
	a.setCheckpoint(at)
	a.checkpointed.raise()
}

// Completing implements pipeline.Observer.
func (a *attempt) Completing(ctx context.Context, at export.Checkpoint) error {
	a.setCheckpoint(at)
	return a.persist(ctx, nil)
}

// Finished implements pipeline.Observer.
func (a *attempt) Finished(ctx context.Context, file export.File, warnings []export.Warning) error {
	a.mu.Lock()
	// A checkpoint names its file, so a late write of an old one does no harm.
	a.startCheckpoint, a.checkpoint, a.advanced = nil, nil, true
	a.mu.Unlock()
	return a.persist(ctx, func(job *export.Job) {
		job.Files = append(slices.Clip(job.Files), file)
		job.Warnings = append(slices.Clip(job.Warnings), warnings...)
	})
}

func (a *attempt) setCheckpoint(at export.Checkpoint) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.advanced = a.advanced || a.startCheckpoint == nil || at.Bytes > a.startCheckpoint.Bytes
	a.checkpoint = &at
}

// hasAdvanced reports whether the attempt made more progress than earlier ones.
func (a *attempt) hasAdvanced() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.advanced
}

// Progress implements pipeline.Observer.
func (a *attempt) Progress(p export.Progress) {
	a.resetProgressTimer()
	if a.setProgress(p) {
		a.phase.raise()
	}
}

// Event implements pipeline.Observer.
func (a *attempt) Event(kind, message string) {
	a.resetProgressTimer()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, export.Event{Time: a.w.time(), Kind: kind, Message: message})
}

// resetProgressTimer records that the run makes progress.
func (a *attempt) resetProgressTimer() {
	if a.progressTimer.Stop() {
		a.progressTimer.Reset(a.w.set.StuckAfter)
	}
}

// setProgress stores the newest counts and reports whether the phase changed. It ignores a phase
// that cannot follow the last one.
func (a *attempt) setProgress(p export.Progress) (phaseChanged bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := a.progress.Phase
	if p.Phase != last {
		if phaseChanged = p.Phase.Running() && slices.Contains(p.Phase.Predecessors(), last); !phaseChanged {
			p.Phase = last
		}
	}
	a.progress, a.changed = p, true
	a.recovery.observe(p, a.job.Retry)
	return phaseChanged
}

// nextVersion returns the job's current state as a new version: it increments the sequence number.
func (a *attempt) nextVersion() *export.Job {
	a.mu.Lock()
	defer a.mu.Unlock()
	job, _ := a.nextVersionLocked()
	return job
}

// nextVersionLocked is nextVersion for callers that hold mu. It also returns how many events the
// version contains.
func (a *attempt) nextVersionLocked() (job *export.Job, events int) {
	a.job.Sequence++
	now := a.job
	now.Progress = a.progress
	now.Status = a.progress.Phase
	now.History = appendEvent(a.job.History, a.events...)
	now.Checkpoint = a.checkpoint
	if a.advanced {
		now.Stalled = 0
	}
	if a.advanced || a.recovery.done {
		now.Retry = nil
	}
	return &now, len(a.events)
}

// publishProgress publishes the progress if it changed, and the whole job if its state changed. It
// holds mu while queueing, so that versions are queued in order: several goroutines publish.
func (a *attempt) publishProgress() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.changed || a.lastVersionMade || a.ownership.Err() != nil {
		return
	}
	a.changed = false
	job, _ := a.nextVersionLocked()
	if a.published == nil || !job.SameState(a.published) {
		a.stateVersion = job.Version()
		a.w.updates.publish(job)
	} else {
		series := !job.Progress.Throughput.SameSeries(a.published.Progress.Throughput)
		a.w.updates.publishProgress(job, a.stateVersion, series)
	}
	a.published = job
}

// persist writes the job's current state, modified by change, with a new heartbeat. Errors:
// pipeline.ErrFenced, which also stops the run; the cause of ctx; or one with errs.CodeDatabaseUnavailable.
func (a *attempt) persist(ctx context.Context, change func(*export.Job)) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	if a.lastWriteSent {
		return pipeline.ErrFenced
	}
	_, err := a.write(ctx, change)
	return err
}

// write does the work of persist. The caller holds writing.
func (a *attempt) write(ctx context.Context, change func(*export.Job)) (*export.Job, error) {
	if a.ownership.Err() != nil {
		return nil, pipeline.ErrFenced
	}
	a.mu.Lock()
	job, events := a.nextVersionLocked()
	a.mu.Unlock()
	job.Heartbeat = a.w.time()
	if change != nil {
		change(job)
	}
	sent := time.Now()
	err := a.w.store.Update(ctx, job, Within(job))
	switch {
	case errors.Is(err, ErrConflict):
		a.endOwnership(pipeline.ErrFenced)
		return nil, pipeline.ErrFenced
	case err != nil && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, errs.Wrap(errs.CodeDatabaseUnavailable, wrap(err, "write the job"), "The database did not answer.")
	}
	// Other processes read the heartbeat that was written, so the timer counts from before the write.
	if a.ownershipTimer.Stop() {
		a.ownershipTimer.Reset(a.w.set.ownershipTimeout() - time.Since(sent))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	newest := a.job.Sequence // progress published meanwhile has higher numbers
	a.job = *job
	a.job.Sequence = newest
	a.events = a.events[events:]
	return job, nil
}
