package run

import (
	"context"
	"sync/atomic"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/csv"
)

// piece is a run of whole users of the file.
type piece struct {
	body  []byte // of CSV; once packed, as it is stored
	plain int64  // bytes of CSV
	users int64
	rows  int64
	last  []byte // the id of the last user

	missed export.Missed
}

// pool is a number of buffers. That their number is fixed bounds the memory, and holds back whoever asks for one too soon.
type pool struct {
	free chan []byte
	size atomic.Int64 // of the buffer asked for last
}

// slack is what a buffer has beyond its size: for the user who runs over it.
const slack = 64 << 10

// newPool returns a pool of n buffers. Each is made when it is first needed.
func newPool(n int) *pool {
	p := &pool{free: make(chan []byte, n)}
	for range n {
		p.free <- nil
	}
	return p
}

// get returns a buffer with room for size bytes, and for the user who runs over them.
func (p *pool) get(ctx context.Context, size int) ([]byte, error) {
	p.size.Store(int64(size))
	b, err := receive(ctx, p.free)
	if err == nil && cap(b) < size {
		b = make([]byte, 0, size+slack)
	}
	return b, err
}

func (p *pool) put(b []byte) {
	if int64(cap(b)) > 2*(p.size.Load()+slack) {
		b = nil // grown by an uncommonly large user
	}
	p.free <- b[:0]
}

// sequence puts blocks together in the order of ids, and cuts the file into pieces of whole users. Where it cuts depends on
// nothing but the bytes before.
type sequence struct {
	task *task
	pool *pool
	next func() int // bytes at which the next piece is cut
	hand func(ctx context.Context, p piece) error
	obs  Observer

	at    piece
	limit int
}

// begin takes the first buffer, and writes header into it.
func (s *sequence) begin(ctx context.Context, header []byte) (err error) {
	s.limit = s.next()
	if s.at.body, err = s.pool.get(ctx, s.limit); err != nil {
		return err
	}
	s.at.body = append(s.at.body, header...)
	return nil
}

// add appends a block's users, and hands on every piece that is full then.
func (s *sequence) add(ctx context.Context, b *block) error {
	from := 0 // in b.rows
	for first := 0; first < len(b.users); {
		room := s.limit - len(s.at.body)
		last, rows := first, int64(0)
		for {
			rows += b.users[last].rows
			if b.users[last].end-from >= room || last == len(b.users)-1 {
				break
			}
			last++
		}
		end := b.users[last].end
		s.at.body = append(s.at.body, b.rows[from:end]...)
		users := int64(last - first + 1)
		s.at.users += users
		s.at.rows += rows
		s.at.last = append(s.at.last[:0], b.id(last)...)
		csv.Count(&s.at.missed, b.missed(first, last))
		s.task.meter.pass(size{users, rows, int64(end - from)})
		first, from = last+1, end
		if len(s.at.body) >= s.limit {
			if err := s.cut(ctx); err != nil {
				return err
			}
		}
	}
	s.obs.Progress(s.task.meter.progress(true, false))
	return nil
}

// cut hands on the piece and begins another.
func (s *sequence) cut(ctx context.Context) error {
	if err := s.send(ctx); err != nil {
		return err
	}
	return s.begin(ctx, nil)
}

// finish hands on what is left.
func (s *sequence) finish(ctx context.Context) error {
	if len(s.at.body) == 0 {
		return nil
	}
	return s.send(ctx)
}

func (s *sequence) send(ctx context.Context) error {
	p := s.at
	s.at = piece{}
	p.plain = int64(len(p.body))
	return s.hand(ctx, p)
}
