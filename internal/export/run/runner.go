package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// Runner makes files of users and of their state events. Its fields are not changed while it runs; many runs may go on at once.
type Runner struct {
	Directory Directory
	Users     Users
	Events    Documents        // state events; nil where no definition asks for them
	Storage   Storage          // may be nil where files are only streamed
	Clock     func() time.Time // nil: time.Now
	Logger    *slog.Logger     // nil: none
	Version   string           // of Egress, for manifests
	Settings  Settings
}

// Settings tune a run. No setting changes a byte of the file. Zero values stand for the defaults.
type Settings struct {
	PartSize     func(n int) int // bytes at which part n (from 1) is cut, at least MinPart; PartSize
	Buffers      int             // part buffers: as many times the part size is the memory of a run; 3, at least 2
	Uploads      int             // parts stored at once; 2
	Readers      int             // segments read at once; 1. More want a database that can seek to an id
	Encoders     int             // blocks encoded at once; the number of processors
	Packers      int             // members compressed at once; the number of processors
	BlockUsers   int             // users that are encoded, and whose account names are looked up, at once; 1,000
	BlockBytes   int             // bytes of documents that make a block, however few users they are; 256 KiB
	SegmentUsers int             // users of a segment; by the size of those in the sample
	SampleUsers  int             // users from which the size is estimated; 200
	Reopens      int             // lost cursors in a row, without a user in between, that end a run; 5
	RetryDelay   time.Duration   // before a cursor is opened again for the second time in a row; doubled from then on; 250 ms
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
	number(&s.Readers, 1)
	number(&s.Encoders, runtime.GOMAXPROCS(0))
	number(&s.Packers, runtime.GOMAXPROCS(0))
	number(&s.BlockUsers, 1000)
	number(&s.BlockBytes, blockBytes)
	number(&s.SampleUsers, 200)
	number(&s.Reopens, 5)
	if s.RetryDelay <= 0 {
		s.RetryDelay = 250 * time.Millisecond
	}
	return s
}

// Result is what a run that ended well leaves behind.
type Result struct {
	Files    []export.File // proven: they were read back; those of earlier attempts among them
	Warnings []export.Warning
	Progress export.Progress // exact; 100 %
}

// Name returns the name of a job's file: users_<tenant>_<UTC>.csv or state_events_<tenant>_<UTC>.csv, and what its compression
// adds.
func Name(job *export.Job, kind export.FileKind) string {
	return string(kind) + "_" + job.Tenant + "_" + job.CreatedAt.UTC().Format("20060102T150405Z") + ".csv" + job.Definition.File.Compression.Suffix()
}

// Prefix returns what the keys of all of a job's files begin with.
func Prefix(job *export.Job) string { return job.Tenant + "/" + job.ID + "/" }

// Key returns where an attempt that begins the file stores it. The storage knows no fencing: an attempt that lost its job
// must not be able to overwrite the file of one that began anew.
func Key(job *export.Job, kind export.FileKind) string {
	return Prefix(job) + strconv.FormatInt(job.Attempt, 10) + "/" + Name(job, kind)
}

// Run makes the files of a job, one after the other, but for those that an earlier attempt has finished. It goes on where an
// earlier attempt has stored a file, if what is stored is what the checkpoint says; otherwise it makes the file from its
// beginning, with the columns that an earlier attempt froze.
//
// On an error no part is in flight any more, and what is stored stays: it is a further attempt's to go on with, or its
// caller's to remove, by Prefix. The error is an *export.Error, ErrFenced, an error of the observer, or the cause for which
// ctx ended.
func (r *Runner) Run(ctx context.Context, job *export.Job, obs Observer) (Result, error) {
	at := *job // as the files before have left it
	kinds := job.Definition.Files()
	for i, kind := range kinds {
		if at.FileOf(kind) != nil {
			continue
		}
		file, warned, progress, err := r.make(ctx, &at, kind, obs)
		if err != nil {
			return Result{}, err
		}
		at.Files = append(slices.Clip(at.Files), file)
		at.Warnings = append(slices.Clip(at.Warnings), warned...)
		at.Progress, at.Checkpoint = progress, nil
		if i < len(kinds)-1 {
			at.Progress.Phase = export.DownloadingStateEvents // what is next is prepared in that phase
			obs.Progress(at.Progress)
			if err := obs.Finished(ctx, file, warned); err != nil {
				return Result{}, notKept(ctx, err)
			}
		}
	}
	at.Progress.Percent = 100
	return Result{Files: at.Files, Warnings: at.Warnings, Progress: at.Progress}, nil
}

// make makes one file of a job.
func (r *Runner) make(
	ctx context.Context, job *export.Job, kind export.FileKind, obs Observer,
) (file export.File, warned []export.Warning, p export.Progress, err error) {
	t, err := r.task(ctx, job, kind, obs)
	if err != nil {
		return file, nil, p, err
	}
	at, err := t.resumeOrBegin(ctx, &file)
	if err == nil {
		err = t.describe(ctx, *at, &file)
	}
	if err != nil {
		return file, nil, p, err
	}
	return file, warnings(kind, *at), t.meter.progress(true, true), nil
}

// task prepares one file of a job.
func (r *Runner) task(ctx context.Context, job *export.Job, kind export.FileKind, obs Observer) (*task, error) {
	t, err := r.prepare(ctx, job.Tenant, kind, job.Definition, job.ColumnsOf(kind))
	if err != nil {
		return nil, err
	}
	t.job, t.obs = job, obs
	t.meter.other = r.other(ctx, job, kind)
	t.meter.begin(job.Progress)
	return t, nil
}

// other tells what the job's other file comes to: exactly behind it, and before it about, nil where there is none. It is there
// for the sake of progress alone: what goes wrong with it now goes wrong again when its turn comes.
func (r *Runner) other(ctx context.Context, job *export.Job, kind export.FileKind) *export.FileProgress {
	if len(job.Definition.Files()) == 1 {
		return nil
	}
	if kind == export.StateEventsFile {
		done := job.Progress.Users
		return &done
	}
	if told := job.Progress.StateEvents; told != nil && told.BytesTotal > 0 {
		return told
	}
	t, err := r.prepare(ctx, job.Tenant, export.StateEventsFile, job.Definition, job.EventColumns)
	if err == nil {
		err = t.survey(ctx)
	}
	if err != nil {
		r.logger().WarnContext(ctx, "cannot tell yet how many state events there are", "job", job.ID, "error", err)
		return &export.FileProgress{}
	}
	return t.meter.progress(false, false).StateEvents
}

// resumeOrBegin makes the file, and returns where it stands when it is proven.
func (t *task) resumeOrBegin(ctx context.Context, file *export.File) (*export.Checkpoint, error) {
	at, err := t.resume(ctx, file)
	switch {
	case err != nil && export.CodeOf(err) != export.CodeMismatch && !errors.Is(err, errNotAsKept):
		return nil, err
	case err != nil:
		t.runner.logger().WarnContext(ctx, "what is stored cannot be gone on with", "job", t.job.ID, "error", err)
		t.obs.Event("restarted", "What was stored before could not be used. The file is made from its beginning.")
		t.meter.restart()
		return t.begin(ctx, file)
	case at == nil:
		return t.begin(ctx, file)
	default:
		return at, nil
	}
}

// announce surveys what a file will be made from, and says so.
func (t *task) announce(ctx context.Context) error {
	if err := t.survey(ctx); err != nil {
		return err
	}
	p := t.meter.progress(false, false)
	if err := t.obs.Prepared(ctx, t.kind, t.columns, p); err != nil {
		return notKept(ctx, err)
	}
	counted, about := export.Counted(t.meter.total, "user matches", "users match"), p.Users.BytesTotal
	if t.kind == export.StateEventsFile {
		counted, about = export.Counted(t.meter.total, "state event", "state events"), p.StateEvents.BytesTotal
	}
	t.obs.Event("prepared", fmt.Sprintf("%s, about %s.", counted, megabytes(about)))
	return nil
}

// begin makes the file from its beginning.
func (t *task) begin(ctx context.Context, file *export.File) (*export.Checkpoint, error) {
	if err := t.announce(ctx); err != nil {
		return nil, err
	}
	key := Key(t.job, t.kind)
	if err := t.obs.Uploading(ctx, key); err != nil {
		return nil, notKept(ctx, err)
	}
	upload, err := t.runner.Storage.Create(ctx, key, ContentType(t.compression()))
	if err != nil {
		return nil, failed(ctx, export.CodeStorage, err, storeFailed)
	}
	return t.deliver(ctx, upload, export.Checkpoint{Kind: t.kind, Key: key, UploadID: upload.ID(), Matched: t.meter.total}, nil, file)
}

// deliver writes what comes behind at, makes the object, and proves it.
func (t *task) deliver(ctx context.Context, upload Upload, at export.Checkpoint, etags []string, file *export.File) (*export.Checkpoint, error) {
	at, etags, err := t.write(ctx, upload, at, etags, t.obs)
	if err != nil {
		return nil, err
	}
	t.obs.Event("written", fmt.Sprintf("%s and %s in %s.", t.passed(at), megabytes(at.Bytes), export.Counted(int64(len(etags)), "part", "parts")))
	*file = t.file(at)
	written := *file
	at.File = &written
	if err := t.obs.Completing(ctx, at); err != nil {
		return nil, notKept(ctx, err)
	}
	return &at, t.complete(ctx, upload, etags, *file)
}

// passed counts what is in a file.
func (t *task) passed(at export.Checkpoint) string {
	if t.kind == export.StateEventsFile {
		return export.Counted(at.Rows, "state event", "state events")
	}
	return export.Counted(at.Users, "user", "users") + ", " + export.Counted(at.Rows, "row", "rows")
}

// file is the receipt of what was written up to its end.
func (t *task) file(at export.Checkpoint) export.File {
	return export.File{
		Kind: t.kind, Name: Name(t.job, t.kind), Key: at.Key, Bytes: at.Bytes, Plain: at.Plain, Rows: at.Rows, Users: at.Users,
		Columns: len(t.columns), SHA256: sumOf(at.Hash), Matched: at.Matched,
	}
}

// complete makes the object of its parts, and proves it.
func (t *task) complete(ctx context.Context, upload Upload, etags []string, file export.File) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	written := t.meter.progress(true, true)
	incomplete := upload.Complete(ctx, etags)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	// An answer may be lost where the deed was done. The proof tells: it is of every byte.
	err := t.runner.prove(ctx, file, t.compression(), func(int64) { t.obs.Progress(written) })
	switch {
	case err != nil && incomplete != nil:
		return failed(ctx, export.CodeStorage, incomplete, storeFailed)
	case err != nil:
		return err
	}
	t.obs.Event("verified", "The stored file was read back: rows, bytes and SHA-256 are those that were written.")
	return nil
}

// ContentType returns the media type of a file.
func ContentType(c export.Compression) string {
	switch c {
	case export.CompressionGzip:
		return "application/gzip"
	case export.CompressionZstd:
		return "application/zstd"
	default:
		return "text/csv; charset=utf-8"
	}
}

func notKept(ctx context.Context, err error) error {
	return failed(ctx, export.CodeInternal, err, "The job could not be kept.")
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
