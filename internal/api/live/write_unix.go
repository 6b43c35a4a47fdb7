//go:build unix

package live

import "syscall"

const canWriteNow = true

// writeNow writes to a file descriptor that does not block, and returns how many bytes it accepted.
func writeNow(fd uintptr, data []byte) int {
	for {
		n, err := syscall.Write(int(fd), data)
		if err != syscall.EINTR {
			return n
		}
	}
}
