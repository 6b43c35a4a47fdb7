package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

// Stream is one file of a sync job on its way to the client who asked for it. It is an attempt of the job: Run is called once,
// and Sent once after it.
type Stream struct {
	s    *Service
	job  *export.Job // as the attempt began
	kind export.FileKind
}

// streams are those that are open.
type streams struct {
	stopping context.Context // ends when the process stops, and every stream with it
	stop     context.CancelFunc
	mu       sync.Mutex // none is opened any more once stopping has ended
	open     sync.WaitGroup
}

func newStreams() streams {
	stopping, stop := context.WithCancel(context.Background())
	return streams{stopping: stopping, stop: stop}
}

// Streams lets streams be until ctx ends; then it breaks them off, and returns when none is left.
func (s *Service) Streams(ctx context.Context) error {
	<-ctx.Done()
	s.streams.mu.Lock()
	s.streams.stop()
	s.streams.mu.Unlock()
	s.streams.open.Wait()
	return nil
}

// enter counts a stream in, unless the process is about to stop.
func (l *streams) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopping.Err() != nil {
		return false
	}
	l.open.Add(1)
	return true
}

// waitForStream is what a sync job waits for before one of its files.
func (s *Service) waitForStream(kind export.FileKind) *export.Delivery {
	return &export.Delivery{Kind: kind, Until: s.time().Add(s.set.StreamTimeout)}
}

// OpenStream begins the stream of a file that its job waits for. It is good once: CodeStreamTaken where it was opened before,
// or where the job waits for no such stream. Run must follow.
func (s *Service) OpenStream(ctx context.Context, tenant, id string, kind export.FileKind) (*Stream, error) {
	job, err := s.Job(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	if d := job.Delivery; !job.Status.Live() || d == nil || d.Kind != kind || d.File != nil || s.now().After(d.Until) {
		return nil, taken()
	}
	if !s.streams.enter() {
		return nil, export.Errorf(export.CodeUnavailable, "The server is about to stop. Please try again in a moment.")
	}
	begun, err := s.take(ctx, job, job.Attempt+1)
	if err == nil && begun == nil {
		err = taken()
	}
	if err != nil {
		s.streams.open.Done()
		return nil, unavailable(err, "open a stream")
	}
	return &Stream{s: s, job: begun, kind: kind}, nil
}

func taken() error {
	return export.Errorf(export.CodeStreamTaken, "The stream was opened before, or the export waits for none. Start the export again.")
}

// Name is the name of the file.
func (st *Stream) Name() string { return run.Name(st.job, st.kind) }

// ContentType is the media type of the file.
func (st *Stream) ContentType() string { return run.ContentType(st.job.Definition.File.Compression) }

// Run makes the file and hands it to a receiver. When it returns nil, the receiver has all of it, and the job waits for its
// confirmation: only then may the client be told that the file is at its end. Otherwise what it has is not the file, and must
// not look whole. The end of ctx ends it; Gone is its cause where the client has left.
func (st *Stream) Run(ctx context.Context, to run.Receiver) error {
	s := st.s
	defer s.streams.open.Done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.streams.stopping, func() { cancel(errShutdown) })()
	a := s.newAttempt(ctx, st.job)
	defer a.close()

	var wg sync.WaitGroup
	wg.Go(a.beat)
	wg.Go(a.tell)
	res, err := a.stream(st.kind, to)
	err = a.settleStream(ctx, res, err)
	a.disown(errEnded)
	wg.Wait()
	return err
}

// Gone is the cause for which the context of Run ends when the client has left.
func Gone() error { return errGone }

func (a *attempt) stream(kind export.FileKind, to run.Receiver) (res run.Streamed, err error) {
	defer a.catch(&err)
	return a.s.executor.Stream(a.running, a.view(), kind, a, to)
}

// settleStream makes the last write of a stream's attempt. The error is nil where the file is written in full and its job waits
// for the confirmation.
func (a *attempt) settleStream(ctx context.Context, res run.Streamed, err error) error {
	lost := a.owned.Err() != nil || errors.Is(err, run.ErrFenced)
	switch {
	case lost:
	case err == nil:
		_, err = a.insist(func(job *export.Job) {
			job.Progress = res.Progress
			job.Progress.Phase = job.Status
			halt(&job.Progress)
			job.Warnings = append(slices.Clip(job.Warnings), res.Warnings...)
			job.Delivery = &export.Delivery{Kind: res.File.Kind, File: &res.File, Until: a.s.time().Add(a.s.set.ConfirmTimeout)}
		})
		lost = err != nil
	default:
		lost = errors.Is(a.broken(ctx, err), run.ErrFenced)
	}
	if lost {
		return errors.Join(run.ErrFenced, a.fenced(context.WithoutCancel(ctx)))
	}
	return err
}

// broken ends the job of a stream that ended before its file.
func (a *attempt) broken(ctx context.Context, cause error) error {
	switch {
	case errors.Is(context.Cause(ctx), errGone):
		a.log.Info("the client of the stream has gone")
		_, err := a.finish(func(job *export.Job) { a.s.endAlone(job, a.s.time(), hungUp) })
		return err
	case ctx.Err() != nil:
		return a.fail(export.Failure{Code: export.CodeUnavailable, Message: "The server was stopped while the file was sent."}, cause)
	case transient(export.CodeOf(cause)):
		return a.fail(export.Failure{Code: export.CodeOf(cause), Message: sentence(export.CodeOf(cause))}, cause)
	default:
		return a.fail(failureOf(cause), cause)
	}
}

const hungUp = "The connection ended before the file did."

// endAlone ends a sync job whose client is not there any more. Where its users file has arrived, only its state events have not.
func (s *Service) endAlone(job *export.Job, at time.Time, message string) {
	if len(job.Files) > 0 {
		s.endFailed(job, at, export.Failure{Code: export.CodeIncomplete, Message: message})
		return
	}
	s.end(job, at, export.Cancelled, nil, message)
}

// alone is endAlone for those who end a job from outside.
func (s *Service) alone(message string) func(*export.Job, time.Time) {
	return func(job *export.Job, at time.Time) { s.endAlone(job, at, message) }
}

// Sent says how sending what Run has written ended: with nil the last chunk has left the process, which is all the
// confirmation that a job of a key pair gets. With an error the client is not there to confirm anything.
func (st *Stream) Sent(ctx context.Context, failed error) {
	s := st.s
	for range maxTries {
		job, err := s.store.Job(ctx, st.job.ID)
		if err != nil || !awaits(job, st.kind) || failed == nil && job.Origin != export.FromAPI {
			return // what is left to do, the reconciler does
		}
		if failed == nil {
			_, err = s.confirmed(ctx, job)
		} else {
			_, err = s.endFromOutside(ctx, job, s.alone(hungUp))
		}
		if !errors.Is(err, ErrConflict) {
			return
		}
	}
}

// awaits reports whether a job waits for the confirmation of a file.
func awaits(job *export.Job, kind export.FileKind) bool {
	return job.Status.Live() && job.Delivery != nil && job.Delivery.Kind == kind && job.Delivery.File != nil
}

// endUnstreamed ends a sync job whose client never came or never confirmed, or whose stream broke without a word.
func (s *Service) endUnstreamed(ctx context.Context, job *export.Job) (err error) {
	switch d := job.Delivery; {
	case d == nil && s.stale(job):
		failure := export.Failure{Code: export.CodeIncomplete, Message: "The download broke off."}
		_, err = s.endFromOutside(ctx, job, s.failed(failure))
	case d != nil && s.now().After(d.Until):
		message := "The download was not started in time."
		if d.File != nil {
			message = "The file was not confirmed in time."
		}
		_, err = s.endFromOutside(ctx, job, s.alone(message))
	}
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}
