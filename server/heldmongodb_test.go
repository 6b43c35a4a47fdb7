package main

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// heldMongoDB is a proxy of a MongoDB that can hold all data.
type heldMongoDB struct {
	uri string

	mu     sync.Mutex
	passes chan struct{} // closed while data passes
	done   chan struct{} // closed at the end of the test
}

// holdMongoDB starts a proxy that holds nothing yet.
func holdMongoDB(t *testing.T, uri string) *heldMongoDB {
	t.Helper()
	scheme, rest, _ := strings.Cut(uri, "://")
	hosts, options, _ := strings.Cut(rest, "/")
	login, hosts, found := strings.Cut(hosts, "@")
	if !found {
		login, hosts = "", login
	}
	first, _, _ := strings.Cut(hosts, ",")
	server, err := url.PathUnescape(first) // the path of a Unix socket is escaped
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &heldMongoDB{passes: make(chan struct{}), done: make(chan struct{})}
	close(h.passes)
	if login != "" {
		login += "@"
	}
	if !strings.Contains(options, "?") {
		options += "?"
	}
	h.uri = scheme + "://" + login + ln.Addr().String() + "/" + options + "&directConnection=true" // not past the proxy

	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { h.serve(client, server) })
		}
	})
	t.Cleanup(func() {
		close(h.done)
		_ = ln.Close()
		all.Wait()
	})
	return h
}

// hold holds all data from now on.
func (h *heldMongoDB) hold() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.passes = make(chan struct{})
}

// serve connects a client with the server until one of them closes its connection, or the test ends.
func (h *heldMongoDB) serve(client net.Conn, address string) {
	defer client.Close()
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	ended := make(chan struct{}, 2)
	var both sync.WaitGroup
	for to, from := range map[net.Conn]net.Conn{client: server, server: client} {
		both.Go(func() {
			h.forward(to, from)
			ended <- struct{}{}
		})
	}
	select {
	case <-ended:
	case <-h.done:
	}
	_, _ = client.Close(), server.Close()
	both.Wait()
}

func (h *heldMongoDB) forward(to io.Writer, from io.Reader) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		h.mu.Lock()
		passes := h.passes
		h.mu.Unlock()
		select {
		case <-passes:
		case <-h.done:
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}
