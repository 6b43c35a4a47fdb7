package run

import (
	"context"
	"fmt"

	"github.com/egress-io/egress/internal/export"
)

// streamPart is how many bytes are written at once. A part may run over it by the rows of one user.
const streamPart = 256 << 10

// Receiver takes a file as it is made.
type Receiver interface {
	// Receive takes the bytes that come next. They are lent until it returns, which the end of ctx makes it do.
	Receive(ctx context.Context, p []byte) error
}

// Streamed is a file that a receiver has taken in full. Whether it has arrived is for the client to say.
type Streamed struct {
	File     export.File // without a key
	Warnings []export.Warning
	Progress export.Progress // of all bytes
}

// Stream makes one file of a sync job and hands it to a receiver, piece by piece: the same bytes that Run stores. What of the files
// before is known stands in the job. On an error what was written is a beginning of the file at most. The error is that of
// the receiver, or one of those that Run returns. Of the observer only Prepared, Progress and Event are called.
func (r *Runner) Stream(ctx context.Context, job *export.Job, kind export.FileKind, obs Observer, to Receiver) (Streamed, error) {
	t, err := r.task(ctx, job, kind, obs)
	if err != nil {
		return Streamed{}, err
	}
	t.settings.PartSize = func(int) int { return streamPart }
	if err := t.announce(ctx); err != nil {
		return Streamed{}, err
	}
	crew, ctx := newCrew(ctx)
	parts := newPool(t.settings.Buffers)
	sink := &streaming{to: to, pool: parts}
	crew.Go(func() error {
		return (&writing{task: t, crew: crew, obs: obs}).start(ctx, export.Checkpoint{Kind: kind, Matched: t.meter.total}, sink, parts, 0)
	})
	if err := crew.wait(); err != nil {
		return Streamed{}, err
	}
	obs.Event("written", fmt.Sprintf("%s and %s were sent.", t.passed(sink.at), megabytes(sink.at.Bytes)))
	file := t.file(sink.at)
	file.MadeBy, file.Attempts = r.Version, 1
	return Streamed{File: file, Warnings: warnings(kind, sink.at), Progress: t.meter.progress(true, true)}, nil
}

// streaming writes parts, one after the other.
type streaming struct {
	to   Receiver
	pool *pool
	at   export.Checkpoint // behind the last part that was written
}

func (s *streaming) add(ctx context.Context, p part) error {
	if err := s.to.Receive(ctx, p.body); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
	s.at = p.mark
	s.pool.put(p.body)
	return nil
}

func (s *streaming) close() {}
