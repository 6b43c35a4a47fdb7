// Package redistest runs a real redis-server for tests.
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

// RedisServer is a redis-server on a loopback port, without persistence. It can be stopped, and
// started retry, empty, on the same port.
type RedisServer struct {
	t       testing.TB
	binary  string
	port    int
	options []string

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{}
}

// Server starts a redis-server that runs until t ends. Options are added to its command line:
// "--maxmemory", "1mb".
func Server(t testing.TB, options ...string) *RedisServer {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatalf("these tests need redis-server on the PATH (Debian: apt install redis-server): %v", err)
	}
	s := &RedisServer{t: t, binary: binary, port: freePort(t), options: options}
	s.Start()
	t.Cleanup(s.Stop)
	return s
}

// URL returns the server's address.
func (s *RedisServer) URL() string { return fmt.Sprintf("redis://127.0.0.1:%d", s.port) }

// Start starts the server, empty. It blocks until the server answers.
func (s *RedisServer) Start() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		return
	}
	args := append([]string{"--port", fmt.Sprint(s.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--daemonize", "no", "--loglevel", "warning"}, s.options...)
	cmd := exec.Command(s.binary, args...)
	cmd.Dir = os.TempDir()
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start redis-server: %v", err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait() // Stop kills the process
	}()
	s.cmd, s.exited = cmd, exited
	s.await(exited)
}

// Stop kills the server. All its data is lost.
func (s *RedisServer) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have exited already
	<-s.exited
	s.cmd = nil
}

// await pings the server until it answers or demands a password.
func (s *RedisServer) await(exited <-chan struct{}) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		if pong(ctx, s.port) {
			return
		}
		select {
		case <-exited:
			s.t.Fatalf("redis-server exited; is port %d taken?", s.port)
		case <-ctx.Done():
			s.t.Fatalf("redis-server did not answer within %s", startTimeout)
		case <-retry.C:
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
	line = strings.TrimSpace(line)
	return err == nil && (line == "+PONG" || strings.HasPrefix(line, "-NOAUTH"))
}

// freePort returns an unused port. Another process may take it before the server does; then Start
// fails.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
