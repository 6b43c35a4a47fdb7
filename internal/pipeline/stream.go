package pipeline

import (
	"context"
	"fmt"

	"github.com/egress-io/egress/internal/export"
)

// streamPartSize is how many bytes one call of Receive gets. The rows of one user may exceed it.
const streamPartSize = 256 << 10

// Receiver receives a file while it is produced.
type Receiver interface {
	// Receive handles the next bytes. It must not keep p after it returns, and returns when ctx
	// ends.
	Receive(ctx context.Context, p []byte) error
}

// StreamResult is a file that a receiver has accepted completely. Only the client knows whether it
// arrived.
type StreamResult struct {
	File     export.File // without a storage key
	Warnings []export.Warning
	Progress export.Progress // final
}

// Stream produces one file of a sync job and passes it to a receiver: the same bytes that Run
// stores. The job holds the results of the files before this one. After an error the receiver has
// got a prefix of the file. The error is the receiver's, or one of those that Run returns. Stream
// calls only Prepared, Progress and Event of the observer. It blocks until the file is complete. If
// the store has snapshots, each call reads one of its own.
func (r *Runner) Stream(ctx context.Context, job *export.Job, kind export.FileKind, obs Observer, to Receiver) (StreamResult, error) {
	r.running.Add(1)
	defer r.running.Add(-1)
	v, err := r.openView(ctx, job.Tenant)
	if err != nil {
		return StreamResult{}, err
	}
	defer v.close(ctx)
	plan, err := r.plan(ctx, job)
	if err != nil {
		return StreamResult{}, err
	}
	t, err := r.newTask(ctx, plan, v, job, kind, obs)
	if err != nil {
		return StreamResult{}, err
	}
	t.settings.PartSize = func(int) int { return streamPartSize }
	t.startReading(nil)
	if err := t.surveyAndReport(ctx); err != nil {
		return StreamResult{}, err
	}
	group, ctx := newGroup(ctx)
	parts := newBufferPool(t.settings.Buffers)
	sink := &streamSink{receiver: to, pool: parts}
	group.Go(func() error {
		return (&fileWriter{task: t, group: group, obs: obs}).start(ctx, export.Checkpoint{Kind: kind, Matched: t.meter.matched}, sink, parts, 0)
	})
	if err := group.wait(); err != nil {
		return StreamResult{}, err
	}
	obs.Event("written", fmt.Sprintf("%s and %s were sent.", t.counts(sink.checkpoint), export.FormatSize(sink.checkpoint.Bytes)))
	file := t.receipt(sink.checkpoint)
	file.MadeBy, file.Attempts = r.o.Version, 1
	return StreamResult{File: file, Warnings: t.warnings(sink.checkpoint), Progress: t.meter.progress(true, true)}, nil
}

// streamSink passes parts to a receiver, one at a time.
type streamSink struct {
	receiver   Receiver
	pool       *bufferPool
	checkpoint export.Checkpoint // after the last received part
}

func (s *streamSink) add(ctx context.Context, p part) error {
	if err := s.receiver.Receive(ctx, p.body); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
	s.checkpoint = p.checkpoint
	s.pool.put(p.body)
	return nil
}

func (s *streamSink) close() {}
