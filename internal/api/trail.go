package api

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
)

// by is a record of the audit log with who makes the request.
func (s *server) by(c *fiber.Ctx, kind audit.Kind, subject, words string) audit.Record {
	r := audit.Record{Kind: kind, Subject: subject, Words: words, Address: s.address(c).String(), RequestID: requestID(c)}
	if who := callerOf(c); who != nil {
		r.Tenant, r.AdminID, r.Email = who.tenant.ID, who.admin.ID, who.admin.Email
		if who.pair != nil {
			r.AccessKey = who.pair.AccessKey
		}
	}
	return r
}

// did notes in the audit log what was done. It was done: where the log cannot be written, the program's own log says so, with
// all but personal data.
func (s *server) did(c *fiber.Ctx, kind audit.Kind, subject, words string) {
	r := s.by(c, kind, subject, words)
	if err := s.audit.Append(c.UserContext(), r); err != nil {
		s.logger.ErrorContext(c.UserContext(), "the audit log lacks a record", "kind", kind, "tenant", r.Tenant, "admin", r.AdminID,
			"access_key", r.AccessKey, "subject", subject, "request_id", r.RequestID, "error", err)
	}
}

// looks notes in the audit log that somebody is about to see personal data. Where that cannot be noted they may not.
func (s *server) looks(c *fiber.Ctx, kind audit.Kind, subject, words string) error {
	return unnoted(s.audit.Once(c.UserContext(), s.by(c, kind, subject, words)))
}

func unnoted(err error) error {
	if err == nil {
		return nil
	}
	return export.Wrap(export.CodeUnavailable, err, "Nothing is shown while the audit log cannot be written. Please try again in a moment.")
}

// linker signs a link to a file of a job.
type linker func(ctx context.Context, job *export.Job, f export.File) (url string, expires time.Time, err error)

// links signs links for whoever makes the request, and notes that they were given; nil where the job's files are not theirs.
func (s *server) links(c *fiber.Ctx, job *export.Job) linker {
	if !callerOf(c).seesFiles(job) {
		return nil
	}
	return noted(s.jobs, s.audit, s.by(c, audit.LinkGiven, "", ""))
}

// noted signs links and notes to whom they were given.
func noted(jobs Jobs, trail Audit, to audit.Record) linker {
	return func(ctx context.Context, job *export.Job, f export.File) (string, time.Time, error) {
		url, expires, err := jobs.Link(ctx, job, f)
		if err != nil {
			return "", time.Time{}, err
		}
		r := to
		r.Subject, r.Words = job.ID, f.Name
		if err := trail.Once(ctx, r); err != nil {
			return "", time.Time{}, err
		}
		return url, expires, nil
	}
}
