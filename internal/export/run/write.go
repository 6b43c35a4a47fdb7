package run

import (
	"context"
	"sync"

	"github.com/egress-io/egress/internal/export"
)

// write reads and encodes the users that come behind at, and stores them in the parts that follow those of at; etags are
// theirs. It returns where the file stands then, and the ETags of all parts, once no part is in flight.
//
//	cut ─► segments ─► readers ─► blocks ─► encoders ─► sequence ─► pieces ─► (packing) ─► assembly ─► parts ─┬► storing ─► ledger
//	                                                                                                        └► streaming
func (t *task) write(ctx context.Context, upload Upload, at export.Checkpoint, etags []string, obs Observer) (export.Checkpoint, []string, error) {
	crew, ctx := newCrew(ctx)
	ledger := newLedger(at, etags, obs.Checkpoint)
	w := &writing{task: t, crew: crew, obs: obs}
	crew.Go(func() error {
		parts := newPool(t.settings.Buffers)
		storing := newStoring(ctx, crew, upload, min(t.settings.Uploads, t.settings.Buffers), parts, ledger)
		return w.start(ctx, at, storing, parts, MaxParts)
	})
	if err := crew.wait(); err != nil {
		return at, nil, err
	}
	obs.Progress(t.meter.progress(true, true))
	return ledger.at, ledger.etags, nil
}

// sink takes the parts of a file, in their order, and gives their buffers back.
type sink interface {
	add(ctx context.Context, p part) error
	close() // behind the last part
}

// writing is a write under way.
type writing struct {
	task *task
	crew crew
	obs  Observer
}

// pieces are those of the file, in order.
type pieces interface {
	// next returns the next piece, one without a body behind the last.
	next(ctx context.Context) (piece, error)
	// release gives back the buffer of a piece that was copied.
	release(piece)
}

// direct are pieces that are parts already: whoever stores one releases it.
type direct chan piece

func (d direct) next(ctx context.Context) (piece, error) { return receive(ctx, d) }
func (direct) release(piece)                             {}

// start sets the stages up and their goroutines going. Parts has the buffers of the parts, of which there are at most most; 0:
// any number.
func (w *writing) start(ctx context.Context, at export.Checkpoint, to sink, parts *pool, most int) error {
	t, s := w.task, w.task.settings
	assembly, err := newAssembly(at, s.PartSize, &t.meter, to.add)
	if err != nil {
		return export.Wrap(export.CodeInternal, err, "The checkpoint of the job is not known to this version of Egress.")
	}
	assembly.most = most
	if t.compression() == export.CompressionNone {
		made := make(direct)
		n := at.Parts
		sequence := &sequence{task: t, obs: w.obs, pool: parts, next: func() int { n++; return s.PartSize(n) }}
		sequence.hand = func(ctx context.Context, p piece) error { return send(ctx, made, p) }
		w.crew.Go(func() error { return w.assemble(ctx, made, assembly, to) })
		return w.read(ctx, at, sequence, func() { close(made) })
	}
	plain := newPool(s.Packers + 2)
	packing, err := newPacking(ctx, w.crew, t.compression(), s.Packers, plain)
	if err != nil {
		return err
	}
	assembly.pool = parts
	sequence := &sequence{task: t, obs: w.obs, pool: plain, next: func() int { return memberSize }, hand: packing.add}
	w.crew.Go(func() error { return w.assemble(ctx, packing, assembly, to) })
	return w.read(ctx, at, sequence, packing.close)
}

// assemble makes parts of pieces until there are no more.
func (w *writing) assemble(ctx context.Context, from pieces, assembly *assembly, to sink) error {
	for {
		p, err := from.next(ctx)
		if err != nil {
			return err
		}
		if p.body == nil {
			break
		}
		if err := assembly.add(ctx, p); err != nil {
			return err
		}
		from.release(p)
	}
	if err := assembly.cut(ctx); err != nil {
		return err
	}
	to.close()
	return nil
}

// read reads and encodes all users behind at, and calls finished when the last piece was handed on.
func (w *writing) read(ctx context.Context, at export.Checkpoint, sequence *sequence, finished func()) error {
	t := w.task
	var header []byte
	if at.Parts == 0 {
		header = t.encoder.Header(nil)
	}
	if err := sequence.begin(ctx, header); err != nil {
		return err
	}
	w.obs.Progress(t.meter.progress(true, false))

	order, work := make(chan *segment, t.settings.Readers), make(chan *segment)
	w.crew.Go(func() error { return t.cut(ctx, string(at.LastID), order, work) })
	busy := (t.settings.Readers+1)*segmentBlocks + t.settings.Readers + t.settings.Encoders
	unused := newBlocks(busy, t.settings.BlockBytes)
	w.readAndEncode(ctx, work, unused)
	for {
		s, err := receive(ctx, order)
		if err != nil {
			return err
		}
		if s == nil {
			break
		}
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
			if err := sequence.add(ctx, b); err != nil {
				return err
			}
			unused.put(b)
		}
	}
	if err := sequence.finish(ctx); err != nil {
		return err
	}
	finished()
	return nil
}

// readAndEncode starts the goroutines that read segments, and those that encode what they have read.
func (w *writing) readAndEncode(ctx context.Context, work <-chan *segment, unused blocks) {
	read := make(chan *block)
	var readers sync.WaitGroup
	for range w.task.settings.Readers {
		readers.Add(1)
		w.crew.Go(func() error {
			defer readers.Done()
			return w.readSegments(ctx, work, unused, read)
		})
	}
	w.crew.Go(func() error {
		readers.Wait()
		close(read)
		return nil
	})
	for range w.task.settings.Encoders {
		w.crew.Go(func() error { return w.encode(ctx, read) })
	}
}

func (w *writing) readSegments(ctx context.Context, work <-chan *segment, unused blocks, read chan<- *block) error {
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

// readSegment reads a segment's users into blocks, and hands out each twice: in order, and to whoever encodes next.
func (w *writing) readSegment(ctx context.Context, s *segment, unused blocks, read chan<- *block) error {
	users := w.task.source(s.span, func() {
		w.obs.Event("resumed", "The database lost the cursor; reading went on after the last user.")
	})
	defer users.close()
	for more := true; more; {
		b := unused.get()
		var err error
		if more, err = b.fill(ctx, users, w.task.settings); err != nil {
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

func (w *writing) encode(ctx context.Context, read <-chan *block) error {
	c, err := w.task.coder()
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

// storing stores parts, several at once.
type storing struct {
	upload Upload
	full   chan part
	pool   *pool
	marks  chan storedPart
}

type storedPart struct {
	mark export.Checkpoint
	etag string
}

// newStoring starts the goroutines that store, and one that notes what is stored.
func newStoring(ctx context.Context, crew crew, upload Upload, uploads int, pool *pool, l *ledger) *storing {
	s := &storing{upload: upload, full: make(chan part), pool: pool, marks: make(chan storedPart)}
	var storers sync.WaitGroup
	for range uploads {
		storers.Add(1)
		crew.Go(func() error {
			defer storers.Done()
			return s.storeAll(ctx)
		})
	}
	crew.Go(func() error {
		storers.Wait()
		close(s.marks)
		return nil
	})
	crew.Go(func() error {
		for m := range s.marks { // closed when no part is in flight
			l.stored(m.mark, m.etag)
		}
		return nil
	})
	return s
}

func (s *storing) storeAll(ctx context.Context) error {
	for {
		p, err := receive(ctx, s.full)
		if err != nil || p.body == nil {
			return err
		}
		if err := s.store(ctx, p); err != nil {
			return err
		}
	}
}

func (s *storing) store(ctx context.Context, p part) error {
	etag, err := s.upload.Part(ctx, p.mark.Parts, p.body)
	if err != nil {
		return failed(ctx, export.CodeStorage, err, storeFailed)
	}
	s.marks <- storedPart{p.mark, etag}
	s.pool.put(p.body)
	return nil
}

func (s *storing) add(ctx context.Context, p part) error { return send(ctx, s.full, p) }
func (s *storing) close()                                { close(s.full) }
