package pipeline

import (
	"context"
	"sync"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// write reads and encodes the users after cp and uploads the parts that follow those in stored. It
// returns the final checkpoint and all parts, once no upload is in flight.
//
//	cutSegments ─► readers ─► blocks ─► encoders ─► sequencer ─► chunks ─► (compressStage)
//	                                                                             │
//	            checkpointer ◄─ uploadSink or streamSink ◄─ parts ◄─ partAssembler ◄┘
func (t *task) write(ctx context.Context, upload Upload, cp export.Checkpoint, stored []StoredPart, obs Observer) (export.Checkpoint, []StoredPart, error) {
	group, ctx := newGroup(ctx)
	ck := newCheckpointer(cp, stored, func(cp export.Checkpoint) { obs.Checkpoint(t.withMoments(cp)) })
	w := &fileWriter{task: t, group: group, obs: obs}
	group.Go(func() error {
		parts := newBufferPool(t.settings.Buffers)
		sink := newUploadSink(ctx, group, upload, min(t.settings.Uploads, t.settings.Buffers), parts, ck)
		return w.start(ctx, cp, sink, parts, MaxParts)
	})
	if err := group.wait(); err != nil {
		return cp, nil, err
	}
	obs.Progress(t.meter.progress(true, true))
	return t.withMoments(ck.checkpoint), ck.parts, nil
}

// fileWriter runs the stages that write one file.
type fileWriter struct {
	task      *task
	group     group
	obs       Observer
	largeGate largeGate
}

// start sets up the stages and starts their goroutines. The buffers of parts come from the pool
// parts. maxParts limits their number; 0 means no limit.
func (w *fileWriter) start(ctx context.Context, cp export.Checkpoint, to partSink, parts *bufferPool, maxParts int) error {
	t, s := w.task, w.task.settings
	assembler, err := newPartAssembler(cp, s.PartSize, &t.meter, to.add)
	if err != nil {
		return errs.Wrap(errs.CodeInternal, err, "This version of Egress does not know the checkpoint of the job.")
	}
	assembler.maxParts = maxParts
	if t.compression() == export.CompressionNone {
		chunks := make(directChunks)
		n := cp.Parts
		seq := &sequencer{task: t, observer: w.obs, pool: parts, nextLimit: func() int { n++; return s.PartSize(n) }}
		seq.emit = func(ctx context.Context, p chunk) error { return send(ctx, chunks, p) }
		w.group.Go(func() error { return w.assemble(ctx, chunks, assembler, to) })
		return w.readUsers(ctx, cp, seq, func() { close(chunks) })
	}
	plainBuffers := newBufferPool(s.Packers + 2)
	stage, err := newCompressStage(ctx, w.group, t.compression(), s.Packers, plainBuffers)
	if err != nil {
		return err
	}
	assembler.pool = parts
	seq := &sequencer{task: t, observer: w.obs, pool: plainBuffers, nextLimit: func() int { return s.memberSize }, emit: stage.add}
	w.group.Go(func() error { return w.assemble(ctx, stage, assembler, to) })
	return w.readUsers(ctx, cp, seq, stage.close)
}

// assemble moves chunks into parts until the last chunk.
func (w *fileWriter) assemble(ctx context.Context, from chunkSource, assembler *partAssembler, to partSink) error {
	for {
		c, err := from.next(ctx)
		if err != nil {
			return err
		}
		if c.body == nil {
			break
		}
		if err := assembler.add(ctx, c); err != nil {
			return err
		}
		from.release(c)
	}
	if err := assembler.cut(ctx); err != nil {
		return err
	}
	to.close()
	return nil
}

// readUsers reads and encodes all users after cp, and calls finished after it has emitted the last
// chunk.
func (w *fileWriter) readUsers(ctx context.Context, cp export.Checkpoint, seq *sequencer, finished func()) error {
	t := w.task
	var header []byte
	if cp.Parts == 0 {
		header = t.encoder.Header(nil)
	}
	if err := seq.startChunk(ctx, header); err != nil {
		return err
	}
	w.obs.Progress(t.meter.progress(true, false))

	order, work := make(chan *segment, t.settings.Readers), make(chan *segment)
	w.group.Go(func() error { return t.cutSegments(ctx, string(cp.LastID), order, work) })
	inUse := (t.settings.Readers+1)*segmentBlocks + t.settings.Readers + t.settings.Encoders
	unused := newBlockPool(inUse, t.settings.BlockBytes)
	w.largeGate = newLargeGate()
	w.startReadersAndEncoders(ctx, work, unused)
	for {
		s, err := receive(ctx, order)
		if err != nil {
			return err
		}
		if s == nil {
			break
		}
		close(s.turn)
		for {
			b, err := receive(ctx, s.blocks)
			if err != nil {
				return err
			}
			if b == nil {
				break
			}
			if _, err := receive(ctx, b.encoded); err != nil {
				return err
			}
			if err := seq.addBlock(ctx, b); err != nil {
				return err
			}
			if b.large {
				w.largeGate.release()
			}
			unused.put(b)
		}
	}
	if err := seq.finish(ctx); err != nil {
		return err
	}
	finished()
	return nil
}

// startReadersAndEncoders starts the goroutines that read segments and those that encode blocks.
func (w *fileWriter) startReadersAndEncoders(ctx context.Context, work <-chan *segment, unused blockPool) {
	read := make(chan *block)
	var readers sync.WaitGroup
	for range w.task.settings.Readers {
		readers.Add(1)
		w.group.Go(func() error {
			defer readers.Done()
			return w.readSegments(ctx, work, unused, read)
		})
	}
	w.group.Go(func() error {
		readers.Wait()
		close(read)
		return nil
	})
	for range w.task.settings.Encoders {
		w.group.Go(func() error { return w.encodeBlocks(ctx, read) })
	}
}

func (w *fileWriter) readSegments(ctx context.Context, work <-chan *segment, unused blockPool, read chan<- *block) error {
	for {
		s, err := receive(ctx, work)
		if err != nil || s == nil {
			return err
		}
		if err := w.readSegment(ctx, s, unused, read); err != nil {
			return err
		}
	}
}

// readSegment reads a segment's users into blocks. It sends each block twice: to s.blocks, in order
// for the sequencer, and to read, for the next free encoder.
func (w *fileWriter) readSegment(ctx context.Context, s *segment, unused blockPool, read chan<- *block) error {
	users := w.task.newSource(s.span, func() { w.task.view.reportReopened(w.obs) })
	defer users.close()
	admit := func(ctx context.Context) error { return w.largeGate.acquire(ctx, s.turn) }
	for more := true; more; {
		b := unused.get()
		var err error
		if more, err = b.fill(ctx, users, w.task.settings, admit); err != nil {
			return err
		}
		for _, to := range []chan<- *block{s.blocks, read} {
			if err := send(ctx, to, b); err != nil {
				return err
			}
		}
	}
	close(s.blocks)
	return nil
}

func (w *fileWriter) encodeBlocks(ctx context.Context, read <-chan *block) error {
	c, err := w.task.newBlockEncoder()
	if err != nil {
		return err
	}
	for {
		b, err := receive(ctx, read)
		if err != nil || b == nil {
			return err
		}
		if err := c.encode(ctx, b); err != nil {
			return err
		}
		b.encoded <- struct{}{}
	}
}
