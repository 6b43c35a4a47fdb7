package run

import (
	"context"
	"io"

	"github.com/egress-io/egress/internal/export/csv"
)

// maxSample bounds the bytes of a sample, for stores whose users are large.
const maxSample = 8 << 20

// sample is the first users of an export, encoded.
type sample struct {
	size
	text  []byte // their rows, complete, without the header
	whole bool   // there are no further users
}

// take reads and encodes a sample with an encoder of its own, so that its warnings are not counted twice.
func (t *task) take(ctx context.Context) (sample, error) {
	own := *t
	encoder, err := csv.New(t.options)
	if err != nil {
		return sample{}, err // prepare has tried
	}
	own.encoder = encoder
	users := own.source(nil)
	defer users.close()
	b := block{task: &own}
	var s sample
	for s.users < int64(t.settings.SampleUsers) && len(b.rows) < maxSample {
		doc, err := users.next(ctx)
		if err == io.EOF { //nolint:errorlint // one that is wrapped is a broken connection, not the end
			s.whole = true
			break
		}
		if err != nil {
			return s, err
		}
		if err := b.add(ctx, doc); err != nil {
			return s, err
		}
		s.users++
		s.rows += int64(b.users[len(b.users)-1].rows)
	}
	if err := b.name(ctx); err != nil {
		return s, err
	}
	s.text = own.encoder.Fill(nil, b.rows, 0, len(b.rows))
	s.bytes = int64(len(s.text))
	return s, nil
}
