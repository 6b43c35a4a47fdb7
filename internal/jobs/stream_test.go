package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

const (
	usersSum  = "04f3e8b2d7"
	eventsSum = "c0ffee"
)

// bufferReceiver stores what it receives; discardReceiver drops it; goneReceiver blocks until the
// stream is cancelled.
type (
	bufferReceiver  []byte
	discardReceiver struct{}
	goneReceiver    struct{}
)

func (k *bufferReceiver) Receive(_ context.Context, p []byte) error {
	*k = append(*k, p...)
	return nil
}

func (discardReceiver) Receive(context.Context, []byte) error { return nil }

func (goneReceiver) Receive(ctx context.Context, _ []byte) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// streamSucceeds is a streamed run that succeeds.
func streamSucceeds(ctx context.Context, _ *export.Job, kind export.FileKind, obs pipeline.Observer, to pipeline.Receiver) (pipeline.StreamResult, error) {
	p := export.Progress{Phase: export.Downloading}
	f := export.File{Kind: kind, Name: "users.csv", Bytes: 9, SHA256: usersSum}
	if kind == export.StateEventsFile {
		p.Phase = export.DownloadingStateEvents
		f.Name, f.SHA256 = "state_events.csv", eventsSum
	}
	if err := obs.Prepared(ctx, kind, []export.Column{{Name: "id"}}, p); err != nil {
		return pipeline.StreamResult{}, err
	}
	if err := to.Receive(ctx, []byte("id\r\n"+string(kind[:1])+"\r\n\r\n")); err != nil {
		return pipeline.StreamResult{}, err
	}
	p.Percent = 99
	return pipeline.StreamResult{File: f, Warnings: []export.Warning{{Code: "no_column", Message: "m"}}, Progress: p}, nil
}

// syncWorld returns a service that streams by a function, and the request of a sync job.
func syncWorld(t *testing.T, f streamer) (*world, *jobs.Service, jobs.Request) {
	w := embedded(t)
	w.stream = f
	s := w.service(t, nil)
	r := request("admin:a")
	r.Mode, r.Origin = export.Sync, export.FromConsole
	return w, s, r
}

// open opens a stream and fails the test if it cannot.
func (w *world) open(t *testing.T, s *jobs.Service, job *export.Job, kind export.FileKind) *jobs.Stream {
	t.Helper()
	stream, err := s.OpenStream(w.ctx, job.Tenant, job.ID, kind)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func (w *world) refuses(t *testing.T, s *jobs.Service, job *export.Job, kind export.FileKind) {
	t.Helper()
	if _, err := s.OpenStream(w.ctx, job.Tenant, job.ID, kind); errs.CodeOf(err) != errs.CodeStreamTaken {
		t.Errorf("the stream of %s: %v", kind, err)
	}
}

func confirmed(t *testing.T, w *world, s *jobs.Service, job *export.Job, c jobs.Confirmation) *export.Job {
	t.Helper()
	got, err := s.Confirm(w.ctx, job.Tenant, job.ID, c)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

var (
	goodUsers  = jobs.Confirmation{Kind: export.UsersFile, Bytes: 9, SHA256: usersSum}
	goodEvents = jobs.Confirmation{Kind: export.StateEventsFile, Bytes: 9, SHA256: eventsSum}
)

func TestConfirmationCompletesSyncJob(t *testing.T) {
	t.Parallel()
	w, s, r := syncWorld(t, streamSucceeds)
	r.Warnings = []export.Warning{{Code: "pages_ignored", Message: "m"}}
	w.start(t, s, 1) // a worker runs, and must not take the job
	job := w.create(t, s, r)
	if _, err := s.Confirm(w.ctx, job.Tenant, job.ID, goodUsers); errs.CodeOf(err) != errs.CodeStreamTaken {
		t.Errorf("confirmed before anything was sent: %v", err)
	}
	w.refuses(t, s, job, export.StateEventsFile)
	stream := w.open(t, s, job, export.UsersFile)
	w.refuses(t, s, job, export.UsersFile)
	var got bufferReceiver
	if err := stream.Run(w.ctx, &got); err != nil || len(got) != 9 {
		t.Fatalf("%q, %v", got, err)
	}
	stream.RecordSent(w.ctx, nil)
	w.refuses(t, s, job, export.UsersFile)
	if j := w.job(t, job.ID); j.Status != export.Downloading || len(j.Files) > 0 || j.Progress.Percent != 99 {
		t.Errorf("before the confirmation: %+v", j)
	}
	if _, _, err := s.Create(w.ctx, r); errs.CodeOf(err) != errs.CodeExportInProgress {
		t.Errorf("a second job: %v", err)
	}
	done := confirmed(t, w, s, job, goodUsers)
	if done.Status != export.Completed || done.Progress.Percent != 100 || len(done.Files) != 1 || done.Files[0].ProvenAt.IsZero() || done.ExpiresAt != nil || len(done.Warnings) != 2 {
		t.Errorf("%+v", done)
	}
	if again := confirmed(t, w, s, job, goodUsers); again.Version() < done.Version() || again.Status != export.Completed {
		t.Errorf("a repeated confirmation: %+v", again)
	}
	w.released(t, job)
	w.await(t, job.ID, "the janitor has cleaned up", func(j *export.Job) bool { return !j.Dirty })
	if deleted := w.storage.allDeleted(); len(deleted) > 0 {
		t.Errorf("deleted %q", deleted)
	}
	if _, _, err := s.Link(w.ctx, done, done.Files[0]); errs.CodeOf(err) != errs.CodeNotFound {
		t.Errorf("a link to a streamed file: %v", err)
	}
}

func TestSyncJobWithTwoFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		second func(t *testing.T, w *world, s *jobs.Service, job *export.Job)
		want   export.Status
	}{
		"both arrive": {func(t *testing.T, w *world, s *jobs.Service, job *export.Job) {
			if err := w.open(t, s, job, export.StateEventsFile).Run(w.ctx, discardReceiver{}); err != nil {
				t.Fatal(err)
			}
			confirmed(t, w, s, job, goodEvents)
		}, export.Completed},
		"the second one is never asked for": {func(_ *testing.T, w *world, _ *jobs.Service, _ *export.Job) {
			w.clock.advance(31 * time.Second)
		}, export.CompletedWithErrors},
		"the second one arrives as something else": {func(t *testing.T, w *world, s *jobs.Service, job *export.Job) {
			if err := w.open(t, s, job, export.StateEventsFile).Run(w.ctx, discardReceiver{}); err != nil {
				t.Fatal(err)
			}
			confirmed(t, w, s, job, jobs.Confirmation{Kind: export.StateEventsFile, Bytes: 9, SHA256: usersSum})
		}, export.CompletedWithErrors},
		"the client leaves during the second one": {func(t *testing.T, w *world, s *jobs.Service, job *export.Job) {
			ctx, cancel := context.WithCancelCause(w.ctx)
			cancel(jobs.ClientGone())
			if err := w.open(t, s, job, export.StateEventsFile).Run(ctx, goneReceiver{}); err == nil {
				t.Error("the stream ended well")
			}
		}, export.CompletedWithErrors},
		"it is cancelled between the two": {func(t *testing.T, w *world, s *jobs.Service, job *export.Job) {
			if _, err := s.Cancel(w.ctx, job.Tenant, job.ID, "a@example.com"); err != nil {
				t.Fatal(err)
			}
		}, export.CompletedWithErrors},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s, r := syncWorld(t, func(ctx context.Context, job *export.Job, kind export.FileKind, obs pipeline.Observer, to pipeline.Receiver) (pipeline.StreamResult, error) {
				if err := ctx.Err(); err != nil {
					return pipeline.StreamResult{}, context.Cause(ctx)
				}
				return streamSucceeds(ctx, job, kind, obs, to)
			})
			w.start(t, s, 0)
			r.Definition.StateEvents = &export.StateEvents{}
			job := w.create(t, s, r)
			if err := w.open(t, s, job, export.UsersFile).Run(w.ctx, discardReceiver{}); err != nil {
				t.Fatal(err)
			}
			between := confirmed(t, w, s, job, goodUsers)
			if between.Status != export.DownloadingStateEvents || between.Delivery == nil || between.Delivery.Kind != export.StateEventsFile {
				t.Fatalf("between the two: %+v", between)
			}
			test.second(t, w, s, job)
			done := w.await(t, job.ID, "the end", func(j *export.Job) bool { return j.Status.Final() })
			if done.Status != test.want || (done.Failure != nil) != (test.want == export.CompletedWithErrors) {
				t.Errorf("%s, %+v", done.Status, done.Failure)
			}
			if done.FileOf(export.UsersFile) == nil || (done.FileOf(export.StateEventsFile) != nil) != (test.want == export.Completed) {
				t.Errorf("files %+v", done.Files)
			}
			w.released(t, job)
		})
	}
}

// However a stream ends before its file is complete, the job ends, the requester can start another
// one, and the sent part is not recorded as a file.
func TestInterruptedStreams(t *testing.T) {
	t.Parallel()
	runUntilStopped := func(ctx context.Context, _ *export.Job, _ export.FileKind, _ pipeline.Observer, _ pipeline.Receiver) (pipeline.StreamResult, error) {
		<-ctx.Done()
		return pipeline.StreamResult{}, context.Cause(ctx)
	}
	for name, test := range map[string]struct {
		make streamer
		end  func(w *world, s *jobs.Service, job *export.Job, leave context.CancelCauseFunc, stop context.CancelFunc)
		want export.Status
		code errs.Code
	}{
		"the client leaves": {runUntilStopped, func(_ *world, _ *jobs.Service, _ *export.Job, leave context.CancelCauseFunc, _ context.CancelFunc) {
			leave(jobs.ClientGone())
		}, export.Cancelled, ""},
		"it is cancelled": {runUntilStopped, func(w *world, s *jobs.Service, job *export.Job, _ context.CancelCauseFunc, _ context.CancelFunc) {
			if _, err := s.Cancel(w.ctx, job.Tenant, job.ID, "a@example.com"); err != nil {
				panic(err)
			}
		}, export.Cancelled, ""},
		"the server stops": {runUntilStopped, func(_ *world, _ *jobs.Service, _ *export.Job, _ context.CancelCauseFunc, stop context.CancelFunc) {
			stop()
		}, export.Failed, errs.CodeUnavailable},
		"the database fails": {func(context.Context, *export.Job, export.FileKind, pipeline.Observer, pipeline.Receiver) (pipeline.StreamResult, error) {
			return pipeline.StreamResult{}, errs.Wrap(errs.CodeDatabaseUnavailable, errors.New("10.0.0.7"), "The user database failed.")
		}, nil, export.Failed, errs.CodeDatabaseUnavailable},
		"the run panics": {func(context.Context, *export.Job, export.FileKind, pipeline.Observer, pipeline.Receiver) (pipeline.StreamResult, error) {
			panic("oh")
		}, nil, export.Failed, errs.CodeInternal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s, r := syncWorld(t, test.make)
			w.start(t, s, 0)
			streams, stop := context.WithCancel(w.ctx)
			stopped := make(chan error, 1)
			go func() { stopped <- s.RunStreams(streams) }()
			job := w.create(t, s, r)
			stream := w.open(t, s, job, export.UsersFile)
			ctx, leave := context.WithCancelCause(w.ctx)
			ended := make(chan error, 1)
			go func() { ended <- stream.Run(ctx, discardReceiver{}) }()
			if test.end != nil {
				w.await(t, job.ID, "the stream has begun", is(export.Preparing))
				test.end(w, s, job, leave, stop)
			}
			if err := receive(t, ended, "the stream has ended"); err == nil {
				t.Error("it ended well")
			}
			leave(nil)
			done := w.await(t, job.ID, "the end", func(j *export.Job) bool { return j.Status.Final() })
			if done.Status != test.want || test.code != "" && (done.Failure == nil || done.Failure.Code != test.code) || len(done.Files) > 0 {
				t.Errorf("%s, %+v, files %+v", done.Status, done.Failure, done.Files)
			}
			w.released(t, job)
			stop()
			if err := receive(t, stopped, "all streams have ended"); err != nil {
				t.Error(err)
			}
			if _, err := s.OpenStream(w.ctx, job.Tenant, job.ID, export.UsersFile); err == nil {
				t.Error("a stream was opened in a process that stops")
			}
		})
	}
}

func TestMismatchedConfirmations(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]jobs.Confirmation{
		"fewer bytes":  {Kind: export.UsersFile, Bytes: 8, SHA256: usersSum},
		"another hash": {Kind: export.UsersFile, Bytes: 9, SHA256: eventsSum},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s, r := syncWorld(t, streamSucceeds)
			w.start(t, s, 0)
			job := w.create(t, s, r)
			if err := w.open(t, s, job, export.UsersFile).Run(w.ctx, discardReceiver{}); err != nil {
				t.Fatal(err)
			}
			done := confirmed(t, w, s, job, c)
			if done.Status != export.Failed || done.Failure.Code != errs.CodeVerificationFailed || len(done.Files) > 0 {
				t.Errorf("%s, %+v", done.Status, done.Failure)
			}
			if _, err := s.Confirm(w.ctx, job.Tenant, job.ID, goodUsers); errs.CodeOf(err) != errs.CodeStreamTaken {
				t.Errorf("then with the right one: %v", err)
			}
			w.released(t, job)
		})
	}
}

// For a job of a key pair, delivery of the last chunk is the confirmation.
func TestStreamOfAKeyPair(t *testing.T) {
	t.Parallel()
	w, s, r := syncWorld(t, streamSucceeds)
	w.start(t, s, 0)
	r.Origin = export.FromAPI
	job := w.create(t, s, r)
	stream := w.open(t, s, job, export.UsersFile)
	if err := stream.Run(w.ctx, discardReceiver{}); err != nil {
		t.Fatal(err)
	}
	stream.RecordSent(w.ctx, nil)
	if j := w.job(t, job.ID); j.Status != export.Completed || len(j.Files) != 1 {
		t.Errorf("%s, %+v", j.Status, j.Files)
	}
}
