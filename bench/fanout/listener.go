package main

import (
	"fmt"
	"sync/atomic"
	"time"
)

// protocol is what the sockets of a server differ in.
type protocol interface {
	// request returns the request that opens a socket for a job.
	request(job, socket int) []byte
	// greeting returns the first message of a client; "" for none. The handshake ends with the
	// server's first message.
	greeting(job int) string
	// answer returns what a client answers to a message; "" for nothing.
	answer(message []byte) string
}

// The phases of a load.
const (
	onlySockets = iota
	withExports
	phases
)

// listener is one socket. Its fields belong to the goroutine that reads it.
type listener struct {
	fd     int
	job    int
	reader messageReader
	newest int64 // the highest sequence received

	publishedAt atomic.Int64 // when the newest state was published, in nanoseconds since the schedule began
	closed      atomic.Bool  // by the server
}

// received is what the sockets of one reading goroutine received in a phase.
type received struct {
	latencies latencies
	bytes     int64 // of the messages with a state, without frames
	coalesced int64 // states that were replaced by newer ones before they were sent
}

// counters are those of all sockets.
type counters struct {
	finals atomic.Int64 // final states received
	closed atomic.Int64 // sockets that the server closed
}

// collector handles the messages of the sockets of one reading goroutine.
type collector struct {
	protocol protocol
	schedule *schedule
	phase    *atomic.Int32
	counters *counters
	phases   [phases]received // without final states
	finals   latencies
	// finalBytes are those of the messages with a final state.
	finalBytes int64
	write      func(l *listener, b []byte) error
}

// handle handles a message or control frame that arrived now.
func (c *collector) handle(l *listener, op opcode, payload []byte) error {
	switch op {
	case opPing:
		return c.write(l, clientFrame(opPong, payload))
	case opPong:
		return nil
	case opClose:
		return fmt.Errorf("the server closed a socket: %q", payload[min(2, len(payload)):])
	}
	if answer := c.protocol.answer(payload); answer != "" {
		return c.write(l, clientFrame(opText, []byte(answer)))
	}
	for sequence := range sequences(payload) { // centrifuge joins several states to one message
		if sequence <= l.newest {
			continue
		}
		if err := c.count(l, sequence, len(payload)); err != nil {
			return err
		}
		payload = nil // its bytes are counted
	}
	return nil
}

// count counts a state that a socket received now, in a message of a number of bytes.
func (c *collector) count(l *listener, sequence int64, bytes int) error {
	latency, known := c.schedule.latency(l.job, sequence, time.Since(c.schedule.began))
	if !known {
		return fmt.Errorf("a socket received state %d of job %d, which was not published", sequence, l.job)
	}
	r := &c.phases[c.phase.Load()]
	r.coalesced += sequence - l.newest - 1
	l.newest = sequence
	l.publishedAt.Store(c.schedule.published[l.job][sequence].Load())
	if c.schedule.final[l.job].Load() == sequence {
		c.finals = append(c.finals, latency)
		c.finalBytes += int64(bytes)
		c.counters.finals.Add(1)
		return nil
	}
	r.latencies = append(r.latencies, latency)
	r.bytes += int64(bytes)
	return nil
}
