package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
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
	File     export.File // proven: it was read back
	Warnings []export.Warning
	Progress export.Progress // exact; 100 %
}

// Name returns the name of a job's users file: users_<tenant>_<UTC>.csv, and what its compression adds.
func Name(job *export.Job) string {
	return "users_" + job.Tenant + "_" + job.CreatedAt.UTC().Format("20060102T150405Z") + ".csv" + job.Definition.File.Compression.Suffix()
}

// Prefix returns what the keys of all of a job's files begin with.
func Prefix(job *export.Job) string { return job.Tenant + "/" + job.ID + "/" }

// Key returns where an attempt that begins the file stores it. The storage knows no fencing: an attempt that lost its job
// must not be able to overwrite the file of one that began anew.
func Key(job *export.Job) string {
	return Prefix(job) + strconv.FormatInt(job.Attempt, 10) + "/" + Name(job)
}

// Run makes the users file of a job. It goes on where an earlier attempt has stored it, if what is stored is what the
// checkpoint says; otherwise it makes the file from its beginning, with the columns that an earlier attempt froze.
//
// On an error no part is in flight any more, and what is stored stays: it is a further attempt's to go on with, or its
// caller's to remove, by Prefix. The error is an *export.Error, ErrFenced, an error of the observer, or the cause for which
// ctx ended.
func (r *Runner) Run(ctx context.Context, job *export.Job, obs Observer) (Result, error) {
	t, err := r.prepare(ctx, job.Tenant, job.Definition, job.Columns)
	if err != nil {
		return Result{}, err
	}
	t.job, t.obs = job, obs
	t.meter.begin(job.Progress)
	var file export.File
	at, err := t.resume(ctx, &file)
	switch {
	case err != nil && export.CodeOf(err) != export.CodeMismatch && !errors.Is(err, errNotAsKept):
		return Result{}, err
	case err != nil:
		r.logger().WarnContext(ctx, "what is stored cannot be gone on with", "job", job.ID, "error", err)
		obs.Event("restarted", "What was stored before could not be used. The file is made from its beginning.")
		t.meter.restart()
		fallthrough
	case at == nil:
		if at, err = t.begin(ctx, &file); err != nil {
			return Result{}, err
		}
	}
	if err := t.describe(ctx, *at, &file); err != nil {
		return Result{}, err
	}
	progress := t.meter.progress(true, true)
	progress.Percent = 100
	return Result{File: file, Warnings: warnings(*at), Progress: progress}, nil
}

// begin makes the file from its beginning.
func (t *task) begin(ctx context.Context, file *export.File) (*export.Checkpoint, error) {
	if err := t.survey(ctx); err != nil {
		return nil, err
	}
	p := t.meter.progress(false, false)
	if err := t.obs.Prepared(ctx, t.columns, p); err != nil {
		return nil, notKept(ctx, err)
	}
	t.obs.Event("prepared", fmt.Sprintf("%s, about %s.", export.Counted(t.meter.total, "user matches", "users match"), megabytes(p.Users.BytesTotal)))
	key := Key(t.job)
	if err := t.obs.Uploading(ctx, key); err != nil {
		return nil, notKept(ctx, err)
	}
	upload, err := t.runner.Storage.Create(ctx, key, contentType(t.compression()))
	if err != nil {
		return nil, failed(ctx, export.CodeStorage, err, storeFailed)
	}
	return t.deliver(ctx, upload, export.Checkpoint{Key: key, UploadID: upload.ID(), Matched: t.meter.total}, nil, file)
}

// deliver writes what comes behind at, makes the object, and proves it.
func (t *task) deliver(ctx context.Context, upload Upload, at export.Checkpoint, etags []string, file *export.File) (*export.Checkpoint, error) {
	at, etags, err := t.write(ctx, upload, at, etags, t.obs)
	if err != nil {
		return nil, err
	}
	t.obs.Event("written", fmt.Sprintf("%s, %s and %s in %s.", export.Counted(at.Users, "user", "users"),
		export.Counted(at.Rows, "row", "rows"), megabytes(at.Bytes), export.Counted(int64(len(etags)), "part", "parts")))
	*file = export.File{
		Kind: export.UsersFile, Name: Name(t.job), Key: at.Key, Bytes: at.Bytes, Plain: at.Plain, Rows: at.Rows, Users: at.Users,
		Columns: len(t.columns), SHA256: sumOf(at.Hash), Matched: at.Matched,
	}
	written := *file
	at.File = &written
	if err := t.obs.Completing(ctx, at); err != nil {
		return nil, notKept(ctx, err)
	}
	return &at, t.complete(ctx, upload, etags, *file)
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

func contentType(c export.Compression) string {
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
