package faults_test

import (
	"context"
	"errors"
	"sync"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/run"
)

// pace holds parts back until the checkpoints before them are kept. A run in memory would otherwise be over before the first.
type pace struct {
	mu    sync.Mutex
	kept  map[string]int // parts of the newest checkpoint, by upload
	over  bool           // there will be no further checkpoints
	moved chan struct{}  // closed when kept or over changes
}

func newPace() *pace { return &pace{kept: map[string]int{}, moved: make(chan struct{})} }

// ahead is how many parts may be stored beyond the checkpoint that is kept.
const ahead = 2

// wait returns when part n may be stored.
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

// end lets every part through: the job is over, and one that comes late would wait for ever.
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

// marked is a store that tells a pace which checkpoints are kept, and whoever waits that a job has changed.
type marked struct {
	jobs.Store
	pace    *pace
	changed chan struct{}
}

func (m marked) Update(ctx context.Context, job *export.Job, g jobs.Guard) error {
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
		m.pace.keep(now.Checkpoint) // written or not: this is what is kept
	}
	return err
}

// paced is a storage whose parts are held back.
type paced struct {
	run.Storage
	pace *pace
}

func (s paced) Create(ctx context.Context, key, contentType string) (run.Upload, error) {
	u, err := s.Storage.Create(ctx, key, contentType)
	return pacedUpload{u, s.pace}, err
}

func (s paced) Resume(key, id string) run.Upload {
	return pacedUpload{s.Storage.Resume(key, id), s.pace}
}

type pacedUpload struct {
	run.Upload
	pace *pace
}

func (u pacedUpload) Part(ctx context.Context, n int, body []byte) (string, error) {
	if err := u.pace.wait(ctx, u.ID(), n); err != nil {
		return "", err
	}
	return u.Upload.Part(ctx, n, body)
}
