package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// Runner makes users files. Its fields are not changed while it runs; many runs may go on at once.
type Runner struct {
	Directory Directory
	Users     Users
	Storage   Storage
	Clock     func() time.Time // nil: time.Now
	Logger    *slog.Logger     // nil: none
	Settings  Settings
}

// Settings tune a run. No setting changes a byte of the file. Zero values stand for the defaults.
type Settings struct {
	PartSize    func(n int) int // bytes at which part n (from 1) is cut, at least MinPart; PartSize
	Buffers     int             // part buffers: as many times the part size is the memory of a run; 3, at least 2
	Uploads     int             // parts stored at once; 2
	BlockUsers  int             // users whose account names are looked up at once; 1,000
	SampleUsers int             // users from which the size is estimated; 200
	Reopens     int             // lost cursors in a row, without a user in between, that end a run; 5
	RetryDelay  time.Duration   // before a cursor is opened again for the second time in a row; doubled from then on; 250 ms
	Cleanup     time.Duration   // how long taking back a failed upload may take; 10 s
}

func (s Settings) withDefaults() Settings {
	if s.PartSize == nil {
		s.PartSize = PartSize
	}
	number := func(n *int, standard int) {
		if *n <= 0 {
			*n = standard
		}
	}
	number(&s.Buffers, 3)
	s.Buffers = max(s.Buffers, 2)
	number(&s.Uploads, 2)
	number(&s.BlockUsers, 1000)
	number(&s.SampleUsers, 200)
	number(&s.Reopens, 5)
	if s.RetryDelay <= 0 {
		s.RetryDelay = 250 * time.Millisecond
	}
	if s.Cleanup <= 0 {
		s.Cleanup = 10 * time.Second
	}
	return s
}

// Result is what a run that ended well leaves behind.
type Result struct {
	File     export.File // proven: it was read back
	Warnings []export.Warning
	Progress export.Progress // exact; 100 %
}

// contentType is that of a users file.
const contentType = "text/csv; charset=utf-8"

// Name returns the name of a job's users file: users_<tenant>_<UTC>.csv.
func Name(job *export.Job) string {
	return "users_" + job.Tenant + "_" + job.CreatedAt.UTC().Format("20060102T150405Z") + ".csv"
}

// Prefix returns what the keys of all of a job's files begin with.
func Prefix(job *export.Job) string { return job.Tenant + "/" + job.ID + "/" }

// Key returns where an attempt stores a job's users file. The storage knows no fencing: an attempt that lost its job while
// it was completing the upload must not be able to overwrite the file of a newer one.
func Key(job *export.Job) string {
	return Prefix(job) + strconv.FormatInt(job.Attempt, 10) + "/" + Name(job)
}

// Run makes the users file of a job. Columns that an earlier attempt froze are kept.
//
// On an error nothing is left in the storage: parts in flight have ended, the upload is gone, and so is the object where
// it was complete already; what a newer attempt stores is under another key. The error is an *export.Error, ErrFenced, an
// error of the observer, or the cause for which ctx ended; then nothing is written any more, and only that clean-up is
// done, for Settings.Cleanup at most.
func (r *Runner) Run(ctx context.Context, job *export.Job, obs Observer) (Result, error) {
	t, err := r.prepare(ctx, job.Tenant, job.Definition, job.Columns)
	if err != nil {
		return Result{}, err
	}
	if err := obs.Prepared(ctx, t.columns, t.meter.progress(false, false)); err != nil {
		return Result{}, failed(ctx, export.CodeInternal, err, "The job could not be kept.")
	}
	obs.Event("prepared", fmt.Sprintf("%s, about %s.", export.Counted(t.meter.total, "user matches", "users match"), megabytes(t.meter.progress(false, false).Users.BytesTotal)))
	key := Key(job)
	if err := obs.Uploading(ctx, key); err != nil {
		return Result{}, failed(ctx, export.CodeInternal, err, "The job could not be kept.")
	}
	upload, err := r.Storage.Create(ctx, key, contentType)
	if err != nil {
		return Result{}, failed(ctx, export.CodeStorage, err, storeFailed)
	}
	file := export.File{Kind: export.UsersFile, Name: Name(job), Key: key, Columns: len(t.columns)}
	completing := false
	if err := r.deliver(ctx, t, upload, obs, &file, &completing); err != nil {
		r.discard(ctx, upload, key, completing)
		return Result{}, err
	}
	progress := t.meter.progress(true, true)
	progress.Percent = 100
	return Result{File: file, Warnings: t.warnings(), Progress: progress}, nil
}

// deliver writes, completes and proves the file. completing is set as soon as there may be an object.
func (r *Runner) deliver(ctx context.Context, t *task, upload Upload, obs Observer, file *export.File, completing *bool) error {
	etags, err := t.write(ctx, upload, obs, file)
	if err != nil {
		return err
	}
	obs.Event("written", fmt.Sprintf("%s, %s and %s in %s.", export.Counted(file.Users, "user", "users"),
		export.Counted(file.Rows, "row", "rows"), megabytes(file.Bytes), export.Counted(int64(len(etags)), "part", "parts")))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	written := t.meter.progress(true, true)
	*completing = true
	incomplete := upload.Complete(ctx, etags)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	// An answer may be lost where the deed was done. The proof tells: it is of every byte.
	if err := r.prove(ctx, *file, func() { obs.Progress(written) }); err != nil {
		if incomplete != nil {
			return failed(ctx, export.CodeStorage, incomplete, storeFailed)
		}
		return err
	}
	if incomplete != nil {
		r.discard(ctx, upload, file.Key, false)
	}
	obs.Event("verified", "The stored file was read back: rows, bytes and SHA-256 are those that were written.")
	return nil
}

// discard takes back what a run has stored under key: its upload, and the object as well where object says so. It goes on
// when the run's own context has ended.
func (r *Runner) discard(ctx context.Context, upload Upload, key string, object bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.Settings.withDefaults().Cleanup)
	defer cancel()
	err := upload.Abort(ctx)
	if object {
		err = errors.Join(err, r.Storage.Delete(ctx, key))
	}
	if err != nil {
		r.logger().WarnContext(ctx, "clean-up after a run is incomplete", "key", key, "error", err)
	}
}

func (r *Runner) logger() *slog.Logger {
	if r.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.Logger.With("component", "run")
}

func (r *Runner) now() time.Time {
	if r.Clock == nil {
		return time.Now()
	}
	return r.Clock()
}

// megabytes writes a size as the toast does: 1 MB is 1,000,000 bytes.
func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
