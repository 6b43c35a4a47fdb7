package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
)

// peer is the server of bench/fanout/centrifuge. It implements protocol.
type peer struct {
	program, dir string
	redis        *redisServer
	host         string // of the server that runs
}

func (p *peer) start(ctx context.Context) (*process, error) {
	server, err := start("centrifuge", command(ctx, p.dir, nil, p.program, "serve", p.redis.url))
	if err == nil {
		p.host = server.address.String()
	}
	return server, err
}

// request implements protocol.
func (p *peer) request(int, int) []byte {
	return fmt.Appendf(nil, "GET /ws HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", p.host, p.host, webSocketKey)
}

func channel(job int) string { return fmt.Sprintf("job-%d", job) }

// greeting implements protocol: the connect command, with the channel as token.
func (*peer) greeting(job int) string {
	return fmt.Sprintf(`{"id":1,"connect":{"token":%q}}`, channel(job))
}

// answer implements protocol: a ping is an empty object, and so is its answer.
func (*peer) answer(message []byte) string {
	if string(message) == "{}" {
		return "{}"
	}
	return ""
}

// peerPublisher is a process that publishes to the server through Redis, as another server would. It
// implements publisher.
type peerPublisher struct {
	cmd   *exec.Cmd
	log   strings.Builder
	sizes sizes // of the states

	mu sync.Mutex
	in io.WriteCloser
}

// publisher starts a publisher of states of the given sizes.
func (p *peer) publisher(ctx context.Context, s sizes) (*peerPublisher, error) {
	pub := &peerPublisher{cmd: command(ctx, p.dir, nil, p.program, "publish", p.redis.url), sizes: s}
	pub.cmd.Stderr = &pub.log
	var err error
	if pub.in, err = pub.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := pub.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the publisher: %w", err)
	}
	return pub, nil
}

// publish implements publisher.
func (p *peerPublisher) publish(_ context.Context, job int, sequence int64, final bool) error {
	size := p.sizes.tick
	if final {
		size = p.sizes.final
	}
	line := append(statePayload(channel(job)+" ", sequence, size), '\n')
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.in.Write(line)
	return err
}

// statePayload returns a prefix, and a JSON object with a version that has size bytes, if that is enough.
func statePayload(prefix string, sequence int64, size int) []byte {
	b := fmt.Appendf([]byte(prefix), `{"version":%d,"state":"`, int64(attempt)<<attemptShift+sequence)
	fill := max(0, size-(len(b)-len(prefix))-len(`"}`))
	return append(append(b, strings.Repeat("x", fill)...), `"}`...)
}

// stop ends the publisher after it has published everything.
func (p *peerPublisher) stop() error {
	_ = p.in.Close() // it may have ended already
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("the publisher ended: %w\n%s", err, lastBytes(p.log.String()))
	}
	return nil
}
