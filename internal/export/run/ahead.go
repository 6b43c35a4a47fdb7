package run

import (
	"context"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// What is read ahead: a number of batches, each of which is handed on once it has so many bytes. Handing on a few users at a
// time costs more than it wins.
const (
	aheadBytes   = 256 << 10
	aheadBatches = 3
)

// ahead reads a source in a goroutine of its own, so that the next reply of the database comes while the one before it is
// encoded.
type ahead struct {
	size int // of a batch, in bytes
	free chan *batch
	full chan *batch // closed behind the last
	now  *batch
	at   int // in now
}

// batch is a number of users, copied: what a cursor returns is valid until its next call only.
type batch struct {
	docs []byte
	ends []int
}

func newAhead(size int) *ahead {
	a := &ahead{size: size, free: make(chan *batch, aheadBatches)}
	for range aheadBatches {
		a.free <- &batch{}
	}
	return a
}

// begin makes ready for another source, which fill reads.
func (a *ahead) begin() { a.full, a.now, a.at = make(chan *batch, aheadBatches), nil, 0 }

// fill reads the source to its end.
func (a *ahead) fill(ctx context.Context, from *source) error {
	for more := true; more; {
		b, err := receive(ctx, a.free)
		if err != nil {
			return err
		}
		if more, err = b.fill(ctx, from, a.size); err != nil {
			return err
		}
		a.full <- b // there is room for all
	}
	close(a.full)
	return nil
}

func (b *batch) fill(ctx context.Context, from *source, size int) (more bool, err error) {
	if cap(b.docs) > 4*size {
		b.docs = nil // grown by an uncommonly large user
	}
	b.docs, b.ends = b.docs[:0], b.ends[:0]
	for len(b.docs) < size {
		doc, err := from.next(ctx)
		if err == io.EOF { //nolint:errorlint // one that is wrapped is a broken connection, not the end
			return false, nil
		}
		if err != nil {
			return false, err
		}
		b.docs = append(b.docs, doc...)
		b.ends = append(b.ends, len(b.docs))
	}
	return true, nil
}

// next returns the next user, valid until the following call, and nil behind the last.
func (a *ahead) next(ctx context.Context) (bson.Raw, error) {
	for a.now == nil || a.at == len(a.now.ends) {
		if a.now != nil {
			a.free <- a.now // there is room for all
		}
		var err error
		if a.now, err = receive(ctx, a.full); err != nil || a.now == nil {
			return nil, err
		}
		a.at = 0
	}
	from := 0
	if a.at > 0 {
		from = a.now.ends[a.at-1]
	}
	a.at++
	return bson.Raw(a.now.docs[from:a.now.ends[a.at-1]]), nil
}
