package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// serverFrame returns a frame as a server sends it.
func serverFrame(final bool, op opcode, payload string) []byte {
	b := []byte{byte(op)}
	if final {
		b[0] |= 0x80
	}
	switch n := len(payload); {
	case n <= 125:
		b = append(b, byte(n))
	case n <= 65535:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	return append(b, payload...)
}

// Messages arrive unchanged, however the connection cuts their bytes.
func TestMessageReader(t *testing.T) {
	t.Parallel()
	long, longest := strings.Repeat("x", 126), strings.Repeat("y", 70_000)
	stream := slices.Concat(
		serverFrame(true, opText, "one"), serverFrame(true, opText, ""), serverFrame(true, opPing, "p"),
		serverFrame(true, opText, long), serverFrame(true, opBinary, longest),
		serverFrame(false, opText, "a"), serverFrame(true, opPing, "within"), serverFrame(false, opContinuation, "b"), serverFrame(true, opContinuation, "c"),
		serverFrame(true, opText, "last"), serverFrame(true, opClose, "\x03\xe9bye"),
	)
	want := []string{"1 one", "1 ", "9 p", "1 " + long, "2 " + longest, "9 within", "1 abc", "1 last", "8 \x03\xe9bye"}
	for _, size := range []int{1, 2, 3, 7, 1000, len(stream)} {
		var got []string
		var r messageReader
		for part := range slices.Chunk(stream, size) {
			buffer := bytes.Clone(part)
			err := r.feed(buffer, func(op opcode, payload []byte) error {
				got = append(got, fmt.Sprintf("%d %s", op, payload))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			clear(buffer) // the buffer belongs to the caller again
		}
		if !slices.Equal(got, want) {
			t.Errorf("in parts of %d bytes: got %.200q", size, got)
		}
		if r.partial != nil || r.message != nil {
			t.Errorf("in parts of %d bytes: the reader holds %d and %d bytes", size, len(r.partial), len(r.message))
		}
	}
}

func TestMessageReaderRefuses(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"a masked frame":                    {0x81, 0x80, 0, 0, 0, 0},
		"reserved bits":                     {0xC1, 0x00},
		"a fragmented ping":                 {0x09, 0x00},
		"a ping that is too long":           {0x89, 126, 0, 126},
		"a frame that is too long":          binary.BigEndian.AppendUint64([]byte{0x82, 127}, maxMessageBytes+1),
		"a continuation without beginning":  serverFrame(true, opContinuation, "x"),
		"a message within another one":      slices.Concat(serverFrame(false, opText, "x"), serverFrame(true, opText, "y")),
		"a fragmented message that is long": slices.Concat(serverFrame(false, opText, strings.Repeat("x", maxMessageBytes)), serverFrame(true, opContinuation, "y")),
	} {
		var r messageReader
		if err := r.feed(b, func(opcode, []byte) error { return nil }); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A client's frame is a server's frame with the mask bit and a mask of zeros.
func TestClientFrame(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 125, 126, 65535} {
		payload := strings.Repeat("z", n)
		want := serverFrame(true, opText, payload)
		want[1] |= 0x80
		head := len(want) - n
		want = slices.Concat(want[:head], make([]byte, 4), want[head:])
		if got := clientFrame(opText, []byte(payload)); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: got a frame of %d bytes, beginning % x", n, len(got), got[:8])
		}
	}
}
