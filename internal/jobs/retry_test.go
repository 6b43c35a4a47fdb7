package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

const (
	storageAway  = "The file storage is not responding."
	databaseAway = "The user database is not responding."
)

// failing returns a run that fails with a code before it stores anything.
func failing(code errs.Code) executor {
	return func(ctx context.Context, _ *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
		if err := obs.Prepared(ctx, export.UsersFile, nil, export.Progress{Phase: export.Downloading}); err != nil {
			return pipeline.Result{}, err
		}
		return pipeline.Result{}, errs.Wrap(code, errors.New("503"), "It is down.")
	}
}

// waits checks what a job shows about its next attempt.
func waits(t *testing.T, job *export.Job, reason export.RetryReason, message string, at time.Time, attempt int) {
	t.Helper()
	r := job.Retry
	if r == nil {
		t.Fatalf("a %s job says nothing of its retry", job.Status)
	}
	if r.Reason != reason || r.Message != message || r.At == nil || !r.At.Equal(at) || r.Attempt == nil || *r.Attempt != attempt ||
		r.Of == nil || *r.Of != jobs.MaxStalled {
		t.Errorf("retry %+v, want %s %q at %s, attempt %d", r, reason, message, at, attempt)
	}
}

func TestJobShowsRetryReasonAndTime(t *testing.T) {
	t.Parallel()
	for code, want := range map[errs.Code]struct {
		reason  export.RetryReason
		message string
	}{
		errs.CodeStorageUnavailable:  {export.RetryStorage, storageAway},
		errs.CodeDatabaseUnavailable: {export.RetryDatabase, databaseAway},
		errs.CodeReadIncomplete:      {export.RetryIncomplete, "The user database stopped sending data."},
		errs.CodeUnavailable:         {export.RetryUnavailable, "A service that the export needs is not responding."},
	} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			d := newFakeProcess(t)
			job := d.create(t, request("admin:a"))
			if job.Retry != nil {
				t.Errorf("a new job waits: %+v", job.Retry)
			}
			d.work(t, job.ID, failing(code))
			waits(t, d.job(t, job.ID), want.reason, want.message, d.time().Add(2*time.Second), 2)
			waits(t, d.published(t, job.ID), want.reason, want.message, d.time().Add(2*time.Second), 2)

			d.pass(2*time.Second + time.Millisecond)
			d.work(t, job.ID, failing(code))
			waits(t, d.job(t, job.ID), want.reason, want.message, d.time().Add(4*time.Second), 3)

			d.pass(4*time.Second + time.Millisecond)
			d.work(t, job.ID, succeed)
			if done := d.published(t, job.ID); done.Status != export.Completed || done.Retry != nil {
				t.Errorf("ended as %s, %+v", done.Status, done.Retry)
			}
		})
	}
}

// The reason stays until the dependency works again: the storage accepts a part, or the database
// returns more rows.
func TestRetryReasonStaysUntilProgress(t *testing.T) {
	t.Parallel()
	rows := func(n int64) export.Progress {
		return export.Progress{Phase: export.Downloading, Users: export.FileProgress{Rows: n, Bytes: 10 * n}}
	}
	for code, cleared := range map[errs.Code][2]bool{ // cleared after rows were read, after a part was stored
		errs.CodeStorageUnavailable:  {false, true},
		errs.CodeDatabaseUnavailable: {true, true},
		errs.CodeReadIncomplete:      {true, true},
	} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			d := newFakeProcess(t)
			job := d.create(t, request("admin:a"))
			d.work(t, job.ID, failing(code))
			d.pass(time.Minute)
			d.work(t, job.ID, func(ctx context.Context, read *export.Job, obs pipeline.Observer) (pipeline.Result, error) {
				kept := func(when string, cleared bool) {
					t.Helper()
					if err := obs.Uploading(ctx, fileKey(read)); err != nil { // this writes the job
						t.Error(err)
					}
					if j := d.job(t, job.ID); (j.Retry == nil) != cleared {
						t.Errorf("%s: %+v", when, j.Retry)
					}
				}
				kept("as it begins", false)
				if err := obs.Prepared(ctx, export.UsersFile, nil, rows(0)); err != nil {
					return pipeline.Result{}, err
				}
				obs.Progress(rows(0))
				kept("prepared", false)
				obs.Progress(rows(7))
				kept("rows were read", cleared[0])
				obs.Checkpoint(export.Checkpoint{Bytes: 70})
				kept("a part was stored", cleared[1])
				return pipeline.Result{}, errs.Wrap(code, errors.New("503"), "It is down.")
			})
			// It made progress, so the count of attempts restarts.
			waits(t, d.job(t, job.ID), export.RetryReason(code), d.job(t, job.ID).Retry.Message, d.time().Add(2*time.Second), 2)
		})
	}
}

func TestCancelDuringAPause(t *testing.T) {
	t.Parallel()
	for name, queueDown := range map[string]error{"with Redis": nil, "without Redis": errors.New("refused")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newFakeProcess(t)
			job := d.create(t, request("admin:a"))
			d.work(t, job.ID, failing(errs.CodeStorageUnavailable))
			d.queue.refuse(queueDown)
			d.lock.refuse(queueDown)
			// The clock does not move, so no delay passes.
			ended, err := d.Cancel(d.ctx, job.Tenant, job.ID, "ada@example.com")
			if err != nil || ended.Status != export.Cancelled || ended.Retry != nil {
				t.Fatalf("%+v, %v", ended, err)
			}
			if told := d.published(t, job.ID); told.Status != export.Cancelled || told.Retry != nil {
				t.Errorf("published as %s, %+v", told.Status, told.Retry)
			}
			if _, err := d.store.Holder(d.ctx, jobs.SlotOf(job)); !errors.Is(err, jobs.ErrNoJob) {
				t.Errorf("the slot is held: %v", err)
			}
			next := d.create(t, request("admin:a"))
			d.pass(time.Minute)
			d.reconcile(t, false)
			d.work(t, job.ID, func(_ context.Context, job *export.Job, _ pipeline.Observer) (pipeline.Result, error) {
				if job.ID != next.ID {
					t.Errorf("the cancelled job was tried again")
				}
				return pipeline.Result{}, errs.Errorf(errs.CodeNonStringID, "It has ended.")
			})
		})
	}
}

// The documented time matches the settings. After it the job fails, and its e-mail is due.
func TestJobFailsAfterTheDocumentedTime(t *testing.T) {
	t.Parallel()
	pauses := jobs.Settings{}.RetryPauses()
	var sum time.Duration
	var words []string
	for _, p := range pauses {
		sum += p
		words = append(words, fmt.Sprintf("%.0f", p.Seconds()))
	}
	d := newFakeProcess(t)
	job := d.create(t, request("admin:a"))
	began := d.time()
	for i, p := range pauses {
		d.work(t, job.ID, failing(errs.CodeStorageUnavailable))
		waits(t, d.job(t, job.ID), export.RetryStorage, storageAway, d.time().Add(p), i+2)
		if d.pass(p); i == 0 { // not earlier
			d.work(t, job.ID, func(context.Context, *export.Job, pipeline.Observer) (pipeline.Result, error) {
				t.Error("tried too early")
				return pipeline.Result{}, nil
			})
		}
		d.pass(time.Millisecond)
	}
	d.work(t, job.ID, failing(errs.CodeStorageUnavailable))
	done := d.published(t, job.ID)
	if done.Status != export.Failed || done.Failure == nil || done.Failure.Code != errs.CodeTooManyAttempts || done.Retry != nil {
		t.Fatalf("ended as %s, %+v, %+v", done.Status, done.Failure, done.Retry)
	}
	if !strings.HasSuffix(done.Failure.Message, "The file storage did not answer.") {
		t.Errorf("it says %q", done.Failure.Message)
	}
	if done.Mail == nil || done.Mail.State != export.MailDue {
		t.Errorf("its e-mail is %+v", done.Mail)
	}
	if took := d.time().Sub(began).Round(time.Second); took != sum || len(pauses) != jobs.MaxStalled-1 {
		t.Errorf("it took %s, and there are %d pauses of %s", took, len(pauses), sum)
	}

	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := strings.Join(strings.Fields(string(text)), " ")
	last := len(words) - 1
	for _, want := range []string{
		fmt.Sprintf("pauses of %s and %s seconds", strings.Join(words[:last], ", "), words[last]),
		fmt.Sprintf("%.0f seconds of pauses", sum.Seconds()),
		fmt.Sprintf("after %d attempts", jobs.MaxStalled),
	} {
		if !strings.Contains(documented, want) {
			t.Errorf("docs/operations.md does not say %q", want)
		}
	}
}
