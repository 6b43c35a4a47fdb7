package live

import "encoding/binary"

// frame is a text message in its form on the wire, which any number of sockets can send. Messages are
// not compressed: the upgrade does not offer compression.
type frame []byte

const (
	finalText     = 0x81 // the only frame of a text message (RFC 6455, section 5.2)
	length16      = 126  // the length follows in 2 bytes
	length64      = 127  // the length follows in 8 bytes
	maxHeaderSize = 1 + 1 + 8
)

// pingFrame is a ping without data.
var pingFrame = frame{0x89, 0}

// newFrame returns the text, whose parts are joined, as an unmasked frame, as servers send it.
func newFrame(parts ...[]byte) frame {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	f := make(frame, 0, maxHeaderSize+size)
	f = append(f, finalText)
	switch {
	case size < length16:
		f = append(f, byte(size))
	case size < 1<<16:
		f = binary.BigEndian.AppendUint16(append(f, length16), uint16(size))
	default:
		f = binary.BigEndian.AppendUint64(append(f, length64), uint64(size))
	}
	for _, p := range parts {
		f = append(f, p...)
	}
	return f
}
