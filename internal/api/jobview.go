package api

import (
	"context"
	"log/slog"
	"time"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/export"
)

// viewJob returns a job as the API answers it. Links are signed by sign, where they may be seen; nil: they may not; that one cannot be, or that the
// queue does not tell a position, leaves it null and does not hide the job.
func viewJob(ctx context.Context, jobs Jobs, logger *slog.Logger, job *export.Job, sign linker) gen.Job {
	v := gen.Job{
		JobID: job.ID, Status: job.Status, Mode: job.Mode, Origin: job.Origin, RequestedBy: job.Requester.Email, CancelledBy: orNull(job.CancelledBy),
		Definition: job.Definition, Words: job.Words, CreatedAt: export.NewTime(job.CreatedAt),
		StartedAt: timeOrNull(job.StartedAt), CompletedAt: timeOrNull(job.CompletedAt), ExpiresAt: timeOrNull(job.ExpiresAt),
		Attempt: job.Attempt, Resumes: job.Resumes, Progress: job.Progress, Columns: len(job.Columns),
		Files: []gen.File{}, Warnings: []gen.Warning{}, History: []gen.Event{}, Error: job.Failure, Version: job.Version(),
	}
	if job.Outcome != "" {
		v.Outcome = &job.Outcome
	}
	if job.Status == export.Queued {
		position, err := jobs.QueuePosition(ctx, job)
		if err != nil {
			logger.WarnContext(ctx, "could not tell a job's place in the queue", "job", job.ID, "error", err)
		} else if position > 0 {
			n := int(position)
			v.QueuePosition = &n
		}
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
			case export.CodeOf(err) != export.CodeNotFound:
				logger.WarnContext(ctx, "could not sign a link", "job", job.ID, "error", err)
			}
		}
		if f.Kind == export.UsersFile {
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
	return gen.File{
		Kind: f.Kind, Name: f.Name, Bytes: f.Bytes, CsvBytes: f.CSVBytes(),
		Compression: job.Definition.File.Compression, Rows: f.Rows, Users: f.Users, Columns: f.Columns, Sha256: f.SHA256,
	}
}

func timeOrNull(t *time.Time) *export.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	v := export.NewTime(*t)
	return &v
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
