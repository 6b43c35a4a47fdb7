package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// opcode is the kind of a WebSocket frame (RFC 6455, section 5.2).
type opcode byte

const (
	opContinuation opcode = 0x0
	opText         opcode = 0x1
	opBinary       opcode = 0x2
	opClose        opcode = 0x8
	opPing         opcode = 0x9
	opPong         opcode = 0xA
)

const (
	maxMessageBytes = 1 << 20
	maxControlBytes = 125
)

var errMasked = errors.New("a frame of the server is masked")

// frame is one WebSocket frame. Its payload is a part of the bytes that were parsed.
type frame struct {
	final   bool
	op      opcode
	payload []byte
}

// parseFrame returns the first frame of b and the bytes after it. It returns ok = false if b does not
// contain the whole frame, and an error if no server may send it.
func parseFrame(b []byte) (f frame, rest []byte, ok bool, err error) {
	if len(b) < 2 {
		return frame{}, b, false, nil
	}
	f.final, f.op = b[0]&0x80 != 0, opcode(b[0]&0x0F)
	switch {
	case b[0]&0x70 != 0:
		return frame{}, b, false, errors.New("a frame has reserved bits, but no extension was negotiated")
	case b[1]&0x80 != 0:
		return frame{}, b, false, errMasked
	}
	size, head := uint64(b[1]), 2
	switch size {
	case 126:
		if head = 4; len(b) < head {
			return frame{}, b, false, nil
		}
		size = uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if head = 10; len(b) < head {
			return frame{}, b, false, nil
		}
		size = binary.BigEndian.Uint64(b[2:])
	}
	if f.op >= opClose && (size > maxControlBytes || !f.final) {
		return frame{}, b, false, errors.New("a control frame is fragmented or too long")
	}
	if size > maxMessageBytes {
		return frame{}, b, false, fmt.Errorf("a frame has %d bytes, at most %d are expected", size, maxMessageBytes)
	}
	end := head + int(size)
	if len(b) < end {
		return frame{}, b, false, nil
	}
	f.payload = b[head:end]
	return f, b[end:], true, nil
}

// messageReader joins the bytes of a connection to messages. While no message is incomplete, it
// holds no memory.
type messageReader struct {
	partial  []byte // of a frame
	message  []byte // the frames so far of a fragmented message
	messages opcode // the kind of that message; 0: none
}

// feed reads bytes that the server sent. It calls handle for every complete message and control
// frame, with a payload that is valid only during the call. It returns handle's first error.
func (r *messageReader) feed(b []byte, handle func(op opcode, payload []byte) error) error {
	if len(r.partial) > 0 {
		r.partial = append(r.partial, b...)
		b = r.partial
	}
	for {
		f, rest, ok, err := parseFrame(b)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		b = rest
		if err := r.take(f, handle); err != nil {
			return err
		}
	}
	switch len(b) {
	case 0:
		r.partial = nil
	case len(r.partial): // still the same frame
	default:
		r.partial = bytes.Clone(b)
	}
	return nil
}

func (r *messageReader) take(f frame, handle func(opcode, []byte) error) error {
	switch {
	case f.op >= opClose:
		return handle(f.op, f.payload)
	case (f.op == opContinuation) != (r.messages != 0):
		return errors.New("a message begins within another one, or is continued without a beginning")
	case f.final && f.op != opContinuation:
		return handle(f.op, f.payload)
	}
	if f.op != opContinuation {
		r.messages = f.op
	}
	if r.message = append(r.message, f.payload...); len(r.message) > maxMessageBytes {
		return fmt.Errorf("a message has more than %d bytes", maxMessageBytes)
	}
	if !f.final {
		return nil
	}
	op, message := r.messages, r.message
	r.messages, r.message = 0, nil
	return handle(op, message)
}

// clientFrame returns an unfragmented frame of a client, of at most 65,535 bytes. Its mask is zero: the
// mask protects proxies, and on loopback there is none.
func clientFrame(op opcode, payload []byte) []byte {
	b := []byte{0x80 | byte(op)}
	if n := len(payload); n <= maxControlBytes {
		b = append(b, 0x80|byte(n))
	} else {
		b = append(b, 0x80|126)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	b = append(b, 0, 0, 0, 0)
	return append(b, payload...)
}
