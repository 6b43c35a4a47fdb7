package main

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// publishEvery is the interval at which a worker publishes progress.
const publishEvery = 250 * time.Millisecond

// stopwatch is the observer of a measured run. It records when each phase ends. Like a worker, it
// encodes the current progress four times a second.
type stopwatch struct {
	started                      time.Time
	prepared, written, completed time.Time // zero: not reached

	columns int
	stop    chan struct{}
	done    sync.WaitGroup

	mu   sync.Mutex
	last export.Progress
}

var _ pipeline.Observer = (*stopwatch)(nil)

// newStopwatch starts a stopwatch. The caller closes it.
func newStopwatch() *stopwatch {
	w := &stopwatch{started: time.Now(), stop: make(chan struct{})}
	w.done.Go(func() {
		t := time.NewTicker(publishEvery)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				_, _ = json.Marshal(w.progress()) // for its cost only
			case <-w.stop:
				return
			}
		}
	})
	return w
}

func (w *stopwatch) close() {
	close(w.stop)
	w.done.Wait()
}

// Prepared implements pipeline.Observer.
func (w *stopwatch) Prepared(_ context.Context, _ export.FileKind, columns []export.Column, p export.Progress) error {
	w.prepared, w.columns = time.Now(), len(columns)
	w.Progress(p)
	return nil
}

// Uploading implements pipeline.Observer.
func (w *stopwatch) Uploading(context.Context, string) error { return nil }

// Checkpoint implements pipeline.Observer.
func (w *stopwatch) Checkpoint(export.Checkpoint) {}

// Completing implements pipeline.Observer.
func (w *stopwatch) Completing(context.Context, export.Checkpoint) error { return nil }

// Finished implements pipeline.Observer.
func (w *stopwatch) Finished(context.Context, export.File, []export.Warning) error { return nil }

// Progress implements pipeline.Observer.
func (w *stopwatch) Progress(p export.Progress) {
	w.mu.Lock()
	w.last = p
	w.mu.Unlock()
}

// Event implements pipeline.Observer. The run sends "written" once no part is in flight.
func (w *stopwatch) Event(kind, _ string) {
	if kind == "written" {
		w.written = time.Now()
	}
}

func (w *stopwatch) progress() export.Progress {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// result returns the measured result. got may be nil.
func (w *stopwatch) result(got *pipeline.Result) result {
	now := time.Now()
	p := w.progress().Users
	o := result{Users: p.Users, Rows: p.Rows, Bytes: p.Bytes, Columns: w.columns, Total: now.Sub(w.started).Seconds()}
	if got != nil {
		o.SHA256 = got.Files[0].SHA256
	}
	o.Prepare, o.Write = w.prepared.Sub(w.started).Seconds(), w.written.Sub(w.prepared).Seconds()
	if !w.completed.IsZero() {
		o.Complete, o.Verify = w.completed.Sub(w.written).Seconds(), now.Sub(w.completed).Seconds()
	}
	return o
}
