package live

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/export"
)

// audience is a group of sockets that receive the same bytes about a job.
type audience int

const (
	plain  audience = iota // without the addresses of files
	linked                 // with them
	audiences
)

// audienceOf returns the audience of a subscriber for a job: a job without files has no addresses.
func audienceOf(m Subscriber, job *export.Job) audience {
	if !m.Downloads || len(job.Files) == 0 {
		return plain
	}
	return linked
}

// update is one state of a job, shared by all sockets of its requester. It is encoded once per
// audience, by the first socket that sends it: reading the queue takes time.
type update struct {
	encoder *encoder
	job     *export.Job
	number  int64 // increases with every update of the hub
	state   int64 // the number of the update that last changed more than the progress
	series  int64 // the number of the update that last changed the throughput

	positionOnce sync.Once
	position     int64 // in the queue; 0: none, or unknown

	views    [audiences]view
	progress [2]progressMessage // without and with the throughput
}

// progressMessage is an encoded message {"type":"progress"}.
type progressMessage struct {
	mu      sync.Mutex
	message frame // nil until it is encoded
}

// followWithProgress is follow for an update that contains only other progress. NewSeries reports whether
// its throughput has changed.
func (u *update) followWithProgress(before *update, newSeries bool) {
	u.state = before.state
	if !newSeries {
		u.series = before.series
	}
}

// follow records what an update changes. Before is the update of the same job before it, or nil.
func (u *update) follow(before *update) {
	if before == nil || !u.job.SameState(before.job) {
		return
	}
	u.state = before.state
	if u.job.Progress.Throughput.SameSeries(before.job.Progress.Throughput) {
		u.series = before.series
	}
}

// tick reports whether an update changes nothing but the progress of a running job.
func (u *update) tick() bool { return u.state < u.number && u.job.Status != export.Queued }

// view is the encoded state of a job for one audience.
type view struct {
	mu      sync.Mutex
	body    []byte // the JSON of the job; nil until it is encoded
	message frame  // {"type":"job"}; nil until it is encoded
}

// encoder is what the updates of a hub share.
type encoder struct {
	ctx       context.Context // done when the hub stops; an update outlives the socket that encodes it
	view      View
	positions *queuePositions
}

// queuePosition returns the job's position in the queue, read once per update; 0: none.
func (u *update) queuePosition() int64 {
	if u.job.Status != export.Queued {
		return 0
	}
	u.positionOnce.Do(func() {
		ctx, cancel := context.WithTimeout(u.encoder.ctx, readLimit)
		defer cancel()
		u.position = u.encoder.positions.position(ctx, u.job)
	})
	return u.position
}

// bodyLocked returns the JSON of the job for an audience. The caller holds the mutex of its view.
func (u *update) bodyLocked(a audience) ([]byte, error) {
	v := &u.views[a]
	if v.body != nil {
		return v.body, nil
	}
	position := u.queuePosition()
	ctx, cancel := context.WithTimeout(u.encoder.ctx, readLimit)
	defer cancel()
	body, err := json.Marshal(u.encoder.view(ctx, u.job, position, a == linked))
	if err != nil {
		return nil, fmt.Errorf("encode a job: %w", err)
	}
	v.body = body
	return body, nil
}

// body returns the JSON of the job for an audience.
func (u *update) body(a audience) ([]byte, error) {
	v := &u.views[a]
	v.mu.Lock()
	defer v.mu.Unlock()
	return u.bodyLocked(a)
}

// message returns the message {"type":"job"} for a subscriber.
func (u *update) message(m Subscriber) (frame, error) {
	a := audienceOf(m, u.job)
	v := &u.views[a]
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.message != nil {
		return v.message, nil
	}
	body, err := u.bodyLocked(a)
	if err != nil {
		return nil, err
	}
	v.message = newFrame(jobPrefix, body, objectEnd)
	return v.message, nil
}

// progressMessage returns the message {"type":"progress"}, with or without the throughput.
func (u *update) progressMessage(series bool) (frame, error) {
	p := &u.progress[0]
	if series {
		p = &u.progress[1]
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.message != nil {
		return p.message, nil
	}
	progress := u.job.Progress
	if !series {
		progress.Throughput = nil
	}
	version := u.job.Version()
	text, err := json.Marshal(gen.SocketMessage{
		Type: gen.SocketMessageTypeProgress, JobID: &u.job.ID, Version: &version, Progress: &progress,
	})
	if err != nil {
		return nil, fmt.Errorf("encode progress: %w", err)
	}
	p.message = newFrame(text)
	return p.message, nil
}

// Parts of messages; the form is that of gen.SocketMessage.
var (
	jobPrefix      = []byte(`{"type":"job","job":`)
	snapshotPrefix = []byte(`{"type":"snapshot","jobs":[`)
	separator      = []byte(",")
	objectEnd      = []byte("}")
	snapshotEnd    = []byte("]}")
)
