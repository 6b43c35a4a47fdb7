package run

import (
	"context"
	"io"
)

// maxSample bounds the bytes of a sample, for stores whose users are large.
const maxSample = 8 << 20

// sample is the first users of an export, encoded.
type sample struct {
	size
	text  []byte // their rows, complete, without the header
	whole bool   // there are no further users
}

// take reads and encodes a sample.
func (t *task) take(ctx context.Context) (sample, error) {
	var s sample
	c, err := t.coder()
	if err != nil {
		return s, err
	}
	var b block
	users := t.source(Span{}, nil)
	defer users.close()
	for s.users < int64(t.settings.SampleUsers) && len(b.rows) < maxSample {
		doc, err := users.next(ctx)
		if err == io.EOF { //nolint:errorlint // one that is wrapped is a broken connection, not the end
			s.whole = true
			break
		}
		if err != nil {
			return s, err
		}
		if err := c.add(ctx, &b, doc); err != nil {
			return s, err
		}
		s.users++
		s.rows += b.users[len(b.users)-1].rows
	}
	if err := c.complete(ctx, &b); err != nil {
		return s, err
	}
	s.text = b.rows
	s.bytes = int64(len(s.text))
	return s, nil
}

// stored returns the size of a sample in the file, compressed where the file is.
func (t *task) stored(s sample) (size, error) {
	p, err := newPacker(t.compression())
	if p == nil || err != nil {
		return s.size, err
	}
	packed, err := p.pack(nil, s.text)
	size := s.size
	size.bytes = int64(len(packed))
	return size, err
}
