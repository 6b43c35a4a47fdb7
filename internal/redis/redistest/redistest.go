// Package redistest runs Debian's redis-server for tests.
package redistest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

const startTimeout = 10 * time.Second

// RedisServer is a redis-server on a loopback port that keeps nothing. It may be stopped and started again, empty, on
// the same port.
type RedisServer struct {
	t      testing.TB
	binary string
	port   int

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{}
}

// Server starts a redis-server for t, until t ends.
func Server(t testing.TB) *RedisServer {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatalf("these tests need redis-server on the PATH (Debian: apt install redis-server): %v", err)
	}
	s := &RedisServer{t: t, binary: binary, port: freePort(t)}
	s.Start()
	t.Cleanup(s.Stop)
	return s
}

// URL is the server's address.
func (s *RedisServer) URL() string { return fmt.Sprintf("redis://127.0.0.1:%d", s.port) }

// Start starts the server, empty, and returns when it answers.
func (s *RedisServer) Start() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		return
	}
	cmd := exec.Command(s.binary, "--port", fmt.Sprint(s.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--daemonize", "no", "--loglevel", "warning")
	cmd.Dir = os.TempDir()
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start redis-server: %v", err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait() // it is killed in the end
	}()
	s.cmd, s.exited = cmd, exited
	s.await(exited)
}

// Stop kills the server: what it knew is gone.
func (s *RedisServer) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have exited by itself
	<-s.exited
	s.cmd = nil
}

// await asks for a PONG until there is one.
func (s *RedisServer) await(exited <-chan struct{}) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		if pong(ctx, s.port) {
			return
		}
		select {
		case <-exited:
			s.t.Fatalf("redis-server exited; is port %d taken?", s.port)
		case <-ctx.Done():
			s.t.Fatalf("redis-server did not answer within %s", startTimeout)
		case <-again.C:
		}
	}
}

func pong(ctx context.Context, port int) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return false
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && strings.TrimSpace(line) == "+PONG"
}

// freePort finds a port that nobody listens on. Somebody else may take it before the server does; then Start fails.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
