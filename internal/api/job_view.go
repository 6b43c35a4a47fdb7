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

// JobView returns the view of jobs for the messages of sockets.
func JobView(logger *slog.Logger) live.View {
	return func(ctx context.Context, job *export.Job, position int64, sign exporter.Linker) gen.Job {
		return viewJobAt(ctx, logger, job, position, sign)
	}
}

// viewJob returns the API's view of a job with its queue position. Sign signs links; nil: the view
// has none. If a link or the queue position is unavailable, it is null in the view.
func viewJob(ctx context.Context, positions QueuePositions, logger *slog.Logger, job *export.Job, sign exporter.Linker) gen.Job {
	position := int64(0)
	if job.Status == export.Queued {
		var err error
		if position, err = positions.QueuePosition(ctx, job); err != nil {
			logger.WarnContext(ctx, "cannot read the queue position of a job", "job", job.ID, "error", err)
		}
	}
	return viewJobAt(ctx, logger, job, position, sign)
}

// viewJobAt is viewJob for a known queue position; 0: none.
func viewJobAt(ctx context.Context, logger *slog.Logger, job *export.Job, position int64, sign exporter.Linker) gen.Job {
	v := gen.Job{
		JobID: job.ID, Status: job.Status, Mode: job.Mode, Origin: job.Origin, RequestedBy: job.Requester.Email, CancelledBy: orNull(job.CancelledBy),
		Definition: job.Definition, Words: job.Words, CreatedAt: export.NewTime(job.CreatedAt),
		StartedAt: timeOrNull(job.StartedAt), CompletedAt: timeOrNull(job.CompletedAt), ExpiresAt: timeOrNull(job.ExpiresAt),
		Attempt: job.Attempt, Resumes: job.Resumes, Progress: job.Progress, Columns: len(job.Columns),
		Files: []gen.File{}, Warnings: []gen.Warning{}, History: []gen.Event{}, Error: job.Failure, Retry: job.Retry, Version: job.Version(),
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
		file := viewFile(job, f)
		if sign != nil && job.Status != export.Expired {
			url, expires, err := sign(ctx, job, f)
			switch {
			case err == nil:
				file.DownloadURL, file.DownloadURLExpiresAt = &url, timeOrNull(&expires)
			case errs.CodeOf(err) == errs.CodeStoredElsewhere:
				elsewhere, _ := errors.AsType[*errs.Error](err)
				v.Warnings = append(v.Warnings, export.Warning{Code: string(elsewhere.Code), Message: elsewhere.Message, File: f.Kind})
			case errs.CodeOf(err) != errs.CodeNotFound:
				logger.WarnContext(ctx, "cannot sign a download link", "job", job.ID, "error", err)
			}
		}
		if f.Kind == job.Definition.Files()[0] {
			v.DownloadURL = file.DownloadURL
		}
		v.Files = append(v.Files, file)
	}
	v.Warnings = append(v.Warnings, job.Warnings...)
	for _, e := range job.History {
		v.History = append(v.History, gen.Event{Time: export.NewTime(e.Time), Kind: e.Kind, Message: e.Message})
	}
	return v
}

func viewFile(job *export.Job, f export.File) gen.File {
	v := gen.File{
		Kind: f.Kind, Name: f.Name, Bytes: f.Bytes, CsvBytes: f.CSVBytes(),
		Compression: job.Definition.File.Compression, Rows: f.Rows, Users: f.Users, Columns: f.Columns, Sha256: f.SHA256,
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
