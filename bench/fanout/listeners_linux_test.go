package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeServer upgrades sockets, greets them, and then sends what the test sends to all.
type fakeServer struct {
	peer // its protocol

	listener net.Listener
	status   string
	opened   chan net.Conn
	serving  sync.WaitGroup
}

func newFakeServer(t *testing.T, status string) *fakeServer {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fakeServer{listener: l, status: status, opened: make(chan net.Conn, 100)}
	s.serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.serving.Go(func() { s.greet(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.serving.Wait()
		for len(s.opened) > 0 {
			_ = (<-s.opened).Close()
		}
	})
	return s
}

// greet answers the request and the first message of a client.
func (s *fakeServer) greet(conn net.Conn) {
	from := bufio.NewReader(conn)
	if _, err := http.ReadRequest(from); err != nil {
		_ = conn.Close()
		return
	}
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", s.status)
	head := make([]byte, 6)
	if _, err := from.Read(head); err != nil {
		_ = conn.Close()
		return
	}
	_, _ = from.Discard(int(head[1] & 0x7F))
	_, _ = conn.Write(serverFrame(true, opText, "welcome"))
	s.opened <- conn
}

func (s *fakeServer) address() netip.AddrPort {
	return netip.MustParseAddrPort(s.listener.Addr().String())
}

// Sockets receive states, in one message or several, and answer pings; skipped states count as
// coalesced, and sockets that the server closes are counted.
func TestListeners(t *testing.T) {
	t.Parallel()
	const sockets, jobs = 9, 3
	server := newFakeServer(t, "101 Switching Protocols")
	plan := newSchedule(jobs, maxRate, time.Second)
	for job := range jobs { // states 1 to 5, of which 5 is final
		for sequence := range 6 {
			plan.published[job][sequence].Store(1)
		}
		plan.final[job].Store(5)
	}
	ls := &listeners{}
	if err := ls.listen(t.Context(), server.address(), sockets, server, plan); err != nil {
		t.Fatal(err)
	}
	state := func(sequences ...int64) []byte {
		var message []byte
		for _, sequence := range sequences {
			message = append(message, statePayload("\n", sequence, 300)...)
		}
		return serverFrame(true, opText, string(message))
	}
	for i := range sockets {
		conn := <-server.opened
		t.Cleanup(func() { _ = conn.Close() })
		stream := append(state(1, 2), serverFrame(true, opPing, "?")...)
		stream = append(append(stream, state(4)...), state(3)...) // the second is outdated
		if i == 0 {
			stream = append(stream, serverFrame(true, opClose, "\x03\xe9stop")...)
		} else {
			stream = append(stream, state(5)...)
		}
		if _, err := conn.Write(stream); err != nil {
			t.Fatal(err)
		}
		pong := make([]byte, 7)
		if _, err := conn.Read(pong); err != nil || pong[0] != 0x80|byte(opPong) || pong[6] != '?' {
			t.Errorf("got % x instead of a pong, %v", pong, err)
		}
	}
	poll, deadline := time.NewTicker(time.Millisecond), time.After(time.Minute)
	defer poll.Stop()
	for ls.counters.finals.Load() < sockets-1 || ls.counters.closed.Load() < 1 {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatal("final states are missing")
		}
	}
	if err := ls.close(); err != nil {
		t.Fatal(err)
	}
	var states, coalesced int64
	for _, c := range ls.collectors {
		states += int64(len(c.phases[onlySockets].latencies))
		coalesced += c.phases[onlySockets].coalesced
	}
	if states != 3*sockets || coalesced != sockets {
		t.Errorf("%d states and %d coalesced, want %d and %d", states, coalesced, 3*sockets, sockets)
	}
	if ls.failure == nil || !strings.Contains(ls.failure.Error(), "stop") {
		t.Errorf("the reason of the closed socket is %v", ls.failure)
	}
}

func TestListenersRefused(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t, "401 Unauthorized")
	ls := &listeners{}
	err := ls.listen(t.Context(), server.address(), 5, server, newSchedule(1, 1, time.Second))
	if err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("got %v", err)
	}
	if err := ls.close(); err != nil {
		t.Error(err)
	}
	if _, err := connect(netip.MustParseAddrPort("192.0.2.1:80")); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("an address that is not loopback: %v", err)
	}
}
