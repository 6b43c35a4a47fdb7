package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// Stream is one file of a sync job, sent to the client that requested it. It is an attempt of the
// job: call Run once, and RecordSent once after Run.
type Stream struct {
	s    *streams
	job  *export.Job // as of the attempt's start
	kind export.FileKind
}

// Name returns the file name.
func (st *Stream) Name() string { return pipeline.Name(st.job, st.kind) }

// ContentType returns the media type of the file.
func (st *Stream) ContentType() string {
	return pipeline.ContentType(st.job.Definition.File.Compression)
}

// Run produces the file and writes it to a receiver. It blocks until the stream ends. If Run
// returns nil, the receiver has the whole file and the job waits for its confirmation; only then
// may the client see the end of the file. After an error the receiver's data is incomplete and must
// not look complete. Cancelling ctx ends the stream; if the client has disconnected, the cause is
// ClientGone().
func (st *Stream) Run(ctx context.Context, to pipeline.Receiver) error {
	s := st.s
	defer s.open.Done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.stopping, func() { cancel(errShutdown) })()
	a := s.worker.newAttempt(ctx, st.job)
	defer a.close()

	var wg sync.WaitGroup
	wg.Go(a.heartbeatLoop)
	wg.Go(a.publishLoop)
	res, err := a.stream(st.kind, to)
	err = a.concludeStream(ctx, res, err)
	a.endOwnership(errAttemptEnded)
	wg.Wait()
	if err == nil {
		time.AfterFunc(confirmUsually, func() { s.publishUnconfirmed(st.job.ID, st.kind) })
	}
	return err
}

// confirmUsually is the time within which most clients confirm a file. Until then it is not published
// that the job waits.
const confirmUsually = 2 * time.Second

// publishUnconfirmed publishes a job that still waits for the confirmation of a file.
func (s *streams) publishUnconfirmed(id string, kind export.FileKind) {
	ctx, cancel := context.WithTimeout(s.stopping, s.set.StoreTimeout)
	defer cancel()
	if job, err := s.store.Job(ctx, id); err == nil && awaitsConfirmation(job, kind) {
		s.updates.publish(job)
	}
}

// ClientGone returns the cancellation cause of Run's context for a client that has disconnected.
func ClientGone() error { return errClientGone }

func (a *attempt) stream(kind export.FileKind, to pipeline.Receiver) (res pipeline.StreamResult, err error) {
	defer a.recoverPanic(&err)
	return a.w.executor.Stream(a.running, a.nextVersion(), kind, a, to)
}

// concludeStream makes the last write of a stream's attempt. It returns nil if the file is complete
// and its job waits for the confirmation.
func (a *attempt) concludeStream(ctx context.Context, res pipeline.StreamResult, err error) error {
	lost := a.ownership.Err() != nil || errors.Is(err, pipeline.ErrFenced)
	switch {
	case lost:
	case err == nil:
		_, err = a.writeLast(func(job *export.Job) {
			job.Progress = res.Progress
			job.Progress.Phase = job.Status
			clearRates(&job.Progress)
			job.Warnings = append(slices.Clip(job.Warnings), res.Warnings...)
			job.Delivery = &export.Delivery{Kind: res.File.Kind, File: &res.File, Until: a.w.time().Add(a.w.set.confirmTimeout(res.File.Bytes))}
		})
		lost = err != nil
	default:
		lost = errors.Is(a.failStream(ctx, err), pipeline.ErrFenced)
	}
	if lost {
		return errors.Join(pipeline.ErrFenced, a.cleanUpFenced(context.WithoutCancel(ctx)))
	}
	return err
}

// failStream ends the job of a stream that ended before its file.
func (a *attempt) failStream(ctx context.Context, cause error) error {
	switch {
	case errors.Is(context.Cause(ctx), errClientGone):
		a.log.Info("the client disconnected during the stream")
		_, err := a.endJob(func(job *export.Job) { a.w.ender.endWithoutClient(job, a.w.time(), export.CancelDisconnected) })
		return err
	case ctx.Err() != nil:
		return a.fail(export.Failure{Code: errs.CodeUnavailable, Message: "The server stopped while it sent the file."}, cause)
	case transient(errs.CodeOf(cause)):
		return a.fail(export.Failure{Code: errs.CodeOf(cause), Message: transientMessage(errs.CodeOf(cause))}, cause)
	default:
		return a.fail(failureOf(cause), cause)
	}
}

// RecordSent records whether the response reached the client. With a nil error the last chunk has
// left the process, which is the only confirmation of a key pair's job. With an error the client
// has disconnected and will confirm nothing.
func (st *Stream) RecordSent(ctx context.Context, failed error) {
	s := st.s
	for range maxTries {
		job, err := s.store.Job(ctx, st.job.ID)
		if err != nil || !awaitsConfirmation(job, st.kind) || failed == nil && job.Origin != export.FromAPI {
			return // the reconciler does the rest
		}
		if failed == nil {
			_, err = s.accept(ctx, job)
		} else {
			_, err = s.ender.endFromOutside(ctx, job, s.ender.endingWithoutClient(export.CancelDisconnected))
		}
		if !errors.Is(err, ErrConflict) {
			return
		}
	}
}

// awaitsConfirmation reports whether a job waits for the confirmation of a file.
func awaitsConfirmation(job *export.Job, kind export.FileKind) bool {
	return job.Status.Live() && job.Delivery != nil && job.Delivery.Kind == kind && job.Delivery.File != nil
}
