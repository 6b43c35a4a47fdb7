package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// withEvents gives a world the state events of its users, n of each but the first; every other one is of somebody who is gone.
func withEvents(t *testing.T, users, n int) *world {
	t.Helper()
	w, events := newWorld(makeUsers(t, users)), newWorld(nil)
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

func (w *world) runnerOfTwo(s Settings) *Runner {
	r := w.runner(s)
	r.Events = people{w.events}
	return r
}

func twoFiles() *export.Job {
	job := testJob()
	job.Definition.StateEvents = &export.StateEvents{}
	return job
}

func TestRunMakesBothFiles(t *testing.T) {
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
				w.match = bson.D{{Key: "user_store_id", Value: "s1"}}
			}
			s := small()
			s.BlockUsers = 30
			obs := &watcher{}
			got, err := w.runnerOfTwo(s).Run(testContext(t), twoFiles(), obs)
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
				t.Errorf("finished on the way: %+v", obs.finished)
			}
			p, end := export.Progress{}, got.Progress
			for _, next := range obs.all {
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

// An attempt that ends in the second file leaves the first one alone; the next one makes the second, with the same bytes.
func TestRunGoesOnWithTheSecondFile(t *testing.T) {
	t.Parallel()
	undisturbed := withEvents(t, 60, 9)
	want, err := undisturbed.runnerOfTwo(small()).Run(testContext(t), twoFiles(), &watcher{})
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
		if reads > 1 { // the first one is of the sample, while the users file is made
			return down
		}
		return nil
	}
	obs := &watcher{}
	job := twoFiles()
	if _, err := w.runnerOfTwo(small()).Run(testContext(t), job, obs); !errors.Is(err, down) {
		t.Fatal(err)
	}
	job.Files, job.Checkpoint, job.Attempt = obs.finished, obs.at, 4
	if len(job.Files) != 1 || job.Checkpoint == nil || job.Checkpoint.Kind != export.UsersFile {
		t.Fatalf("%+v, %+v", job.Files, job.Checkpoint)
	}
	job.Progress = obs.all[len(obs.all)-1]
	w.events.before = nil
	got, err := w.runnerOfTwo(small()).Run(testContext(t), job, &watcher{})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range got.Files {
		if f.SHA256 != want.Files[i].SHA256 || f.Rows != want.Files[i].Rows {
			t.Errorf("%+v instead of %+v", f, want.Files[i])
		}
	}
}

// A stream has the bytes that are stored, in pieces that do not grow with the file.
func TestStreamHasTheBytesOfTheFile(t *testing.T) {
	t.Parallel()
	for _, c := range []export.Compression{export.CompressionNone, export.CompressionGzip, export.CompressionZstd} {
		for _, kind := range []export.FileKind{export.UsersFile, export.StateEventsFile} {
			t.Run(fmt.Sprint(c, " ", kind), func(t *testing.T) {
				t.Parallel()
				w := withEvents(t, 400, 9)
				job := twoFiles()
				job.Definition.File.Compression = c
				want, err := w.runnerOfTwo(small()).Run(testContext(t), job, &watcher{})
				if err != nil {
					t.Fatal(err)
				}
				file := want.Files[slices.Index(job.Definition.Files(), kind)]
				job = twoFiles()
				job.Definition.File.Compression = c
				var taken sent
				obs := &watcher{}
				got, err := w.runnerOfTwo(small()).Stream(testContext(t), job, kind, obs, &taken)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(taken, w.objects[file.Key]) || got.File.SHA256 != file.SHA256 || got.File.Bytes != file.Bytes || got.File.Rows != file.Rows {
					t.Errorf("%d bytes, %+v instead of %+v", len(taken), got.File, file)
				}
				if got.File.Key != "" || obs.key != "" || obs.marks > 0 || got.Progress.Percent > 99 {
					t.Errorf("%+v, key %q, %d checkpoints", got, obs.key, obs.marks)
				}
			})
		}
	}
}

// slow takes a piece only when it is told to.
type slow struct {
	most  int
	taken chan struct{}
	err   error
	begun func() // is called when it takes something
}

func (s *slow) Receive(ctx context.Context, p []byte) error {
	s.most = max(s.most, len(p))
	if s.begun != nil {
		s.begun()
	}
	select {
	case <-s.taken:
		return s.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sent is what a receiver has taken.
type sent []byte

func (s *sent) Receive(_ context.Context, p []byte) error {
	*s = append(*s, p...)
	return nil
}

func TestStreamThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(makeUsers(t, 4000))
	to := &slow{taken: make(chan struct{}), err: io.ErrClosedPipe}
	close(to.taken)
	if _, err := w.runner(Settings{SampleUsers: 10}).Stream(testContext(t), testJob(), export.UsersFile, &watcher{}, to); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	if w.cursors != 0 {
		t.Errorf("%d cursors are open", w.cursors)
	}
	if to.most > streamPart+slack {
		t.Errorf("a piece of %d bytes", to.most)
	}

	ctx, cancel := context.WithCancelCause(testContext(t))
	gone := errors.New("gone")
	to = &slow{taken: make(chan struct{}), err: io.ErrClosedPipe, begun: func() { cancel(gone) }} // nobody takes it then
	if _, err := w.runner(Settings{SampleUsers: 10}).Stream(ctx, testJob(), export.UsersFile, &watcher{}, to); !errors.Is(err, gone) {
		t.Error(err)
	}
	if w.cursors != 0 {
		t.Errorf("%d cursors are open", w.cursors)
	}
}
