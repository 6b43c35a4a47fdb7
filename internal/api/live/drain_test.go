package live

import (
	"context"
	"net/http"
	"testing"

	"github.com/fasthttp/websocket"
)

// A server that drains tells clients at different times to open a new socket elsewhere, accepts none
// itself, and sends changes until they have left.
func TestDrain(t *testing.T) {
	t.Parallel()
	l := start(t)
	var clients []*client
	for range 5 {
		clients = append(clients, l.open("exporter", "&progress=true"))
	}
	old := l.open("owner", "") // knows no progress and no reconnect
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		l.hub.Drain(t.Context())
	}()
	times := map[int64]bool{}
	for _, c := range clients {
		m := c.next()
		if m.Type != "reconnect" || m.AfterMS == nil {
			t.Fatalf("message %+v", m)
		}
		times[*m.AfterMS] = true
	}
	if len(times) != len(clients) {
		t.Errorf("%d clients come back at %d times", len(clients), len(times))
	}
	_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+l.address+"/ws?token=exporter", nil)
	if err == nil || resp == nil || resp.StatusCode == http.StatusSwitchingProtocols {
		t.Fatalf("a new socket: %v", err)
	}
	_ = resp.Body.Close()
	l.listener.Job(running("j1", 1))
	for _, c := range clients {
		if m := c.next(); m.Job.JobID != "j1" {
			t.Errorf("message %+v", m)
		}
		_ = c.Close()
	}
	_ = old.Close()
	<-drained
}

// Drain does not wait for clients that do not know how to reconnect, and not after ctx is done.
func TestDrainEnds(t *testing.T) {
	t.Parallel()
	l := start(t)
	l.open("owner", "")
	l.hub.Drain(t.Context())
	other := start(t)
	other.open("owner", "&progress=true")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	other.hub.Drain(ctx)
}
