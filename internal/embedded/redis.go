package embedded

import (
	"crypto/rand"
	"net/url"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// redisTick is the interval at which the clock of miniredis advances. A key may expire this much
// late.
const redisTick = 100 * time.Millisecond

// redis is miniredis with a running clock. It stores nothing on disk: the database of record for
// jobs is MongoDB.
type redis struct {
	server *miniredis.Miniredis
	url    string
	stop   chan struct{}
	wg     sync.WaitGroup
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
	r.wg.Go(r.runClock)
	return r, nil
}

// runClock advances the clock of miniredis, which has none of its own, so that keys such as locks
// and nonces expire. It advances by the time that really passed, so that a suspended or busy
// machine does not extend their lives.
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

// Close closes all client connections and drops all data.
func (r *redis) Close() {
	close(r.stop)
	r.wg.Wait()
	r.server.Close()
}
