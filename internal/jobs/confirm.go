package jobs

import (
	"context"
	"errors"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// Confirmation describes the file that the client of a stream received.
type Confirmation struct {
	Kind   export.FileKind
	Bytes  int64
	SHA256 string // lower-case hex; "" if the client is still receiving, so that the job waits longer
}

func (c Confirmation) matches(f *export.File) bool {
	return f != nil && f.Bytes == c.Bytes && f.SHA256 == c.SHA256
}

// confirm compares a received file with the sent one; see Service.Confirm.
func (s *streams) confirm(ctx context.Context, tenant, id string, c Confirmation) (*export.Job, error) {
	for range maxTries {
		job, err := s.tenantJob(ctx, tenant, id)
		if err != nil {
			return nil, err
		}
		if c.matches(job.FileOf(c.Kind)) {
			return job, nil
		}
		if c.SHA256 == "" && isStreaming(job, c.Kind) {
			return job, nil
		}
		if !awaitsConfirmation(job, c.Kind) {
			return nil, errs.Errorf(errs.CodeStreamTaken, "The export waits for no confirmation of this file.")
		}
		switch {
		case c.SHA256 == "":
			job, err = s.waitLonger(ctx, job)
		case c.matches(job.Delivery.File):
			job, err = s.accept(ctx, job)
		default:
			job, err = s.reject(ctx, job, c)
		}
		if !errors.Is(err, ErrConflict) {
			return job, err
		}
	}
	return nil, errs.Errorf(errs.CodeUnavailable, "The file could not be confirmed just now. Please try again.")
}

// isStreaming reports whether a sync job is still sending a file of that kind.
func isStreaming(job *export.Job, kind export.FileKind) bool {
	return job.Status.Live() && job.Mode == export.Sync && job.Delivery == nil && job.FileOf(kind) == nil
}

// waitLonger records that the client is still receiving the pending file: what was sent may wait in
// buffers on a slow connection.
func (s *streams) waitLonger(ctx context.Context, job *export.Job) (*export.Job, error) {
	until := s.time().Add(s.set.confirmTimeout(job.Delivery.File.Bytes))
	if !until.After(job.Delivery.Until) {
		return job, nil
	}
	next, delivery := *job, *job.Delivery
	delivery.Until = until
	next.Delivery = &delivery
	next.Sequence++
	if err := s.store.Update(ctx, &next, Exactly(job)); err != nil {
		if errors.Is(err, ErrConflict) {
			return nil, err
		}
		return nil, unavailable(err, "wait longer for a confirmation")
	}
	s.updates.publish(&next)
	return &next, nil
}

// accept records that the client received the pending file, if the job still has exactly the given
// version.
func (s *streams) accept(ctx context.Context, job *export.Job) (*export.Job, error) {
	at := s.time()
	file := *job.Delivery.File
	file.ProvenAt = at
	next := *job
	next.Attempt, next.Sequence, next.Heartbeat = job.Attempt+1, 1, at
	next.Files = append(append([]export.File(nil), job.Files...), file)
	next.History = appendEvent(job.History, export.Event{
		Time: at, Kind: "verified", Message: "The client has confirmed the file: bytes and SHA-256 are those that were sent.",
	})
	if job.Origin == export.FromAPI {
		next.History[len(next.History)-1].Message = "The last byte of the file was sent."
	}
	kinds := job.Definition.Files()
	if last := kinds[len(kinds)-1]; last != file.Kind {
		next.Status, next.Progress.Phase, next.Delivery = export.DownloadingStateEvents, export.DownloadingStateEvents, s.awaitStream(last)
	} else {
		s.ender.end(&next, at, export.Completed, nil, "The export is complete.")
		next.Progress.Percent = 100
	}
	if err := s.store.Update(ctx, &next, Exactly(job)); err != nil {
		if errors.Is(err, ErrConflict) {
			return nil, err
		}
		return nil, unavailable(err, "confirm a file")
	}
	if next.Status.Final() {
		s.ender.afterEnd(ctx, &next)
	} else {
		s.updates.publish(&next)
	}
	return &next, nil
}

// reject fails a job whose client received a different file than was sent.
func (s *streams) reject(ctx context.Context, job *export.Job, c Confirmation) (*export.Job, error) {
	message := "The received file differs from the file that was sent: its SHA-256 is different."
	if sent := job.Delivery.File.Bytes; c.Bytes != sent {
		message = "The received file differs from the file that was sent: it has " + export.Pluralize(c.Bytes, "byte", "bytes") + " instead of " + export.FormatThousands(sent) + "."
	}
	s.log.ErrorContext(ctx, "the client received a different file than was sent", "job", job.ID, "tenant", job.Tenant)
	return s.ender.endFromOutside(ctx, job, s.ender.endingFailed(export.Failure{Code: errs.CodeVerificationFailed, Message: message}))
}
