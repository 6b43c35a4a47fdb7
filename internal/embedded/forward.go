package embedded

import (
	"io"
	"net"
	"sync"
)

// forwarder passes connections to a loopback port on to a socket. It stands before the gateway, which neither tells
// which free port it got, nor closes connections that were opened and never used: HTTP clients keep such in reserve, and
// the gateway would wait for them when it ends.
type forwarder struct {
	listener net.Listener
	socket   string

	mu     sync.Mutex
	conns  map[net.Conn]struct{} // the clients'
	closed bool
	wg     sync.WaitGroup
}

func forward(socket string) (*forwarder, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &forwarder{listener: l, socket: socket, conns: map[net.Conn]struct{}{}}
	f.wg.Go(f.accept)
	return f, nil
}

func (f *forwarder) addr() string { return f.listener.Addr().String() }

func (f *forwarder) accept() {
	for {
		client, err := f.listener.Accept()
		if err != nil {
			return // closed
		}
		if f.enter(client) {
			f.wg.Go(func() {
				defer f.leave(client)
				f.serve(client)
			})
		}
	}
}

// serve waits for the client's first bytes before it bothers the gateway.
func (f *forwarder) serve(client net.Conn) {
	first := make([]byte, 4096)
	n, err := client.Read(first)
	if err != nil {
		return
	}
	server, err := net.Dial("unix", f.socket)
	if err != nil {
		return
	}
	defer server.Close()
	if _, err := server.Write(first[:n]); err != nil {
		return
	}
	f.wg.Go(func() {
		_, _ = io.Copy(server, client) // either end may hang up at any time: that is how connections end
		_ = server.(*net.UnixConn).CloseWrite()
	})
	_, _ = io.Copy(client, server)
	client.Close() // so that the copy the other way ends
}

func (f *forwarder) enter(client net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		client.Close()
		return false
	}
	f.conns[client] = struct{}{}
	return true
}

func (f *forwarder) leave(client net.Conn) {
	client.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, client)
}

// stopListening takes no more connections; those that are open go on.
func (f *forwarder) stopListening() error { return f.listener.Close() }

// Close cuts the connections.
func (f *forwarder) Close() {
	f.mu.Lock()
	f.closed = true
	for c := range f.conns {
		c.Close()
	}
	f.mu.Unlock()
	f.wg.Wait()
}
