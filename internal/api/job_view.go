package api

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/api/live"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
)

// QueuePositions reads the positions of queued jobs; *jobs.Service.
type QueuePositions interface {
	// QueuePosition returns the position of a queued job from 1, and 0 for any other job.
	QueuePosition(ctx context.Context, job *export.Job) (int64, error)
}

// JobView returns the view of jobs for the messages of sockets. They have no links: nobody has asked
// for them.
func JobView(files FileChecker) live.View {
	return func(_ context.Context, job *export.Job, position int64, downloads bool) gen.Job {
		v := viewJob(job, position)
		if downloads {
			addFileURLs(&v, job, files)
		}
		return v
	}
}

// viewJob returns the API's view of a job without links and addresses of its files. Position is its
// place in the queue; 0: none.
func viewJob(job *export.Job, position int64) gen.Job {
	v := gen.Job{
		JobID: job.ID, Status: job.Status, Mode: job.Mode, Origin: job.Origin, RequestedBy: job.Requester.Email, CancelledBy: orNull(job.CancelledBy), CancelReason: orNull(job.CancelReason),
		Definition: job.Definition, Words: job.Words, CreatedAt: export.NewTime(job.CreatedAt),
		StartedAt: timeOrNull(job.StartedAt), CompletedAt: timeOrNull(job.CompletedAt), ExpiresAt: timeOrNull(job.ExpiresAt),
		Attempt: job.Attempt, Resumes: job.Resumes, Progress: job.Progress, Columns: len(job.Columns),
		Files: []gen.File{}, Warnings: []gen.Warning{}, History: []gen.Event{}, Error: job.Failure, Retry: job.Waiting(), Version: job.Version(),
	}
	if job.Outcome != "" {
		v.Outcome = &job.Outcome
	}
	if n := int(position); n > 0 {
		v.QueuePosition = &n
	}
	if m := job.Mail; m != nil {
		v.Mail = &gen.Mail{State: m.State, SentAt: timeOrNull(m.SentAt), Problem: orNull(m.Problem)}
	}
	for _, f := range job.Files {
		v.Files = append(v.Files, viewFile(job, f))
	}
	v.Warnings = append(v.Warnings, job.Warnings...)
	for _, e := range job.History {
		event := gen.Event{Time: export.NewTime(e.Time), Kind: e.Kind, Message: e.Message}
		if d := e.Download; d != nil && d.Count > 1 {
			event.Count, event.Last = &d.Count, timeOrNull(&d.Last)
		}
		v.History = append(v.History, event)
	}
	return v
}

// addFileURLs adds the addresses of the files that can be downloaded to the view of a job, and a
// warning for each file that is in another storage.
func addFileURLs(v *gen.Job, job *export.Job, files FileChecker) {
	for i, f := range job.Files {
		err := files.CheckFile(job, f)
		switch {
		case err == nil:
			url := jobURL(job.ID) + "/files/" + string(f.Kind) + "/download"
			v.Files[i].FileURL = &url
		case errs.CodeOf(err) == errs.CodeStoredElsewhere:
			elsewhere, _ := errors.AsType[*errs.Error](err)
			warning := export.Warning{Code: string(elsewhere.Code), Message: elsewhere.Message, File: f.Kind}
			v.Warnings = append([]gen.Warning{warning}, v.Warnings...)
		}
	}
}

// addLinks adds newly signed links to the view of a job whose files have addresses. A link that
// cannot be signed is null.
func addLinks(ctx context.Context, v *gen.Job, job *export.Job, sign exporter.Linker, logger *slog.Logger) {
	for i, f := range job.Files {
		if v.Files[i].FileURL == nil {
			continue
		}
		url, expires, err := sign(ctx, job, f)
		if err != nil {
			if errs.CodeOf(err) != errs.CodeNotFound {
				logger.WarnContext(ctx, "cannot sign a download link", "job", job.ID, "error", err)
			}
			continue
		}
		v.Files[i].DownloadURL, v.Files[i].DownloadURLExpiresAt = &url, timeOrNull(&expires)
		if f.Kind == job.Definition.Files()[0] {
			v.DownloadURL = &url
		}
	}
}

func viewFile(job *export.Job, f export.File) gen.File {
	v := gen.File{
		Kind: f.Kind, Name: f.Name, Bytes: f.Bytes, CsvBytes: f.CSVBytes(),
		Compression: job.Definition.File.Compression, Rows: f.Rows, Users: f.UserCount(), Columns: f.Columns, Sha256: f.SHA256,
	}
	for _, at := range f.ReadAsOf {
		v.ReadAsOf = append(v.ReadAsOf, export.NewTime(at))
	}
	return v
}

func timeOrNull(t *time.Time) *export.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	v := export.NewTime(*t)
	return &v
}

func orNull[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}
