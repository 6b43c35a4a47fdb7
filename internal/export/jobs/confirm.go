package jobs

import (
	"context"
	"errors"

	"github.com/egress-io/egress/internal/export"
)

// Confirmation is what the client of a stream has received.
type Confirmation struct {
	Kind   export.FileKind
	Bytes  int64
	SHA256 string // lower-case hex
}

func (c Confirmation) is(f *export.File) bool {
	return f != nil && f.Bytes == c.Bytes && f.SHA256 == c.SHA256
}

// Confirm compares what a client has received with what was sent. Where they are the same the file is good: the job is
// completed, or waits for the stream of its next file. Where they are not, it has failed. A confirmation that comes again
// changes nothing. CodeStreamTaken where the job waits for no confirmation of the file.
func (s *Service) Confirm(ctx context.Context, tenant, id string, c Confirmation) (*export.Job, error) {
	for range maxTries {
		job, err := s.Job(ctx, tenant, id)
		if err != nil {
			return nil, err
		}
		if c.is(job.FileOf(c.Kind)) {
			return job, nil
		}
		if !awaits(job, c.Kind) {
			return nil, export.Errorf(export.CodeStreamTaken, "The export waits for no confirmation of this file.")
		}
		if c.is(job.Delivery.File) {
			job, err = s.confirmed(ctx, job)
		} else {
			job, err = s.refuted(ctx, job, c)
		}
		if !errors.Is(err, ErrConflict) {
			return job, err
		}
	}
	return nil, export.Errorf(export.CodeUnavailable, "The file could not be confirmed just now. Please try again.")
}

// confirmed takes the file that a job waits for as good, in exactly the version given.
func (s *Service) confirmed(ctx context.Context, job *export.Job) (*export.Job, error) {
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
		next.Status, next.Progress.Phase, next.Delivery = export.DownloadingStateEvents, export.DownloadingStateEvents, s.waitForStream(last)
	} else {
		s.end(&next, at, export.Completed, nil, "The export is complete.")
		next.Progress.Percent = 100
	}
	if err := s.store.Update(ctx, &next, Exactly(job)); err != nil {
		if errors.Is(err, ErrConflict) {
			return nil, err
		}
		return nil, unavailable(err, "confirm a file")
	}
	if next.Status.Final() {
		s.ended(ctx, &next)
	} else {
		s.news.job(&next)
	}
	return &next, nil
}

// refuted fails a job whose client has received something else than was sent.
func (s *Service) refuted(ctx context.Context, job *export.Job, c Confirmation) (*export.Job, error) {
	message := "What arrived differs from what was sent: its SHA-256 is another one."
	if sent := job.Delivery.File.Bytes; c.Bytes != sent {
		message = "What arrived differs from what was sent: it has " + export.Counted(c.Bytes, "byte", "bytes") + " instead of " + export.Thousands(sent) + "."
	}
	s.log.ErrorContext(ctx, "a client received something else than was sent", "job", job.ID, "tenant", job.Tenant)
	return s.endFromOutside(ctx, job, s.failed(export.Failure{Code: export.CodeMismatch, Message: message}))
}
