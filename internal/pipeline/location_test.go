package pipeline

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// runnerIn returns a runner whose storage is in the given bucket.
func (w *testEnv) runnerIn(bucket string) *Runner {
	r := w.runner(smallSettings())
	r.o.Reach.Current = export.Location{Bucket: bucket, Endpoint: "https://s3.example.com"}
	return r
}

// A file records its location, and a process with another bucket does not look for the file in its
// own.
func TestFileRecordsItsLocation(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 40))
	got, err := w.runnerIn("a").Run(testContext(t), testJob(), &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	file := got.Files[0]
	if want := w.runnerIn("a").o.Reach.Current; file.Location != want {
		t.Fatalf("stored at %v, want %v", file.Location, want)
	}
	verify := func(r *Runner, file export.File) error {
		return r.Verify(testContext(t), testJob(), file, func(int64) {})
	}
	callsBefore := len(w.calls)
	if err := verify(w.runnerIn("b"), file); errs.CodeOf(err) != errs.CodeStoredElsewhere || len(w.calls) != callsBefore {
		t.Errorf("from another bucket: %v, after %v", err, w.calls[callsBefore:])
	}
	if err := verify(w.runnerIn("a"), file); err != nil {
		t.Errorf("from its bucket: %v", err)
	}
	file.Location = export.Location{}
	if err := verify(w.runnerIn("b"), file); err != nil {
		t.Errorf("a file that does not say where it is: %v", err)
	}
}

// An attempt in another bucket restarts the file, and neither aborts nor resumes the upload of the
// previous one.
func TestResumeInAnotherBucketRestarts(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, 100)
	want, _ := referenceRun(t, newTestEnv(docs), smallSettings(), export.CompressionNone)
	before := newTestEnv(docs)
	before.before = failPart(5)
	a := newAttempts(before, export.CompressionNone)
	a.obs = &recorder{}
	if _, err := before.runnerIn("a").Run(testContext(t), a.job, a.obs); err == nil || a.obs.checkpoint == nil || a.obs.checkpoint.Location.Bucket != "a" {
		t.Fatalf("error %v at %+v", err, a.obs.checkpoint)
	}
	after := newTestEnv(docs)
	job := testJob()
	job.Attempt, job.Columns, job.Checkpoint = 4, a.obs.columns, a.obs.checkpoint
	obs := &recorder{}
	got, err := after.runnerIn("b").Run(testContext(t), job, obs)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(after.objects[got.Files[0].Key], want) || got.Files[0].Location.Bucket != "b" {
		t.Errorf("the file or its location differs: %v", got.Files[0].Location)
	}
	if slices.Contains(after.calls, "parts") || !slices.ContainsFunc(obs.events, func(e string) bool { return strings.HasPrefix(e, "restarted: ") }) {
		t.Errorf("calls %v, events %q", after.calls, obs.events)
	}
}

// failPart returns a fault for the nth part.
func failPart(n int32) func(context.Context, int, string) error {
	var parts atomic.Int32
	return func(_ context.Context, _ int, op string) error {
		if op == "part" && parts.Add(1) == n {
			return errors.New("broken")
		}
		return nil
	}
}
