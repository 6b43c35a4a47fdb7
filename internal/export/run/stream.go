package run

import (
	"context"
	"fmt"
	"io"

	"github.com/egress-io/egress/internal/export"
)

// streamPart is how many bytes are written at once. A part may run over it by the rows of one user.
const streamPart = 256 << 10

// Streamed is a file that was written to a client in full. Whether it has arrived is for the client to say.
type Streamed struct {
	File     export.File // without a key
	Warnings []export.Warning
	Progress export.Progress // of all bytes
}

// Stream makes one file of a sync job and writes it to w, piece by piece: the same bytes that Run stores. What of the files
// before is known stands in the job. On an error what was written is a beginning of the file at most. The error is that of w,
// or one of those that Run returns. Of the observer only Prepared, Progress and Event are called.
func (r *Runner) Stream(ctx context.Context, job *export.Job, kind export.FileKind, obs Observer, w io.Writer) (Streamed, error) {
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
	to := &streaming{to: w, pool: parts}
	crew.Go(func() error {
		return (&writing{task: t, crew: crew, obs: obs}).start(ctx, export.Checkpoint{Kind: kind, Matched: t.meter.total}, to, parts, 0)
	})
	if err := crew.wait(); err != nil {
		return Streamed{}, err
	}
	obs.Event("written", fmt.Sprintf("%s and %s were sent.", t.passed(to.at), megabytes(to.at.Bytes)))
	file := t.file(to.at)
	file.MadeBy, file.Attempts = r.Version, 1
	return Streamed{File: file, Warnings: warnings(kind, to.at), Progress: t.meter.progress(true, true)}, nil
}

// streaming writes parts, one after the other.
type streaming struct {
	to   io.Writer
	pool *pool
	at   export.Checkpoint // behind the last part that was written
}

func (s *streaming) add(ctx context.Context, p part) error {
	if _, err := s.to.Write(p.body); err != nil {
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
