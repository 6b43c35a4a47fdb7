package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	dialers          = 64               // sockets that are opened at the same time
	handshakeTimeout = 30 * time.Second // of one read or write
	readBytes        = 64 << 10         // the buffer of a reading goroutine
	maxHeaderBytes   = 8 << 10
	pollTimeout      = 100 // milliseconds after which a reading goroutine notices that it should end
)

// listeners are the sockets of a load. A socket costs the client a file and a listener: a goroutine
// for each core reads all of them with epoll.
type listeners struct {
	sockets    []atomic.Pointer[listener]
	collectors []*collector
	polls      []int // the files of epoll
	counters   counters
	phase      atomic.Int32
	reading    sync.WaitGroup
	stopped    atomic.Bool

	mu      sync.Mutex
	failure error // the first reason for which a socket was closed
}

// listen opens n sockets, evenly over the jobs of a schedule. It returns when each has received its
// first message. Close the listeners, even after an error.
func (ls *listeners) listen(ctx context.Context, address netip.AddrPort, n int, p protocol, s *schedule) error {
	ls.sockets = make([]atomic.Pointer[listener], n)
	for range runtime.NumCPU() {
		poll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
		if err != nil {
			return fmt.Errorf("create an epoll file: %w", err)
		}
		c := &collector{protocol: p, schedule: s, phase: &ls.phase, counters: &ls.counters, write: writeAll}
		ls.polls, ls.collectors = append(ls.polls, poll), append(ls.collectors, c)
		ls.reading.Go(func() { ls.read(poll, c) })
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var dialing sync.WaitGroup
	for range dialers {
		dialing.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := ls.open(address, i, p, len(s.published)); err != nil {
					cancel(fmt.Errorf("open socket %d: %w", i, err))
				}
			}
		})
	}
	dialing.Wait()
	return context.Cause(ctx)
}

// open opens a socket and adds it to those that are read.
func (ls *listeners) open(address netip.AddrPort, i int, p protocol, jobs int) error {
	l := &listener{job: i % jobs}
	var err error
	if l.fd, err = connect(address); err != nil {
		return err
	}
	ls.sockets[i].Store(l) // from now on, close closes it
	if err := handshake(l, p, i); err != nil {
		return err
	}
	if err := syscall.SetNonblock(l.fd, true); err != nil {
		return err
	}
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(i)}
	return syscall.EpollCtl(ls.polls[i%len(ls.polls)], syscall.EPOLL_CTL_ADD, l.fd, &event)
}

func connect(address netip.AddrPort) (int, error) {
	if !address.Addr().Is4() || !address.Addr().IsLoopback() {
		return 0, fmt.Errorf("%s is not an IPv4 loopback address", address)
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("create a socket: %w", err)
	}
	timeout := syscall.NsecToTimeval(int64(handshakeTimeout))
	err = errors.Join(
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &timeout),
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &timeout),
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1),
		waitConnected(fd, &syscall.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().As4()}),
	)
	if err != nil {
		return 0, errors.Join(fmt.Errorf("connect to %s: %w", address, err), syscall.Close(fd))
	}
	return fd, nil
}

// waitConnected connects a socket. If a signal of Go's scheduler interrupts the call, the next one
// waits for the same connection.
func waitConnected(fd int, to syscall.Sockaddr) error {
	for {
		if err := syscall.Connect(fd, to); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// handshake opens the WebSocket and waits for the first message.
func handshake(l *listener, p protocol, i int) error {
	if err := writeAll(l, p.request(l.job, i)); err != nil {
		return err
	}
	var head []byte
	buffer := make([]byte, 4<<10)
	end := -1
	for end < 0 {
		n, err := readSome(l.fd, buffer)
		if err != nil {
			return fmt.Errorf("read the response: %w", err)
		}
		head = append(head, buffer[:n]...)
		if end = bytes.Index(head, []byte("\r\n\r\n")); end < 0 && len(head) > maxHeaderBytes {
			return errors.New("the response has too many headers")
		}
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return fmt.Errorf("the server answered %.300q", head)
	}
	if greeting := p.greeting(l.job); greeting != "" {
		if err := writeAll(l, clientFrame(opText, []byte(greeting))); err != nil {
			return err
		}
	}
	greeted := false
	for chunk := head[end+4:]; ; {
		err := l.reader.feed(chunk, func(op opcode, payload []byte) error {
			if op == opClose {
				return fmt.Errorf("the server closed the socket: %q", payload[min(2, len(payload)):])
			}
			greeted = greeted || op == opText
			return nil
		})
		if err != nil || greeted {
			return err
		}
		n, err := readSome(l.fd, buffer)
		if err != nil {
			return fmt.Errorf("read the first message: %w", err)
		}
		chunk = buffer[:n]
	}
}

// read reads the sockets of an epoll file until close is called.
func (ls *listeners) read(poll int, c *collector) {
	events := make([]syscall.EpollEvent, 256)
	buffer := make([]byte, readBytes)
	for !ls.stopped.Load() {
		n, err := syscall.EpollWait(poll, events, pollTimeout)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			ls.fail(fmt.Errorf("wait for messages: %w", err))
			return
		}
		for _, e := range events[:max(n, 0)] {
			l := ls.sockets[e.Fd].Load()
			size, err := readSome(l.fd, buffer)
			if errors.Is(err, syscall.EAGAIN) {
				continue
			}
			if err == nil {
				err = l.reader.feed(buffer[:size], func(op opcode, payload []byte) error { return c.handle(l, op, payload) })
			}
			if err != nil {
				ls.counters.closed.Add(1)
				l.closed.Store(true)
				ls.fail(err)
				_ = syscall.EpollCtl(poll, syscall.EPOLL_CTL_DEL, l.fd, nil) // close closes the file
			}
		}
	}
}

func (ls *listeners) fail(err error) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.failure == nil {
		ls.failure = err
	}
}

// close ends the reading, and closes every socket. Only after it may the collectors be read.
func (ls *listeners) close() error {
	ls.stopped.Store(true)
	ls.reading.Wait()
	var err error
	for i := range ls.sockets {
		if l := ls.sockets[i].Load(); l != nil {
			err = errors.Join(err, syscall.Close(l.fd))
		}
	}
	for _, poll := range ls.polls {
		err = errors.Join(err, syscall.Close(poll))
	}
	return err
}

// readSome reads one or more bytes.
func readSome(fd int, b []byte) (int, error) {
	for {
		n, err := syscall.Read(fd, b)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, err
		case n == 0:
			return 0, errors.New("the server closed the connection")
		default:
			return n, nil
		}
	}
}

// writeAll writes a small frame, which the buffer of an idle connection always takes.
func writeAll(l *listener, b []byte) error {
	for len(b) > 0 {
		n, err := syscall.Write(l.fd, b)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("write to a socket: %w", err)
		}
		b = b[n:]
	}
	return nil
}
