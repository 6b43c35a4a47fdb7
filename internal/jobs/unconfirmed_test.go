package jobs_test

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// A client that disconnects before the confirmation does not keep the slot.
func TestUnconfirmedStreams(t *testing.T) {
	t.Parallel()
	w, s, r := syncWorld(t, streamSucceeds)
	w.start(t, s, 0)
	job := w.create(t, s, r)
	stream := w.open(t, s, job, export.UsersFile)
	if err := stream.Run(w.ctx, discardReceiver{}); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(20 * time.Second) // longer than a heartbeat is valid
	j := w.job(t, job.ID)
	if j.Status != export.Downloading {
		t.Fatalf("%s too early", j.Status)
	}
	if r := j.Waiting(); r == nil || r.Reason != export.RetryUnconfirmed || r.Message != "Waiting for the tab that receives the file." || r.At != nil || r.Until == nil {
		t.Errorf("it waits for %+v", r)
	}
	w.clock.advance(11 * time.Second)
	ended := w.await(t, job.ID, "it is cancelled", is(export.Cancelled))
	if ended.CancelReason != export.CancelNotConfirmed || ended.CancelledBy != "" || ended.Waiting() != nil {
		t.Errorf("%q, by %q, waiting %+v", ended.CancelReason, ended.CancelledBy, ended.Waiting())
	}
	w.released(t, job)

	job = w.create(t, s, r)
	stream = w.open(t, s, job, export.UsersFile)
	if err := stream.Run(w.ctx, discardReceiver{}); err != nil {
		t.Fatal(err)
	}
	stream.RecordSent(w.ctx, io.ErrClosedPipe) // the last chunk was not delivered
	if j := w.job(t, job.ID); j.Status != export.Cancelled || j.CancelReason != export.CancelDisconnected {
		t.Errorf("%s, %q", j.Status, j.CancelReason)
	}
}

// A client on a slow connection receives for longer than the server sends.
func TestReceivingClientsAreWaitedFor(t *testing.T) {
	t.Parallel()
	w, s, r := syncWorld(t, streamSucceeds)
	published := w.collectPublished(t)
	w.start(t, s, 0)
	job := w.create(t, s, r)
	arriving := jobs.Confirmation{Kind: export.UsersFile, Bytes: 1}
	stream := w.open(t, s, job, export.UsersFile)
	if got, err := s.Confirm(w.ctx, job.Tenant, job.ID, arriving); err != nil || got.Waiting() != nil {
		t.Fatalf("while the server sends: %+v, %v", got, err)
	}
	if err := stream.Run(w.ctx, discardReceiver{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is published that the job waits", func() bool {
		return slices.ContainsFunc(published(), func(j *export.Job) bool { return j.Waiting() != nil })
	})
	for range 5 {
		w.clock.advance(25 * time.Second)
		got, err := s.Confirm(w.ctx, job.Tenant, job.ID, arriving)
		if err != nil {
			t.Fatal(err)
		}
		if left := got.Delivery.Until.Sub(w.clock.now()); left < 29*time.Second || left > 31*time.Second {
			t.Fatalf("it waits for another %v", left)
		}
	}
	sent := w.job(t, job.ID).Delivery.File
	got, err := s.Confirm(w.ctx, job.Tenant, job.ID, jobs.Confirmation{Kind: export.UsersFile, Bytes: sent.Bytes, SHA256: sent.SHA256})
	if err != nil || got.Status != export.Completed {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := s.Confirm(w.ctx, job.Tenant, job.ID, arriving); errs.CodeOf(err) != errs.CodeStreamTaken {
		t.Errorf("after the end: %v", err)
	}
}

// Browsers need time to close a large file before the tab can confirm it.
func TestLargeFilesHaveTimeToBeConfirmed(t *testing.T) {
	t.Parallel()
	const bytes = 5_000_000_000
	w, s, r := syncWorld(t, func(ctx context.Context, job *export.Job, kind export.FileKind, obs pipeline.Observer, to pipeline.Receiver) (pipeline.StreamResult, error) {
		res, err := streamSucceeds(ctx, job, kind, obs, to)
		res.File.Bytes = bytes
		return res, err
	})
	w.start(t, s, 0)
	job := w.create(t, s, r)
	if err := w.open(t, s, job, export.UsersFile).Run(w.ctx, discardReceiver{}); err != nil {
		t.Fatal(err)
	}
	if left := w.job(t, job.ID).Delivery.Until.Sub(w.clock.now()); left < 100*time.Second || left > 130*time.Second {
		t.Errorf("it waits for another %v", left)
	}
	w.clock.advance(50 * time.Second)
	got, err := s.Confirm(w.ctx, job.Tenant, job.ID, jobs.Confirmation{Kind: export.UsersFile, Bytes: bytes})
	if err != nil {
		t.Fatal(err)
	}
	if left := got.Delivery.Until.Sub(w.clock.now()); left < 100*time.Second || left > 131*time.Second {
		t.Errorf("after a sign of life it waits for another %v", left)
	}
}

// A closed tab is no decision of an admin.
func TestClosedTab(t *testing.T) {
	t.Parallel()
	w, s, r := syncWorld(t, streamSucceeds)
	w.start(t, s, 0)
	job := w.create(t, s, r)
	got, err := s.CancelTabClosed(w.ctx, job.Tenant, job.ID)
	if err != nil || got.Status != export.Cancelled || got.CancelReason != export.CancelTabClosed || got.CancelledBy != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	if last := got.History[len(got.History)-1]; last.Message != "The tab that receives the file was closed." {
		t.Errorf("the history says %q", last.Message)
	}
	w.released(t, job)
	again, err := s.CancelTabClosed(w.ctx, job.Tenant, job.ID)
	if err != nil || again.Version() != got.Version() {
		t.Errorf("again: version %d after %d, %v", again.Version(), got.Version(), err)
	}
}
