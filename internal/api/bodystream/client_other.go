//go:build !unix

package bodystream

import "net"

// clientGone always returns false: on this system, a closed connection is noticed when writing to
// it.
func clientGone(net.Conn) bool { return false }
