package main

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

// publishEvery is how often a worker publishes progress.
const publishEvery = 250 * time.Millisecond

// watch is the observer of a measured run. It keeps the newest progress and, four times a second, makes the message of it that a
// worker would publish; and it notes when the phases ended.
type watch struct {
	began                        time.Time
	prepared, written, completed time.Time // zero: not reached

	columns int
	stop    chan struct{}
	done    sync.WaitGroup

	mu   sync.Mutex
	last export.Progress
}

var _ run.Observer = (*watch)(nil)

// newWatch starts the clock. close ends it.
func newWatch() *watch {
	w := &watch{began: time.Now(), stop: make(chan struct{})}
	w.done.Go(func() {
		t := time.NewTicker(publishEvery)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				_, _ = json.Marshal(w.progress()) // nobody listens
			case <-w.stop:
				return
			}
		}
	})
	return w
}

func (w *watch) close() {
	close(w.stop)
	w.done.Wait()
}

// Prepared implements run.Observer.
func (w *watch) Prepared(_ context.Context, _ export.FileKind, columns []export.Column, p export.Progress) error {
	w.prepared, w.columns = time.Now(), len(columns)
	w.Progress(p)
	return nil
}

// Uploading implements run.Observer.
func (w *watch) Uploading(context.Context, string) error { return nil }

// Checkpoint implements run.Observer.
func (w *watch) Checkpoint(export.Checkpoint) {}

// Completing implements run.Observer.
func (w *watch) Completing(context.Context, export.Checkpoint) error { return nil }

// Finished implements run.Observer.
func (w *watch) Finished(context.Context, export.File, []export.Warning) error { return nil }

// Progress implements run.Observer.
func (w *watch) Progress(p export.Progress) {
	w.mu.Lock()
	w.last = p
	w.mu.Unlock()
}

// Event implements run.Observer. The run says "written" when no part is in flight any more.
func (w *watch) Event(kind, _ string) {
	if kind == "written" {
		w.written = time.Now()
	}
}

func (w *watch) progress() export.Progress {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// outcome tells what the run came to; got is its result, nil where it has none.
func (w *watch) outcome(got *run.Result) outcome {
	now := time.Now()
	p := w.progress().Users
	o := outcome{Users: p.Users, Rows: p.Rows, Bytes: p.Bytes, Columns: w.columns, Together: now.Sub(w.began).Seconds()}
	if got != nil {
		o.SHA256 = got.Files[0].SHA256
	}
	o.Prepare, o.Write = w.prepared.Sub(w.began).Seconds(), w.written.Sub(w.prepared).Seconds()
	if !w.completed.IsZero() {
		o.Complete, o.Prove = w.completed.Sub(w.written).Seconds(), now.Sub(w.completed).Seconds()
	}
	return o
}
