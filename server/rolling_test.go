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

// dial opens a socket of an admin, and reads its snapshot, whose only job is that of the admin.
func (f *fleet) dial(p *process, admin int) (*websocket.Conn, error) {
	header := http.Header{"Origin": {p.url}, "Cookie": {f.cookies[admin]}}
	conn, res, err := fleetDialer.DialContext(f.t.Context(), "ws"+strings.TrimPrefix(p.url, "http")+"/ws?progress=true&tenant="+f.tenant, header)
	if res != nil && err != nil {
		return nil, fmt.Errorf("%s: %w", res.Status, err)
	}
	if err != nil {
		return nil, err
	}
	m, err := readFleet(conn, time.Now().Add(time.Minute))
	if err == nil && (m.Type != "snapshot" || len(m.Jobs) != 1) {
		err = fmt.Errorf("a socket begins with %+v", m)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func readFleet(conn *websocket.Conn, until time.Time) (m fleetMessage, err error) {
	if err := conn.SetReadDeadline(until); err != nil {
		return m, err
	}
	return m, conn.ReadJSON(&m)
}

// follow reads until the job has ended. When its server stops, it moves to another one as the console
// does: it opens the new socket at the time that the server says, and closes the old one when the new one
// has delivered its snapshot. It returns how often it moved, and the longest time without a newer state.
func (f *fleet) follow(admin int, at *websocket.Conn) (moves int, gap time.Duration, err error) {
	defer func() { _ = at.Close() }()
	newest, heard := int64(0), time.Now()
	for moveAt := (time.Time{}); ; {
		until := time.Now().Add(time.Minute)
		if !moveAt.IsZero() {
			until = moveAt
		}
		m, err := readFleet(at, until)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && !moveAt.IsZero():
			next, err := f.dial(f.newest(), admin)
			if err != nil {
				return moves, gap, fmt.Errorf("move: %w", err)
			}
			_ = at.Close()
			at, moves, moveAt = next, moves+1, time.Time{}
		case err != nil:
			return moves, gap, fmt.Errorf("after %d moves: %w", moves, err)
		case m.Type == "reconnect":
			moveAt = time.Now().Add(time.Duration(*m.AfterMS) * time.Millisecond)
		default:
			if version := max(m.Version, m.Job.Version); version > newest {
				if newest > 0 { // before, states were not published yet
					gap = max(gap, time.Since(heard))
				}
				newest, heard = version, time.Now()
			}
			if m.Job.Outcome == string(export.Completed) {
				return moves, gap, nil
			}
		}
	}
}

// restarted is what a restart of two servers did.
type restarted struct {
	gap           time.Duration   // the longest time that a socket was without a newer state
	quiet, others []time.Duration // of other requests before, and meanwhile
}

// restartFleet restarts two servers, one after the other, while each admin has a number of sockets at each
// of them. It expects that no socket breaks, and that each receives the end of its job.
func restartFleet(t testing.TB, admins, each int, interval, quiet time.Duration) (r restarted) {
	t.Helper()
	f := newFleet(t, admins)
	first := f.start()
	f.logIn(first)
	second := f.start()

	total := 2 * each * admins
	var moves, gap atomic.Int64
	var following sync.WaitGroup
	permits := make(chan struct{}, 64)
	var opening sync.WaitGroup
	for i := range total {
		permits <- struct{}{}
		opening.Go(func() {
			defer func() { <-permits }()
			admin := i % admins
			at, err := f.dial([]*process{first, second}[i/admins%2], admin)
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			following.Go(func() {
				n, longest, err := f.follow(admin, at)
				if err != nil {
					t.Error(err)
				}
				moves.Add(int64(n))
				for old := gap.Load(); int64(longest) > old && !gap.CompareAndSwap(old, int64(longest)); old = gap.Load() {
				}
			})
		})
	}
	opening.Wait()
	if t.Failed() {
		t.FailNow()
	}

	stop := make(chan struct{})
	var publishing sync.WaitGroup
	publishing.Go(func() {
		if err := f.publish(interval, stop); err != nil {
			t.Errorf("publish: %v", err)
		}
	})
	asking := func(meanwhile func()) (took []time.Duration) {
		enough := make(chan struct{})
		var running sync.WaitGroup
		running.Go(func() { took = f.otherRequests(enough) })
		meanwhile()
		close(enough)
		running.Wait()
		return took
	}
	r.quiet = asking(func() { <-time.After(quiet) })
	r.others = asking(func() {
		first.stop()
		f.start()
		second.stop()
	})
	close(stop)
	publishing.Wait()
	following.Wait()
	if n := int(moves.Load()); n != total+total/2 {
		t.Errorf("%d moves, want %d", n, total+total/2)
	}
	r.gap = time.Duration(gap.Load())
	return r
}

// While two servers restart one after the other, no socket breaks, none misses the end of its job, and
// other requests are answered.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	restartFleet(t, 2, 3, 20*time.Millisecond, 0)
}
