package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"github.com/egress-io/egress/internal/export"
)

// fleetMessage is the part of a message that a follower needs.
type fleetMessage struct {
	Type    string
	Version int64
	AfterMS *int64 `json:"afterMs"`
	Job     struct {
		Version int64
		Outcome string
	}
	Jobs []struct{ Version int64 }
}

var fleetDialer = websocket.Dialer{ReadBufferSize: 1 << 10, WriteBufferPool: &sync.Pool{}, HandshakeTimeout: time.Minute}

// dial opens a socket of an admin, and reads its snapshot, whose only job is that of the admin. If the server
// began to stop meanwhile, moveAt is when the socket has to move.
func (f *fleet) dial(p *process, admin int) (conn *websocket.Conn, moveAt time.Time, err error) {
	header := http.Header{"Origin": {p.url}, "Cookie": {f.cookies[admin]}}
	conn, res, err := fleetDialer.DialContext(f.t.Context(), "ws"+strings.TrimPrefix(p.url, "http")+"/ws?progress=true&tenant="+f.tenant, header)
	if res != nil && err != nil {
		return nil, moveAt, fmt.Errorf("%s: %w", res.Status, err)
	}
	if err != nil {
		return nil, moveAt, err
	}
	for {
		m, err := readFleet(conn, time.Now().Add(time.Minute))
		switch {
		case err == nil && m.Type == "reconnect":
			moveAt = m.moveAt()
		case err == nil && m.Type == "snapshot" && len(m.Jobs) == 1:
			return conn, moveAt, nil
		default:
			return nil, moveAt, errors.Join(fmt.Errorf("a socket begins with %+v", m), err, conn.Close())
		}
	}
}

// moveAt returns when a socket has to move that received {"type":"reconnect"} now.
func (m *fleetMessage) moveAt() time.Time {
	return time.Now().Add(time.Duration(*m.AfterMS) * time.Millisecond)
}

func readFleet(conn *websocket.Conn, until time.Time) (m fleetMessage, err error) {
	if err := conn.SetReadDeadline(until); err != nil {
		return m, err
	}
	return m, conn.ReadJSON(&m)
}

// follow reads until the job has ended. When its server stops, it moves to another one as the console
// does: it opens the new socket at the time that the server says, and closes the old one when the new one
// has delivered its snapshot. It counts its moves.
func (f *fleet) follow(admin int, at *websocket.Conn, moveAt time.Time, moves *atomic.Int64) error {
	defer func() { _ = at.Close() }()
	for {
		until := time.Now().Add(time.Minute)
		if !moveAt.IsZero() {
			until = moveAt
		}
		m, err := readFleet(at, until)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && !moveAt.IsZero():
			next, nextMove, err := f.dial(f.newest(), admin)
			if err != nil {
				return fmt.Errorf("move: %w", err)
			}
			_ = at.Close()
			at, moveAt = next, nextMove
			moves.Add(1)
		case err != nil:
			return fmt.Errorf("follow: %w", err)
		case m.Type == "reconnect":
			moveAt = m.moveAt()
		default:
			if m.Job.Outcome == string(export.Completed) {
				return nil
			}
		}
	}
}

// restartFleet restarts two servers, one after the other, while each admin has a number of sockets at each
// of them. It expects that no socket breaks, and that each receives the end of its job.
func restartFleet(t testing.TB, admins, each int, interval time.Duration) {
	t.Helper()
	f := newFleet(t, admins)
	first := f.start()
	f.logIn(first)
	second := f.start()

	total := 2 * each * admins
	var moves atomic.Int64
	var following sync.WaitGroup
	permits := make(chan struct{}, 64)
	var opening sync.WaitGroup
	for i := range total {
		permits <- struct{}{}
		opening.Go(func() {
			defer func() { <-permits }()
			admin := i % admins
			at, moveAt, err := f.dial([]*process{first, second}[i/admins%2], admin)
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			following.Go(func() {
				if err := f.follow(admin, at, moveAt, &moves); err != nil {
					t.Error(err)
				}
			})
		})
	}
	opening.Wait()
	if t.Failed() {
		t.FailNow()
	}

	stop := make(chan struct{})
	var meanwhile sync.WaitGroup
	meanwhile.Go(func() {
		if err := f.publish(interval, stop); err != nil {
			t.Errorf("publish: %v", err)
		}
	})
	meanwhile.Go(func() {
		if f.otherRequests(stop) == 0 {
			t.Error("no other request was answered")
		}
	})
	first.stop()
	f.start()
	second.stop()
	// A slow client may still be on its way when its server has ended.
	until(t, "all moved", time.Minute, func() bool { return int(moves.Load()) >= total+total/2 || t.Failed() })
	close(stop)
	meanwhile.Wait()
	following.Wait()
	if n := int(moves.Load()); n != total+total/2 {
		t.Errorf("%d moves, want %d", n, total+total/2)
	}
}

// While two servers restart one after the other, no socket breaks, none misses the end of its job, and
// other requests are answered.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	restartFleet(t, 2, 3, 20*time.Millisecond)
}
