package live

import (
	"context"
	"encoding/json"
	"time"

	"github.com/egress-io/egress/internal/api/gen"
)

const (
	// reconnectsPerSecond is how many clients a draining server sends away in a second: as many as
	// another server can let in while it does other work.
	reconnectsPerSecond = 1_000

	// moveTime is how long the last client may take to open its new socket.
	moveTime = time.Second
)

// Draining reports whether Drain was called: this server accepts no new sockets.
func (h *Hub) Draining() bool { return h.draining.Load() }

// Drain refuses new sockets and tells each client that knows how when to open a new one elsewhere,
// spread over the time that other servers need. Meanwhile the sockets receive changes. Drain returns
// when all sockets are closed, when the last client had moveTime, or when ctx is done.
func (h *Hub) Drain(ctx context.Context) {
	h.draining.Store(true)
	h.mu.Lock()
	var moving []*socket
	for _, sockets := range h.admins {
		for _, s := range sockets {
			if s.subscriber.Progress {
				moving = append(moving, s)
			}
		}
	}
	if len(moving) == 0 {
		h.mu.Unlock()
		return
	}
	left := make(chan struct{})
	h.left = left
	h.mu.Unlock()

	for i, s := range moving {
		if err := s.reconnectAfter(time.Duration(i) * time.Second / reconnectsPerSecond); err != nil {
			h.logger.WarnContext(ctx, "cannot tell a client to reconnect", "error", err)
			return
		}
	}
	timer := time.NewTimer(time.Duration(len(moving))*time.Second/reconnectsPerSecond + moveTime)
	defer timer.Stop()
	select {
	case <-left:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// reconnectAfter tells the client to open a new socket after a delay, and to close this one then.
func (s *socket) reconnectAfter(delay time.Duration) error {
	ms := delay.Milliseconds()
	text, err := json.Marshal(gen.SocketMessage{Type: gen.SocketMessageTypeReconnect, AfterMs: &ms})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.reconnect = newFrame(text)
	s.wakeWriter()
	return nil
}
