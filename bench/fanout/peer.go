package main

import (
	"context"
	"fmt"
	"strings"
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

// peerPublisher publishes through the library. It implements publisher.
type peerPublisher struct {
	*publisherProcess

	sizes sizes // of the states
}

// publisher starts a publisher of states of the given sizes.
func (p *peer) publisher(ctx context.Context, s sizes) (peerPublisher, error) {
	process, err := startPublisher(command(ctx, p.dir, nil, p.program, publishArgument, p.redis.url))
	return peerPublisher{process, s}, err
}

// publish implements publisher.
func (p peerPublisher) publish(_ context.Context, job int, sequence int64, final bool) error {
	size := p.sizes.tick
	if final {
		size = p.sizes.final
	}
	return p.write(statePayload(channel(job)+" ", sequence, size))
}

// statePayload returns a prefix, and a JSON object with a version that has size bytes, if that is enough.
func statePayload(prefix string, sequence int64, size int) []byte {
	b := fmt.Appendf([]byte(prefix), `{"version":%d,"state":"`, int64(attempt)<<attemptShift+sequence)
	fill := max(0, size-(len(b)-len(prefix))-len(`"}`))
	return append(append(b, strings.Repeat("x", fill)...), `"}`...)
}
