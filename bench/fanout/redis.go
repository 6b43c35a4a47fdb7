package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"time"
)

// redisServer is a redis-server without persistence.
type redisServer struct {
	program, dir, address string
	port                  int
	url                   string
	cmd                   *exec.Cmd // of the last run
}

// startRedis starts Debian's redis-server on a free loopback port, and returns when it accepts
// connections.
func startRedis(ctx context.Context, dir string) (*redisServer, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("this benchmark needs redis-server on the PATH (Debian: apt install redis-server): %w", err)
	}
	free, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	port := free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		return nil, err
	}
	r := &redisServer{program: program, dir: dir, address: address, port: port, url: "redis://" + address}
	return r, r.run(ctx)
}

// run starts the server, and returns when it accepts connections.
func (r *redisServer) run(ctx context.Context) error {
	r.cmd = command(ctx, r.dir, nil, r.program, "--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning")
	if err := r.cmd.Start(); err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	for began := time.Now(); ; {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", r.address)
		if err == nil {
			return conn.Close()
		}
		if time.Since(began) > grace || ctx.Err() != nil {
			return errors.Join(fmt.Errorf("redis-server does not listen: %w", err), r.stop())
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return errors.Join(err, r.stop())
		}
	}
}

// stop kills the server: it has no data to save.
func (r *redisServer) stop() error {
	err := r.cmd.Process.Kill()
	_ = r.cmd.Wait() // it was killed
	return err
}
