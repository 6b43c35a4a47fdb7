package run

import (
	"context"
	"crypto/sha256"
	"encoding"
	"hash"

	"github.com/egress-io/egress/internal/export"
)

// part is a part of the file that is complete, and where the file stands behind it.
type part struct {
	body []byte
	mark export.Checkpoint
}

// assembly makes parts of pieces: it hashes them in their order, and cuts. It is for one goroutine.
type assembly struct {
	size  func(n int) int
	pool  *pool // of part buffers; nil where every piece is a part already
	meter *meter
	hand  func(ctx context.Context, p part) error
	most  int // parts; 0: any number

	at   export.Checkpoint // behind the last part
	buf  []byte            // the part being filled
	hash hash.Hash
}

// newAssembly goes on where at stands.
func newAssembly(at export.Checkpoint, size func(int) int, m *meter, hand func(context.Context, part) error) (*assembly, error) {
	a := &assembly{size: size, meter: m, hand: hand, at: at, hash: sha256.New()}
	var err error
	if at.Parts > 0 {
		a.hash, err = hashAt(at.Hash)
	}
	return a, err
}

// add takes a piece. Its buffer is the caller's again where parts have buffers of their own.
func (a *assembly) add(ctx context.Context, p piece) error {
	_, _ = a.hash.Write(p.body) // never fails
	a.at.Users += p.users
	a.at.Rows += p.rows
	a.at.Plain += p.plain
	a.at.Bytes += int64(len(p.body))
	if p.users > 0 {
		a.at.LastID = p.last
	}
	a.at.Missed.Add(p.missed)
	a.meter.store(p.users, int64(len(p.body)))
	if a.pool == nil {
		a.buf = p.body
		return a.cut(ctx)
	}
	if a.buf == nil {
		var err error
		if a.buf, err = a.pool.get(ctx, a.size(a.at.Parts+1)); err != nil {
			return err
		}
	}
	a.buf = append(a.buf, p.body...)
	if len(a.buf) < a.size(a.at.Parts+1) {
		return nil
	}
	return a.cut(ctx)
}

func (a *assembly) cut(ctx context.Context) error {
	if len(a.buf) == 0 {
		return nil
	}
	if a.most > 0 && a.at.Parts == a.most {
		return errTooLarge()
	}
	a.at.Parts++
	state, err := a.hash.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return err
	}
	a.at.Hash = state
	mark := a.at
	mark.Missed = a.at.Missed.Clone()
	p := part{body: a.buf, mark: mark}
	a.buf = nil
	return a.hand(ctx, p)
}

// ledger notes which parts are stored, and tells how far the file is stored without a gap.
type ledger struct {
	tell func(export.Checkpoint)

	etags   []string                  // by number; "" where the part is not stored yet
	waiting map[int]export.Checkpoint // of parts that are stored, behind a gap
	digest  hash.Hash                 // of the ETags up to at.Parts
	at      export.Checkpoint
}

// newLedger begins with the ETags of the parts that are stored already.
func newLedger(at export.Checkpoint, etags []string, tell func(export.Checkpoint)) *ledger {
	l := &ledger{tell: tell, etags: etags, waiting: map[int]export.Checkpoint{}, digest: sha256.New(), at: at}
	for _, etag := range etags {
		l.digest.Write(line(etag))
	}
	return l
}

// stored notes a part. The caller sees to it that there is one call at a time.
func (l *ledger) stored(mark export.Checkpoint, etag string) {
	for len(l.etags) < mark.Parts {
		l.etags = append(l.etags, "")
	}
	l.etags[mark.Parts-1] = etag
	l.waiting[mark.Parts] = mark
	moved := false
	for {
		next, ok := l.waiting[l.at.Parts+1]
		if !ok {
			break
		}
		delete(l.waiting, next.Parts)
		l.digest.Write(line(l.etags[next.Parts-1]))
		next.ETags = l.digest.Sum(nil)
		l.at, moved = next, true
	}
	if moved {
		l.tell(l.at)
	}
}

// digestOf returns what a Checkpoint keeps of ETags.
func digestOf(etags []string) []byte {
	h := sha256.New()
	for _, etag := range etags {
		h.Write(line(etag))
	}
	return h.Sum(nil)
}

func line(etag string) []byte { return append([]byte(etag), '\n') }
