package exporter

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// Cancel ends a live job of the caller and records it. CodeForbidden if the job is another
// requester's and the caller is no owner.
func (e *Exporter) Cancel(ctx context.Context, c Caller, id string) (*export.Job, error) {
	job, err := e.jobs.Job(ctx, c.Tenant, id)
	if err != nil {
		return nil, err
	}
	if !c.MayDownload(job) {
		return nil, errs.Errorf(errs.CodeForbidden, "Only the requester of an export, or an owner, can cancel it.")
	}
	if job, err = e.jobs.Cancel(ctx, c.Tenant, job.ID, c.Requester.Email); err != nil {
		return nil, err
	}
	audit.RecordAction(ctx, e.audit, e.logger, c.record(audit.ExportCancelled, job.ID, job.Words))
	return job, nil
}

// CancelTabClosed ends a live sync job of the caller whose tab reports that it closes, and records
// it. CodeForbidden if the job is another requester's.
func (e *Exporter) CancelTabClosed(ctx context.Context, c Caller, id string) (*export.Job, error) {
	job, err := e.requestersJob(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if job.Mode != export.Sync {
		return nil, errs.Invalid("reason", "does not apply: the export runs in the background, without a tab")
	}
	if job, err = e.jobs.CancelTabClosed(ctx, c.Tenant, job.ID); err != nil {
		return nil, err
	}
	audit.RecordAction(ctx, e.audit, e.logger, c.record(audit.ExportCancelled, job.ID, job.Words))
	return job, nil
}

// Linker presigns the URL of a job's file and writes an audit record that the caller got it.
type Linker func(ctx context.Context, job *export.Job, f export.File) (url string, expires time.Time, err error)

// Linker returns the Linker for a job's files, or nil if the caller may not download them. A link is
// not given if it cannot be recorded.
func (e *Exporter) Linker(c Caller, job *export.Job) Linker {
	if !c.MayDownload(job) {
		return nil
	}
	return func(ctx context.Context, job *export.Job, f export.File) (string, time.Time, error) {
		url, expires, err := e.jobs.Link(ctx, job, f)
		if err != nil {
			return "", time.Time{}, err
		}
		if err := e.audit.AppendOnce(ctx, c.record(audit.LinkGiven, job.ID, f.Name)); err != nil {
			return "", time.Time{}, err
		}
		return url, expires, nil
	}
}

// CheckFile returns nil if a file of a job can be downloaded: it exists, in this storage.
func (e *Exporter) CheckFile(job *export.Job, f export.File) error { return e.jobs.CheckFile(job, f) }

// Download presigns the URL of a file for one download, and records it in the audit log and in the
// job's history before the URL is given. Only the requester and owners may download: CodeForbidden.
// CodeNotFound if the job or its file does not exist.
func (e *Exporter) Download(ctx context.Context, c Caller, id string, kind export.FileKind) (url string, expires time.Time, err error) {
	job, err := e.jobs.Job(ctx, c.Tenant, id)
	if err != nil {
		return "", time.Time{}, err
	}
	if !c.MayDownload(job) {
		return "", time.Time{}, errs.Errorf(errs.CodeForbidden, "Only the requester of an export, or an owner, can download its files.")
	}
	f := job.FileOf(kind)
	if f == nil {
		return "", time.Time{}, errs.Errorf(errs.CodeNotFound, "This export has no finished file of this kind.")
	}
	if url, expires, err = e.jobs.Link(ctx, job, *f); err != nil {
		return "", time.Time{}, err
	}
	if err := audit.Unavailable(e.audit.Append(ctx, c.record(audit.FileDownloaded, job.ID, f.Name))); err != nil {
		return "", time.Time{}, err
	}
	if err := e.jobs.RecordDownload(ctx, c.Tenant, job.ID, kind, c.Requester); err != nil {
		return "", time.Time{}, err
	}
	return url, expires, nil
}

// Stream opens the stream of a sync job's file and records it. Only the requester may do so, once:
// CodeForbidden, CodeStreamTaken.
func (e *Exporter) Stream(ctx context.Context, c Caller, id string, kind export.FileKind) (*jobs.Stream, error) {
	job, err := e.requestersJob(ctx, c, id)
	if err != nil {
		return nil, err
	}
	// Before the stream starts: what cannot be recorded is not sent.
	if err := audit.RecordAccess(ctx, e.audit, c.record(audit.FileStreamed, job.ID, string(kind)+": "+job.Words)); err != nil {
		return nil, err
	}
	return e.jobs.OpenStream(ctx, c.Tenant, job.ID, kind)
}

// Confirm compares what the requester received with what was sent, and moves the job on.
func (e *Exporter) Confirm(ctx context.Context, c Caller, id string, got jobs.Confirmation) (*export.Job, error) {
	job, err := e.requestersJob(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return e.jobs.Confirm(ctx, c.Tenant, job.ID, got)
}

// requestersJob returns a job if the caller is its requester.
func (e *Exporter) requestersJob(ctx context.Context, c Caller, id string) (*export.Job, error) {
	job, err := e.jobs.Job(ctx, c.Tenant, id)
	if err != nil {
		return nil, err
	}
	if job.Requester.ID != c.Requester.ID {
		return nil, errs.Errorf(errs.CodeForbidden, "Only the requester of an export can stream its files.")
	}
	return job, nil
}
