package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// socket is the WebSocket of a tab.
type socket struct {
	t    testing.TB
	conn *websocket.Conn
	news []job
}

// socket opens a tab; its first message must be a snapshot.
func (c *client) socket() *socket {
	c.t.Helper()
	header := http.Header{"Origin": {c.url}, "Cookie": {c.cookies()}}
	conn, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(c.url, "http")+"/ws?tenant="+url.QueryEscape(c.tenant), header)
	if err != nil {
		status := 0
		if res != nil {
			status = res.StatusCode
		}
		c.t.Fatalf("opening the socket: %v (status %d)", err, status)
	}
	c.t.Cleanup(func() { _ = conn.Close() })
	s := &socket{t: c.t, conn: conn}
	if kind := s.read(); kind != "snapshot" {
		c.t.Fatalf("the first message is a %q", kind)
	}
	return s
}

// cookies returns the header Cookie of the client.
func (c *client) cookies() string {
	c.t.Helper()
	base, err := url.Parse(c.url)
	if err != nil {
		c.t.Fatal(err)
	}
	var pairs []string
	for _, cookie := range c.http.Jar.Cookies(base) {
		pairs = append(pairs, cookie.String())
	}
	return strings.Join(pairs, "; ")
}

// read reads one message.
func (s *socket) read() (kind string) {
	s.t.Helper()
	if err := s.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		s.t.Fatal(err)
	}
	_, b, err := s.conn.ReadMessage()
	if err != nil {
		s.t.Fatalf("reading the socket: %v", err)
	}
	var m struct {
		Type string
		Job  *job
		Jobs []job
	}
	if err := json.Unmarshal(b, &m); err != nil {
		s.t.Fatal(err)
	}
	s.news = append(s.news, m.Jobs...)
	if m.Job != nil {
		s.news = append(s.news, *m.Job)
	}
	return m.Type
}

// until reads messages until a job has ended and returns the states of the job.
func (s *socket) until(jobID string) []job {
	s.t.Helper()
	for {
		var heard []job
		for _, n := range s.news {
			if n.JobID == jobID {
				heard = append(heard, n)
			}
		}
		if len(heard) > 0 && heard[len(heard)-1].final() {
			return heard
		}
		s.read()
	}
}
