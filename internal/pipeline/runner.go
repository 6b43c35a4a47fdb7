package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// Options are the dependencies and settings of a Runner.
type Options struct {
	Planner   Planner // nil if the runner only previews and verifies
	Accounts  Accounts
	Users     Users
	Events    Documents        // state events; nil if this server does not export them
	Snapshots Snapshots        // of Users and Events; nil if the store has none
	Storage   Storage          // may be nil if the runner only streams
	Reach     export.Reach     // the location of Storage, and which files it can read
	Clock     func() time.Time // nil: time.Now
	Logger    *slog.Logger     // nil: none
	Version   string           // of Egress, for manifests
	Settings  Settings
}

// Runner produces users files and state events files. Concurrent runs are safe.
type Runner struct {
	o       Options
	running atomic.Int64 // calls of Run and Stream
}

// New returns a Runner.
func New(o Options) *Runner {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Logger = o.Logger.With("component", "run")
	return &Runner{o: o}
}

// Running reports whether a call of Run or Stream makes a file. Other work can leave it the CPU.
func (r *Runner) Running() bool { return r.running.Load() > 0 }

// Result is the outcome of a successful run.
type Result struct {
	Files    []export.File // verified, including those of earlier attempts
	Warnings []export.Warning
	Progress export.Progress // final: 100 %
}

// Run produces the files of a job one after the other, and skips those that an earlier attempt
// finished. If the stored parts match the job's checkpoint, Run resumes the file; otherwise it
// writes the file again with the frozen columns. Run blocks until the files are verified.
//
// If the store has snapshots, a call of Run reads all files from one.
//
// When Run returns an error, no upload is in flight. The stored parts remain: the next attempt may
// resume them, or the caller removes them by Prefix. The error is an *errs.Error, ErrFenced, an
// error of the observer, or the cause of ctx.
func (r *Runner) Run(ctx context.Context, job *export.Job, obs Observer) (Result, error) {
	current := *job // the job after the files so far
	kinds := job.Definition.Files()
	if len(job.Files) == len(kinds) {
		return r.result(current), nil
	}
	r.running.Add(1)
	defer r.running.Add(-1)
	v, err := r.openView(ctx, job.Tenant)
	if err != nil {
		return Result{}, err
	}
	defer v.close(ctx)
	plan, err := r.plan(ctx, job)
	if err != nil {
		return Result{}, err
	}
	for i, kind := range kinds {
		if current.FileOf(kind) != nil {
			continue
		}
		file, warnings, progress, err := r.makeFile(ctx, plan, v, &current, kind, obs)
		if err != nil {
			return Result{}, err
		}
		current.Files = append(slices.Clip(current.Files), file)
		current.Warnings = append(slices.Clip(current.Warnings), warnings...)
		current.Progress, current.Checkpoint = progress, nil
		if i < len(kinds)-1 {
			// The next file is prepared in its own phase.
			current.Progress.Phase = export.DownloadingStateEvents
			obs.Progress(current.Progress)
			if err := obs.Finished(ctx, file, warnings); err != nil {
				return Result{}, saveError(ctx, err)
			}
		}
	}
	return r.result(current), nil
}

func (r *Runner) result(job export.Job) Result {
	job.Progress.Percent = 100
	return Result{Files: job.Files, Warnings: job.Warnings, Progress: job.Progress}
}

func (r *Runner) plan(ctx context.Context, job *export.Job) (*Plan, error) {
	plan, err := r.o.Planner.Plan(ctx, job.Tenant, job.Definition)
	return plan, wrapFailure(ctx, errs.CodeDatabaseUnavailable, err, msgPrepareFailed)
}

// makeFile produces one file of a job.
func (r *Runner) makeFile(
	ctx context.Context, plan *Plan, v *view, job *export.Job, kind export.FileKind, obs Observer,
) (file export.File, warnings []export.Warning, p export.Progress, err error) {
	t, err := r.newTask(ctx, plan, v, job, kind, obs)
	if err != nil {
		return file, nil, p, err
	}
	cp, err := t.resumeOrStart(ctx, &file)
	if err == nil {
		err = t.storeManifest(ctx, *cp, &file)
	}
	if err != nil {
		return file, nil, p, err
	}
	return file, t.warnings(*cp), t.meter.progress(true, true), nil
}

// newTask prepares one file of a job.
func (r *Runner) newTask(
	ctx context.Context, plan *Plan, v *view, job *export.Job, kind export.FileKind, obs Observer,
) (*task, error) {
	t, err := r.prepare(plan, v, kind, job.ColumnsOf(kind))
	if err != nil {
		return nil, err
	}
	t.job, t.obs = job, obs
	t.meter.otherFile = r.otherFileProgress(ctx, plan, v, job, kind)
	t.meter.restore(job.Progress)
	return t, nil
}

// otherFileProgress returns the size of the job's other file: exact after that file, an estimate
// before it, and nil for a job with one file. It serves the progress only. It ignores errors, since
// they recur when that file is prepared.
func (r *Runner) otherFileProgress(
	ctx context.Context, plan *Plan, v *view, job *export.Job, kind export.FileKind,
) *export.FileProgress {
	if len(job.Definition.Files()) == 1 {
		return nil
	}
	if kind == export.StateEventsFile {
		done := job.Progress.Users
		return &done
	}
	if known := job.Progress.StateEvents; known != nil && known.BytesTotal > 0 {
		return known
	}
	t, err := r.prepare(plan, v, export.StateEventsFile, job.EventColumns)
	if err == nil {
		err = t.survey(ctx)
	}
	if err != nil {
		r.o.Logger.WarnContext(ctx, "cannot count the state events yet; the progress leaves them out", "job", job.ID, "error", err)
		return &export.FileProgress{}
	}
	return t.meter.progress(false, false).StateEvents
}

// resumeOrStart produces the file, and returns the final checkpoint once it is verified.
func (t *task) resumeOrStart(ctx context.Context, file *export.File) (*export.Checkpoint, error) {
	cp, err := t.resume(ctx, file)
	switch {
	case err != nil && errs.CodeOf(err) != errs.CodeVerificationFailed && !errors.Is(err, errCheckpointMismatch):
		return nil, err
	case err != nil:
		t.runner.o.Logger.WarnContext(ctx, "cannot resume from checkpoint; restarting the file", "job", t.job.ID, "error", err)
		t.obs.Event("restarted", "Egress could not resume from the checkpoint. It writes the file again from the beginning.")
		t.meter.restart()
		return t.start(ctx, file)
	case cp == nil:
		return t.start(ctx, file)
	default:
		return cp, nil
	}
}

// surveyAndReport surveys the documents and reports the result to the observer.
func (t *task) surveyAndReport(ctx context.Context) error {
	if err := t.survey(ctx); err != nil {
		return err
	}
	p := t.meter.progress(false, false)
	if err := t.obs.Prepared(ctx, t.kind, t.columns, p); err != nil {
		return saveError(ctx, err)
	}
	counted, about := export.Pluralize(t.meter.matched, "user matches", "users match"), p.Users.BytesTotal
	if t.kind == export.StateEventsFile {
		counted, about = export.Pluralize(t.meter.matched, "state event", "state events"), p.StateEvents.BytesTotal
	}
	t.obs.Event("prepared", fmt.Sprintf("%s, about %s.", counted, export.FormatSize(about)))
	return nil
}

// start writes the file from the beginning.
func (t *task) start(ctx context.Context, file *export.File) (*export.Checkpoint, error) {
	t.startReading(nil)
	if err := t.surveyAndReport(ctx); err != nil {
		return nil, err
	}
	key := Key(t.job, t.kind)
	if err := t.obs.Uploading(ctx, key); err != nil {
		return nil, saveError(ctx, err)
	}
	upload, err := t.runner.o.Storage.Create(ctx, key, ContentType(t.compression()))
	if err != nil {
		return nil, wrapFailure(ctx, errs.CodeStorageUnavailable, err, msgStoreFailed)
	}
	return t.writeAndComplete(ctx, upload, export.Checkpoint{
		Kind: t.kind, Key: key, UploadID: upload.ID(), Location: t.runner.o.Reach.Current, Matched: t.meter.matched,
	}, nil, file)
}

// writeAndComplete writes the users after cp, completes the upload, and verifies the object.
func (t *task) writeAndComplete(ctx context.Context, upload Upload, cp export.Checkpoint, parts []StoredPart, file *export.File) (*export.Checkpoint, error) {
	cp, parts, err := t.write(ctx, upload, cp, parts, t.obs)
	if err != nil {
		return nil, err
	}
	t.obs.Event("written", fmt.Sprintf("%s and %s in %s.", t.counts(cp), export.FormatSize(cp.Bytes), export.Pluralize(int64(len(parts)), "part", "parts")))
	*file = t.receipt(cp)
	written := *file
	cp.File = &written
	if err := t.obs.Completing(ctx, cp); err != nil {
		return nil, saveError(ctx, err)
	}
	return &cp, t.complete(ctx, upload, parts, *file)
}

// counts returns a text with the number of users and rows, or of state events.
func (t *task) counts(cp export.Checkpoint) string {
	if t.kind == export.StateEventsFile {
		return export.Pluralize(cp.Rows, "state event", "state events")
	}
	return export.Pluralize(cp.Users, "user", "users") + ", " + export.Pluralize(cp.Rows, "row", "rows")
}

// receipt returns the export.File for a file that ends at cp.
func (t *task) receipt(cp export.Checkpoint) export.File {
	return export.File{
		Kind: t.kind, Name: Name(t.job, t.kind), Key: cp.Key, Location: cp.Location, Bytes: cp.Bytes, Plain: cp.Plain, Rows: cp.Rows, Users: cp.Users,
		Columns: len(t.columns), SHA256: hexSHA256(cp.Hash), Matched: cp.Matched, ReadAsOf: t.readAsOf(),
	}
}

// complete completes the upload, and verifies the object.
func (t *task) complete(ctx context.Context, upload Upload, parts []StoredPart, file export.File) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	written := t.meter.progress(true, true)
	incomplete := upload.Complete(ctx, parts)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	// The response may be lost although the object exists. The verification decides: it reads every
	// byte.
	err := t.runner.verifyFile(ctx, file, t.compression(), func(int64) { t.obs.Progress(written) })
	switch {
	case err != nil && incomplete != nil:
		return wrapFailure(ctx, errs.CodeStorageUnavailable, incomplete, msgStoreFailed)
	case err != nil:
		return err
	}
	t.obs.Event("verified", "The stored file was read back. Its rows, bytes and SHA-256 match what was written.")
	return nil
}

func saveError(ctx context.Context, err error) error {
	return wrapFailure(ctx, errs.CodeInternal, err, "Egress could not save the job.")
}
