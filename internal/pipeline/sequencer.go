package pipeline

import (
	"context"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
)

// sequencer writes the blocks in ascending order of ids and cuts the file into chunks. The
// boundaries depend only on the bytes before them.
type sequencer struct {
	task      *task
	pool      *bufferPool
	nextLimit func() int // bytes at which the next chunk is cut
	emit      func(ctx context.Context, p chunk) error
	observer  Observer

	chunk chunk
	limit int

	encoder   *blockEncoder // encodes deferred users; nil before the first one
	userID    []byte        // the deferred user that is being written
	userBytes int64         // bytes written of that user
}

// startChunk takes a buffer and writes header to it.
func (s *sequencer) startChunk(ctx context.Context, header []byte) (err error) {
	s.limit = s.nextLimit()
	if s.chunk.body, err = s.pool.get(ctx, s.limit); err != nil {
		return err
	}
	s.chunk.body = append(s.chunk.body, header...)
	return nil
}

// addBlock appends a block's users, and emits every chunk that becomes full.
func (s *sequencer) addBlock(ctx context.Context, b *block) error {
	from := 0 // offset in b.rows
	for first := 0; first < len(b.users); {
		if b.users[first].deferred {
			if err := s.writeLarge(ctx, b.doc(first)); err != nil {
				return err
			}
			first++
			continue
		}
		last := s.lastFitting(b, first, from)
		end := b.users[last].rowsEnd
		if err := s.write(ctx, b.rows[from:end]); err != nil {
			return err
		}
		s.countUsers(b, first, last, from)
		first, from = last+1, end
		if err := s.cutIfFull(ctx); err != nil {
			return err
		}
	}
	s.observer.Progress(s.task.meter.progress(true, false))
	return nil
}

// lastFitting returns the last user, at least first, that goes into the current chunk: the one who
// reaches the limit. A user who would exceed the limit too far is written alone, so that each chunk
// counts exactly the users in it.
func (s *sequencer) lastFitting(b *block, first, from int) (last int) {
	room := s.limit - len(s.chunk.body)
	for last = first; b.users[last].rowsEnd-from < room && last+1 < len(b.users) && !b.users[last+1].deferred; {
		last++
	}
	if last > first && b.users[last].rowsEnd-from > room+s.overrunLimit() {
		last--
	}
	return last
}

// countUsers records the users first to last, whose rows begin at offset from.
func (s *sequencer) countUsers(b *block, first, last, from int) {
	written := totals{users: int64(last - first + 1), bytes: int64(b.users[last].rowsEnd - from)}
	var heaviest export.Heaviest
	for _, u := range b.users[first : last+1] {
		written.rows += u.rows
		heaviest.Add(export.Weight{Rows: u.rows, Bytes: int64(u.rowsEnd - from)})
		from = u.rowsEnd
	}
	s.chunk.users += written.users
	s.chunk.rows += written.rows
	s.chunk.lastID = append(s.chunk.lastID[:0], b.id(last)...)
	csv.AddMisses(&s.chunk.missed, b.missed(first, last))
	s.chunk.heaviest.AddAll(heaviest)
	s.task.meter.addPassed(written, heaviest)
}

// cutIfFull cuts if the chunk has reached its limit.
func (s *sequencer) cutIfFull(ctx context.Context) error {
	if len(s.chunk.body) < s.limit {
		return nil
	}
	return s.cut(ctx)
}

// cut emits the chunk and starts another.
func (s *sequencer) cut(ctx context.Context) error {
	if err := s.emitChunk(ctx); err != nil {
		return err
	}
	return s.startChunk(ctx, nil)
}

// finish emits the last chunk.
func (s *sequencer) finish(ctx context.Context) error {
	if len(s.chunk.body) == 0 {
		return nil
	}
	return s.emitChunk(ctx)
}

func (s *sequencer) emitChunk(ctx context.Context) error {
	c := s.chunk
	s.chunk = chunk{}
	c.plainBytes = int64(len(c.body))
	return s.emit(ctx, c)
}
