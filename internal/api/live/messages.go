package live

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/contrib/websocket"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/export"
)

// sentJob is a job and the view of it that a socket has sent.
type sentJob struct {
	job  *export.Job
	view gen.Job
}

// sendPending writes the pending messages. An error means that the client does not read.
func (s *socket) sendPending(ctx context.Context, d pendingMessages) error {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	if d.snapshot != nil {
		if err := s.sendSnapshot(d.snapshot); err != nil {
			return err
		}
	}
	for id, job := range d.jobs {
		if version, known := s.sentVersions[id]; known && job.Version() <= version {
			continue
		}
		if err := s.sendJob(sentJob{job, s.view(ctx, job)}); err != nil {
			return err
		}
	}
	if d.queue && s.queuedJob != nil {
		before, next := s.position, sentJob{s.queuedJob, s.view(ctx, s.queuedJob)}
		if !samePosition(before, next.view.QueuePosition) {
			if err := s.sendJob(next); err != nil {
				return err
			}
		}
	}
	if len(s.sentVersions) > maxSentVersions || len(s.sentDuringRead) > maxPendingJobs {
		clear(s.sentDuringRead) // a read that has not begun will include them
		s.requestSnapshot()
	}
	return nil
}

// sendSnapshot sends a snapshot, with jobs at least as new as the socket has already sent.
func (s *socket) sendSnapshot(p *snapshot) error {
	views := slices.Clone(p.views(s.subscriber))
	clear(s.sentVersions)
	s.queuedJob, s.snapshotSent = nil, true
	for i, job := range p.jobs {
		if newer, known := s.sentDuringRead[job.ID]; known && newer.job.Version() > job.Version() {
			job, views[i] = newer.job, newer.view
		}
		delete(s.sentDuringRead, job.ID)
		s.remember(sentJob{job, views[i]})
	}
	for _, newer := range s.sentDuringRead { // jobs that were created after the read began
		views = append(views, newer.view)
		s.remember(newer)
	}
	clear(s.sentDuringRead)
	slices.SortFunc(views, func(a, b gen.Job) int { return strings.Compare(b.JobID, a.JobID) }) // newest first
	return s.writeMessage(gen.SocketMessage{Type: gen.SocketMessageTypeSnapshot, Jobs: &views})
}

func (s *socket) sendJob(j sentJob) error {
	s.remember(j)
	if s.snapshotReady() != nil {
		s.sentDuringRead[j.job.ID] = j
	}
	return s.writeMessage(gen.SocketMessage{Type: gen.SocketMessageTypeJob, Job: &j.view})
}

func (s *socket) view(ctx context.Context, job *export.Job) gen.Job {
	return s.hub.view(ctx, job, s.subscriber.Links)
}

// remember stores the version and queue position that the socket has sent.
func (s *socket) remember(j sentJob) {
	s.sentVersions[j.job.ID] = j.job.Version()
	if j.job.Status == export.Queued {
		s.queuedJob, s.position = j.job, j.view.QueuePosition
	} else if s.queuedJob != nil && s.queuedJob.ID == j.job.ID {
		s.queuedJob = nil
	}
}

func samePosition(a, b *int) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func (s *socket) writeMessage(m gen.SocketMessage) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(s.hub.writeTimeout)); err != nil {
		return fmt.Errorf("set the deadline of a message: %w", err)
	}
	if err := s.conn.WriteMessage(websocket.TextMessage, body); err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	return nil
}
