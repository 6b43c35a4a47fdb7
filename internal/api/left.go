//go:build unix

package api

import (
	"net"
	"syscall"
)

// hasLeft reports whether the other end has closed the connection. Bytes that wait to be read stay there.
func hasLeft(conn net.Conn) (left bool) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return true
	}
	// Control and not Read: the connection's read deadline is that of the request, and has passed.
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch err {
		case nil:
			left = n == 0
		case syscall.EAGAIN, syscall.EINTR:
		default:
			left = true
		}
	})
	return left || err != nil
}
