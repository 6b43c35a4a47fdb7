package embedded

import (
	"io"
	"net"
	"sync"
)

// forwarder forwards connections from a free loopback port to a Unix socket. The gateway alone
// neither reports the free port that it got, nor closes unused connections on shutdown: HTTP
// clients open such connections in advance, and the gateway would wait for them.
type forwarder struct {
	listener net.Listener
	socket   string

	mu     sync.Mutex
	conns  map[net.Conn]struct{} // client connections
	closed bool
	wg     sync.WaitGroup
}

func startForwarder(socket string) (*forwarder, error) {
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
		if f.addConn(client) {
			f.wg.Go(func() {
				defer f.removeConn(client)
				f.serve(client)
			})
		}
	}
}

// serve forwards one connection. It connects to the gateway after the client's first bytes.
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
		_, _ = io.Copy(server, client) // an error means that either end closed the connection
		_ = server.(*net.UnixConn).CloseWrite()
	})
	_, _ = io.Copy(client, server)
	client.Close() // ends the copy in the other direction
}

func (f *forwarder) addConn(client net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		client.Close()
		return false
	}
	f.conns[client] = struct{}{}
	return true
}

func (f *forwarder) removeConn(client net.Conn) {
	client.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, client)
}

// stopListening accepts no new connections. Open connections continue.
func (f *forwarder) stopListening() error { return f.listener.Close() }

// Close closes all connections and waits for their goroutines.
func (f *forwarder) Close() {
	f.mu.Lock()
	f.closed = true
	for c := range f.conns {
		c.Close()
	}
	f.mu.Unlock()
	f.wg.Wait()
}
