package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

// withEvents returns a testEnv with n state events for each user except the first. Every second
// event belongs to a user who no longer exists.
func withEvents(t *testing.T, users, n int) *testEnv {
	t.Helper()
	w, events := newTestEnv(makeUsers(t, users)), newTestEnv(nil)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for range n {
		for i, user := range w.docs[1:] {
			id := user.Lookup("_id").StringValue()
			if i%2 == 1 {
				id = "gone-" + id
			}
			at = at.Add(time.Second)
			raw, err := bson.Marshal(bson.D{
				{Key: "_id", Value: at.Format("2006-01-02T15:04:05.000Z") + "/e"}, {Key: "event_id", Value: "e"}, {Key: "time", Value: at},
				{Key: "user_id", Value: id}, {Key: "kind", Value: "renewed"}, {Key: "to_state", Value: "active"}, {Key: "product_id", Value: "p1"},
			})
			if err != nil {
				t.Fatal(err)
			}
			events.docs = append(events.docs, raw)
		}
	}
	w.events = events
	return w
}

func (w *testEnv) runnerWithEvents(s Settings) *Runner {
	r := w.runner(s)
	r.o.Events = memoryUsers{w.events}
	return r
}

func twoFileJob() *export.Job {
	job := testJob()
	job.Definition.StateEvents = &export.StateEvents{}
	return job
}

func TestRunWritesBothFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		filter bool
		rows   int64
	}{
		"of everybody":       {rows: 400},
		"of those who match": {filter: true, rows: 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := withEvents(t, 101, 4)
			if test.filter {
				w.selection = filter.Selection{Store: "s1"}
			}
			s := smallSettings()
			s.BlockUsers = 30
			obs := &recorder{}
			got, err := w.runnerWithEvents(s).Run(testContext(t), twoFileJob(), obs)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Files) != 2 || got.Files[0].Kind != export.UsersFile || got.Files[1].Kind != export.StateEventsFile {
				t.Fatalf("%+v", got.Files)
			}
			f := got.Files[1]
			if f.Name != "state_events_acme_20261123T083128Z.csv" || f.Rows != test.rows || f.Columns != 9 || f.SHA256 == got.Files[0].SHA256 {
				t.Errorf("%+v", f)
			}
			lines := strings.Split(string(w.objects[f.Key]), "\r\n")
			if lines[0] != "event_id,time,user_id,kind,from_state,to_state,grant_id,product_id,product" ||
				lines[1] != "e,2026-01-02T03:04:06.000Z,user-000001,renewed,,active,,p1,Daily" || int64(len(lines)) != test.rows+2 {
				t.Errorf("%d lines, the first %q", len(lines), lines[:2])
			}
			if len(obs.finished) != 1 || obs.finished[0].Kind != export.UsersFile {
				t.Errorf("finished files before the end: %+v", obs.finished)
			}
			p, end := export.Progress{}, got.Progress
			for _, next := range obs.progressCalls {
				if next.Percent < p.Percent || next.Users.Bytes < p.Users.Bytes || next.Phase == export.Downloading && p.Phase == export.DownloadingStateEvents ||
					next.StateEvents == nil || p.StateEvents != nil && next.StateEvents.Bytes < p.StateEvents.Bytes {
					t.Errorf("from %+v to %+v", p, next)
				}
				p = next
			}
			if end.Percent != 100 || end.Users.Bytes != got.Files[0].Bytes || end.StateEvents.Bytes != f.Bytes || !end.StateEvents.BytesTotalExact {
				t.Errorf("the end is not exact: %+v, %+v", end, end.StateEvents)
			}
		})
	}
}

// A definition without state events makes no state events file and does not read the events, even
// where the tenant has some. Asking for their stream is an error before the first byte.
func TestDefinitionWithoutStateEventsMakesNoEventsFile(t *testing.T) {
	t.Parallel()
	w := withEvents(t, 11, 4)
	got, err := w.runnerWithEvents(smallSettings()).Run(testContext(t), testJob(), &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Files) != 1 || got.Files[0].Kind != export.UsersFile || got.Progress.StateEvents != nil {
		t.Errorf("%+v, %+v", got.Files, got.Progress)
	}
	if _, exists := w.objects[Key(testJob(), export.StateEventsFile)]; exists || len(w.objects) != 2 { // the file and its manifest
		t.Errorf("objects %v", slices.Sorted(maps.Keys(w.objects)))
	}
	var taken collector
	_, err = w.runnerWithEvents(smallSettings()).Stream(testContext(t), testJob(), export.StateEventsFile, &recorder{}, &taken)
	if errs.CodeOf(err) != errs.CodeInternal || !strings.Contains(err.Error(), "selects no state events") || len(taken) > 0 {
		t.Errorf("%d bytes, %v", len(taken), err)
	}
	if calls := w.events.calls; len(calls) > 0 {
		t.Errorf("the events are read: %v", calls)
	}
}

// An attempt that fails in the second file keeps the first one; the next attempt writes the same
// second file.
func TestRunResumesSecondFile(t *testing.T) {
	t.Parallel()
	reference := withEvents(t, 60, 9)
	want, err := reference.runnerWithEvents(smallSettings()).Run(testContext(t), twoFileJob(), &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	w := withEvents(t, 60, 9)
	down := errors.New("the database is gone")
	reads := 0
	w.events.before = func(_ context.Context, _ int, op string) error {
		if op == "read" {
			reads++
		}
		if reads > 1 { // the first read is for the estimate, during the users file
			return down
		}
		return nil
	}
	obs := &recorder{}
	job := twoFileJob()
	if _, err := w.runnerWithEvents(smallSettings()).Run(testContext(t), job, obs); !errors.Is(err, down) {
		t.Fatal(err)
	}
	job.Files, job.Checkpoint, job.Attempt = obs.finished, obs.checkpoint, 4
	if len(job.Files) != 1 || job.Checkpoint == nil || job.Checkpoint.Kind != export.UsersFile {
		t.Fatalf("%+v, %+v", job.Files, job.Checkpoint)
	}
	job.Progress = obs.progressCalls[len(obs.progressCalls)-1]
	w.events.before = nil
	got, err := w.runnerWithEvents(smallSettings()).Run(testContext(t), job, &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range got.Files {
		if f.SHA256 != want.Files[i].SHA256 || f.Rows != want.Files[i].Rows {
			t.Errorf("%+v instead of %+v", f, want.Files[i])
		}
	}
}

// A stream has the same bytes as the stored file. The size of its parts does not depend on the
// file.
func TestStreamEqualsStoredFile(t *testing.T) {
	t.Parallel()
	for _, c := range []export.Compression{export.CompressionNone, export.CompressionGzip, export.CompressionZstd} {
		for _, kind := range []export.FileKind{export.UsersFile, export.StateEventsFile} {
			t.Run(fmt.Sprint(c, " ", kind), func(t *testing.T) {
				t.Parallel()
				w := withEvents(t, 400, 9)
				job := twoFileJob()
				job.Definition.File.Compression = c
				want, err := w.runnerWithEvents(smallSettings()).Run(testContext(t), job, &recorder{})
				if err != nil {
					t.Fatal(err)
				}
				file := want.Files[slices.Index(job.Definition.Files(), kind)]
				job = twoFileJob()
				job.Definition.File.Compression = c
				var taken collector
				obs := &recorder{}
				got, err := w.runnerWithEvents(smallSettings()).Stream(testContext(t), job, kind, obs, &taken)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(taken, w.objects[file.Key]) || got.File.SHA256 != file.SHA256 || got.File.Bytes != file.Bytes || got.File.Rows != file.Rows {
					t.Errorf("%d bytes, %+v instead of %+v", len(taken), got.File, file)
				}
				if got.File.Key != "" || obs.key != "" || obs.checkpoints > 0 || got.Progress.Percent > 99 {
					t.Errorf("%+v, key %q, %d checkpoints", got, obs.key, obs.checkpoints)
				}
			})
		}
	}
}

// slowReceiver receives a part only on request.
type slowReceiver struct {
	largest   int
	taken     chan struct{}
	err       error
	onReceive func() // called at the start of Receive
}

func (s *slowReceiver) Receive(ctx context.Context, p []byte) error {
	s.largest = max(s.largest, len(p))
	if s.onReceive != nil {
		s.onReceive()
	}
	select {
	case <-s.taken:
		return s.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// collector is a Receiver that keeps the bytes.
type collector []byte

func (s *collector) Receive(_ context.Context, p []byte) error {
	*s = append(*s, p...)
	return nil
}

func TestStreamWithFailingReceiver(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 4000))
	to := &slowReceiver{taken: make(chan struct{}), err: io.ErrClosedPipe}
	close(to.taken)
	if _, err := w.runner(Settings{SampleUsers: 10}).Stream(testContext(t), testJob(), export.UsersFile, &recorder{}, to); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	if w.cursors != 0 {
		t.Errorf("%d cursors are open", w.cursors)
	}
	if to.largest > streamPartSize+slack {
		t.Errorf("the largest part has %d bytes", to.largest)
	}

	ctx, cancel := context.WithCancelCause(testContext(t))
	errGone := errors.New("gone")
	to = &slowReceiver{taken: make(chan struct{}), err: io.ErrClosedPipe, onReceive: func() { cancel(errGone) }} // nobody receives then
	if _, err := w.runner(Settings{SampleUsers: 10}).Stream(ctx, testJob(), export.UsersFile, &recorder{}, to); !errors.Is(err, errGone) {
		t.Error(err)
	}
	if w.cursors != 0 {
		t.Errorf("%d cursors are open", w.cursors)
	}
}
