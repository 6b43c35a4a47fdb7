package pipeline

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
)

// Limits on the memory of a sample, for user stores with large users.
const (
	maxSampleBytes     = 8 << 20   // bytes of documents, and of the rows that the sample keeps
	maxLargeUserBytes  = 1 << 20   // bytes of rows kept of one large user, or its first row
	maxSampleCellBytes = 128 << 10 // bytes kept per cell of a larger first row
)

// sample holds the first users of an export, encoded.
type sample struct {
	totals   // of the sample
	weights  []export.Weight
	text     []byte // rows without the header; of a large user only the first rows
	ends     []int  // the end of each user in text
	complete bool   // the sample holds all users of the export
	cut      bool   // the time limit ended the reading of the sample
}

// takeSample reads and encodes a sample. After limit (0: none) it is what has been read so far.
func (t *task) takeSample(ctx context.Context, limit time.Duration) (sample, error) {
	var s sample
	c, err := t.newBlockEncoder()
	if err != nil {
		return s, err
	}
	c.maxRowBytes = maxSampleBytes
	users := t.newSource(IDRange{}, nil)
	defer users.close()
	var b block
	reading, stop := ctx, context.CancelFunc(func() {})
	if limit > 0 {
		reading, stop = context.WithTimeout(ctx, limit)
	}
	defer stop()
	more, err := b.fill(reading, users, Settings{BlockUsers: t.settings.SampleUsers, BlockBytes: maxSampleBytes}, nil)
	if err != nil && ctx.Err() == nil && reading.Err() != nil {
		more, s.cut, err = true, true, nil
	}
	if err == nil {
		err = c.encode(ctx, &b)
	}
	if err != nil {
		return s, err
	}
	s.complete = !more
	from := 0
	for i, u := range b.users {
		if from > maxSampleBytes { // later users are deferred, whatever their size
			s.complete = false
			break
		}
		w := export.Weight{Rows: u.rows, Bytes: int64(u.rowsEnd - from)}
		s.text = append(s.text, b.rows[from:u.rowsEnd]...)
		if from = u.rowsEnd; u.deferred {
			if w, err = s.addLarge(ctx, c, b.doc(i)); err != nil {
				return s, err
			}
		}
		s.weights, s.ends = append(s.weights, w), append(s.ends, len(s.text))
		s.totals = s.totals.plus(totals{1, w.Rows, w.Bytes})
	}
	return s, nil
}

// addLarge appends the first rows of a large user, and estimates the weight of all its rows.
func (s *sample) addLarge(ctx context.Context, c *blockEncoder, doc bson.Raw) (export.Weight, error) {
	batches, err := c.newRowBatches(ctx, doc)
	if err != nil {
		return export.Weight{}, err
	}
	defer batches.close()
	if _, err := batches.next(ctx, c.task.settings.BlockBytes); err != nil {
		return export.Weight{}, err
	}
	userCells := batches.rows.Own()
	start, from := len(s.text), 0
	for _, end := range batches.ends {
		row := len(userCells) + end - from
		switch kept := len(s.text) - start; {
		case kept == 0 && row > maxLargeUserBytes:
			s.text = csv.AppendTruncated(s.text, append(userCells, batches.filled[from:end]...), maxSampleCellBytes)
		case kept+row <= maxLargeUserBytes:
			s.text = append(append(s.text, userCells...), batches.filled[from:end]...)
		default:
			end = from
		}
		from = end
	}
	rows, bytes := batches.rows.Remaining()
	return export.Weight{Rows: rows + int64(len(batches.ends)), Bytes: bytes + batches.bytes()}, nil
}

// seedEstimate initializes the meter's estimate from a sample. Outliers in the sample count as
// themselves, the other users as typical of those outside of the sample.
func (t *task) seedEstimate(s sample) error {
	m := &t.meter
	m.sample = s.totals
	for _, w := range s.weights {
		m.sampleHeaviest.Add(w)
	}
	outlying := outliers(m.sampleHeaviest, s.totals)
	least := int64(-1) // bytes of the lightest outlier
	if outlying.users > 0 {
		least = m.sampleHeaviest[outlying.users-1].Bytes
	}
	var typicalText, outlierText []byte
	from := 0
	for i, w := range s.weights {
		text := s.text[from:s.ends[i]]
		from = s.ends[i]
		if outlying.users > 0 && w.Bytes >= least {
			m.outliers = append(m.outliers, outlier{int64(i), w})
			outlierText = append(outlierText, text...)
		} else {
			typicalText = append(typicalText, text...)
		}
	}
	p, err := newCompressor(t.compression())
	if p == nil || err != nil {
		return err
	}
	if m.typicalSizes, err = compressSample(p, typicalText); err == nil {
		m.outlierSizes, err = compressSample(p, outlierText)
	}
	return err
}

// byteSizes is the size of a text before and after compression.
type byteSizes struct{ plain, stored int64 }

func compressSample(p compressor, text []byte) (byteSizes, error) {
	if len(text) == 0 {
		return byteSizes{}, nil
	}
	out, err := p.compress(nil, text)
	return byteSizes{int64(len(text)), int64(len(out))}, err
}
