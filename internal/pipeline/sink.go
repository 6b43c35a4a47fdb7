package pipeline

import (
	"context"
	"sync"

	"github.com/egress-io/egress/internal/errs"
)

// partSink takes the parts of a file in order, and returns their buffers to the pool.
type partSink interface {
	add(ctx context.Context, p part) error
	close() // after the last part
}

// uploadSink uploads parts, several in parallel.
type uploadSink struct {
	upload   Upload
	parts    chan part
	pool     *bufferPool
	uploaded chan uploadedPart
}

type uploadedPart struct {
	part
	stored StoredPart
}

// newUploadSink starts the goroutines that upload parts, and the one that records checkpoints.
func newUploadSink(ctx context.Context, group group, upload Upload, uploads int, pool *bufferPool, ck *checkpointer) *uploadSink {
	s := &uploadSink{upload: upload, parts: make(chan part), pool: pool, uploaded: make(chan uploadedPart)}
	var uploaders sync.WaitGroup
	for range uploads {
		uploaders.Add(1)
		group.Go(func() error {
			defer uploaders.Done()
			return s.uploadAll(ctx)
		})
	}
	group.Go(func() error {
		uploaders.Wait()
		close(s.uploaded)
		return nil
	})
	group.Go(func() error {
		for m := range s.uploaded { // closed once no upload is in flight
			ck.partStored(m)
		}
		return nil
	})
	return s
}

func (s *uploadSink) uploadAll(ctx context.Context) error {
	for {
		p, err := receive(ctx, s.parts)
		if err != nil || p.body == nil {
			return err
		}
		if err := s.uploadPart(ctx, p); err != nil {
			return err
		}
	}
}

func (s *uploadSink) uploadPart(ctx context.Context, p part) error {
	stored, err := s.upload.Part(ctx, p.checkpoint.Parts, p.body)
	if err != nil {
		return wrapFailure(ctx, errs.CodeStorageUnavailable, err, msgStoreFailed)
	}
	s.uploaded <- uploadedPart{part{checkpoint: p.checkpoint, midUser: p.midUser}, stored}
	s.pool.put(p.body)
	return nil
}

func (s *uploadSink) add(ctx context.Context, p part) error { return send(ctx, s.parts, p) }

func (s *uploadSink) close() { close(s.parts) }
