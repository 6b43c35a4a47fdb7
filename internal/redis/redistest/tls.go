package redistest

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"sync"
	"testing"
)

// TLS starts a TLS proxy for the server that runs until t ends, and returns its URL. Its
// certificate is signed by an untrusted authority, for the names of net/http/httptest.
func (s *RedisServer) TLS(t testing.TB) string {
	t.Helper()
	https := httptest.NewTLSServer(nil) // for its certificate
	defer https.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: https.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	var pipes sync.WaitGroup
	pipes.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			pipes.Go(func() { s.pipe(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		pipes.Wait()
	})
	return fmt.Sprintf("rediss://%s", l.Addr())
}

// pipe copies one connection to the server until either side closes it.
func (s *RedisServer) pipe(conn net.Conn) {
	defer conn.Close()
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(conn, server)
		_ = conn.Close()
	})
	_, _ = io.Copy(server, conn)
	_ = server.Close()
	back.Wait()
}
