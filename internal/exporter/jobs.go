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

// Linker presigns the URL of a job's file and records that the caller got it.
type Linker func(ctx context.Context, job *export.Job, f export.File) (url string, expires time.Time, err error)

// Linker returns the Linker for a job's files, or nil if the caller may not download them. A link is
// not given if it cannot be recorded.
func (e *Exporter) Linker(c Caller, job *export.Job) Linker {
	if !c.MayDownload(job) {
		return nil
	}
	return e.LinkerFor(c.Record)
}

// LinkerFor returns a Linker for a recipient that may download: record identifies it.
func (e *Exporter) LinkerFor(record audit.Record) Linker {
	return func(ctx context.Context, job *export.Job, f export.File) (string, time.Time, error) {
		url, expires, err := e.jobs.Link(ctx, job, f)
		if err != nil {
			return "", time.Time{}, err
		}
		r := record
		r.Kind, r.Subject, r.Words = audit.LinkGiven, job.ID, f.Name
		if err := e.audit.AppendOnce(ctx, r); err != nil {
			return "", time.Time{}, err
		}
		return url, expires, nil
	}
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
