package run

import (
	"context"
	"io"

	"github.com/egress-io/egress/internal/export"
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
	users := t.source(Span{}, nil)
	defer users.close()
	if t.kind == export.StateEventsFile {
		return t.takeEvents(ctx, c, users)
	}
	var b block
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

// takeEvents is take for state events: they are small, and their users are looked up all at once.
func (t *task) takeEvents(ctx context.Context, c *coder, events *source) (sample, error) {
	b := &block{}
	more, err := b.fill(ctx, events, Settings{BlockUsers: t.settings.SampleUsers, BlockBytes: maxSample})
	if err == nil {
		err = c.encode(ctx, b)
	}
	if err != nil {
		return sample{}, err
	}
	s := sample{size: size{users: int64(len(b.users)), bytes: int64(len(b.rows))}, text: b.rows, whole: !more}
	for _, u := range b.users {
		s.rows += u.rows
	}
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
