package live

import (
	"fmt"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// sendPending writes the pending messages. An error means that the client does not read.
func (s *socket) sendPending(d pendingMessages) error {
	var content *snapshotContent
	if d.snapshot != nil {
		content = d.snapshot.content
		if err := s.sendSnapshot(content); err != nil {
			return err
		}
	}
	for _, u := range d.updates {
		if content != nil && u.number <= content.number {
			if _, found := content.version(u.job.ID); found {
				continue // the snapshot has this state, or a newer one
			}
		}
		if err := s.sendUpdate(u); err != nil {
			return err
		}
	}
	s.reuse(d.updates)
	return nil
}

// sendSnapshot sends a snapshot. Its jobs are at least as new as what the socket has sent before.
func (s *socket) sendSnapshot(content *snapshotContent) error {
	message, err := content.message(s.subscriber)
	if err != nil {
		return err
	}
	s.snapshotSent = true
	for _, u := range content.updates {
		s.remember(u)
	}
	return s.write(message)
}

// sendUpdate sends a job, unless the socket has sent the same version with the same queue position.
func (s *socket) sendUpdate(u *update) error {
	sent := s.sentOf(u.job.ID)
	if sent != nil && sent.version == u.job.Version() {
		if position := u.queuePosition(); position == 0 || position == sent.position {
			return nil
		}
	}
	if sent != nil && s.sendsProgress(u, sent) {
		return s.sendProgress(u, sent)
	}
	message, err := u.message(s.subscriber)
	if err != nil {
		return err
	}
	s.remember(u)
	return s.write(message)
}

// sendsProgress reports whether an update of a job is sent as progress: the socket has sent its state.
func (s *socket) sendsProgress(u *update, sent *sentJob) bool {
	return s.subscriber.Progress && sent.state >= u.state && u.job.Status != export.Queued
}

// sendProgress sends the progress of a job whose state the socket has sent.
func (s *socket) sendProgress(u *update, sent *sentJob) error {
	series := sent.series < u.series
	message, err := u.progressMessage(series)
	if err != nil {
		return err
	}
	sent.version = u.job.Version()
	if series {
		sent.series = u.number
	}
	return s.write(message)
}

// sentOf returns what the socket has sent about a live job, or nil. It has few of them.
func (s *socket) sentOf(id string) *sentJob {
	for i := range s.sent {
		if s.sent[i].id == id {
			return &s.sent[i]
		}
	}
	return nil
}

// remember stores what the socket has sent about a job.
func (s *socket) remember(u *update) {
	if !u.job.Status.Live() {
		s.sent = slices.DeleteFunc(s.sent, func(j sentJob) bool { return j.id == u.job.ID })
		return
	}
	now := sentJob{id: u.job.ID, version: u.job.Version(), position: u.queuePosition(), state: u.number, series: u.number}
	if sent := s.sentOf(u.job.ID); sent != nil {
		*sent = now
	} else {
		s.sent = append(s.sent, now)
	}
}

// write writes a message, or the part of it that is left. While the socket has an instantWriter, it
// keeps in rest what the connection does not accept at once.
func (s *socket) write(f frame) error {
	if s.instant != nil {
		s.rest = f[s.instant.write(s.raw, f):]
		return nil
	}
	conn := s.conn.NetConn()
	if err := conn.SetWriteDeadline(time.Now().Add(s.hub.writeTimeout)); err != nil {
		return fmt.Errorf("set the deadline of a message: %w", err)
	}
	if _, err := conn.Write(f); err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	return nil
}
