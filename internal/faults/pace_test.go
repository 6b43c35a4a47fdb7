package faults_test

import (
	"context"
	"errors"
	"sync"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// pace holds parts back until the checkpoints before them are stored. A run in memory would
// otherwise end before its first checkpoint.
type pace struct {
	mu    sync.Mutex
	kept  map[string]int // parts of the newest checkpoint, by upload
	over  bool           // there will be no further checkpoints
	moved chan struct{}  // closed when kept or over changes
}

func newPace() *pace { return &pace{kept: map[string]int{}, moved: make(chan struct{})} }

// ahead is how many parts may be stored beyond the last stored checkpoint.
const ahead = 2

// wait blocks until part n may be stored.
func (p *pace) wait(ctx context.Context, upload string, n int) error {
	for {
		p.mu.Lock()
		kept, over, moved := p.kept[upload], p.over, p.moved
		p.mu.Unlock()
		if over || kept >= n-ahead {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// end lets every part through. The job has ended, so no further checkpoint would release a late
// part.
func (p *pace) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	close(p.moved)
	p.moved = make(chan struct{})
}

func (p *pace) keep(at *export.Checkpoint) {
	if at == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[at.UploadID] = at.Parts
	close(p.moved)
	p.moved = make(chan struct{})
}

// observedStore is a store that reports stored checkpoints to a pace, and changes of a job to a channel.
type observedStore struct {
	jobs.Store
	pace    *pace
	changed chan struct{}
}

func (m observedStore) Update(ctx context.Context, job *export.Job, g jobs.Guard) error {
	err := m.Store.Update(ctx, job, g)
	select {
	case m.changed <- struct{}{}:
	default:
	}
	if err == nil {
		m.pace.keep(job.Checkpoint)
	} else if errors.Is(err, jobs.ErrConflict) {
		return err
	} else if now, again := m.Job(context.WithoutCancel(ctx), job.ID); again == nil {
		m.pace.keep(now.Checkpoint) // whether or not the write succeeded, this is stored
	}
	return err
}

// pacedStorage is a storage that holds parts back.
type pacedStorage struct {
	pipeline.Storage
	pace *pace
}

func (s pacedStorage) Create(ctx context.Context, key, contentType string) (pipeline.Upload, error) {
	u, err := s.Storage.Create(ctx, key, contentType)
	return pacedUpload{u, s.pace}, err
}

func (s pacedStorage) Resume(key, id string) pipeline.Upload {
	return pacedUpload{s.Storage.Resume(key, id), s.pace}
}

type pacedUpload struct {
	pipeline.Upload
	pace *pace
}

func (u pacedUpload) Part(ctx context.Context, n int, body []byte) (pipeline.StoredPart, error) {
	if err := u.pace.wait(ctx, u.ID(), n); err != nil {
		return pipeline.StoredPart{}, err
	}
	return u.Upload.Part(ctx, n, body)
}
