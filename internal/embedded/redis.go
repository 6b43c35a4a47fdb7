package embedded

import (
	"crypto/rand"
	"net/url"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// redisTick is how often the clock of Redis moves on, and so how late a key may expire.
const redisTick = 100 * time.Millisecond

// redis is miniredis with a running clock. It keeps nothing: MongoDB is the truth about jobs.
type redis struct {
	server *miniredis.Miniredis
	url    string
	stop   chan struct{}
	clock  sync.WaitGroup
}

func startRedis() (*redis, error) {
	password := rand.Text()
	server := miniredis.NewMiniRedis()
	server.RequireAuth(password)
	if err := server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, err
	}
	r := &redis{
		server: server,
		url:    (&url.URL{Scheme: "redis", User: url.UserPassword("", password), Host: server.Addr()}).String(),
		stop:   make(chan struct{}),
	}
	r.clock.Go(r.runClock)
	return r, nil
}

// runClock lets keys expire: miniredis has no clock of its own, and without one locks and nonces would live for ever.
// The time that really passed is what counts, so that a machine that slept, or was busy, does not lengthen them.
func (r *redis) runClock() {
	ticker := time.NewTicker(redisTick)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-r.stop:
			return
		case <-ticker.C:
			now := time.Now()
			r.server.FastForward(now.Sub(last))
			last = now
		}
	}
}

// Close cuts clients off and forgets everything.
func (r *redis) Close() {
	close(r.stop)
	r.clock.Wait()
	r.server.Close()
}
