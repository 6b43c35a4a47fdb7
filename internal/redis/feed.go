package redis

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/egress-io/egress/internal/export/jobs"
)

const (
	// pingEvery is how long a subscription may be silent before it is asked whether it lives; as long again without an
	// answer, and it is made anew.
	pingEvery = 5 * time.Second

	minReconnect = 100 * time.Millisecond
	maxReconnect = 2 * time.Second
)

// Subscribe implements jobs.Feed. The loop is our own: go-redis' channel drops messages when nobody reads them fast
// enough, and does not tell when it has connected anew.
func (b Bus) Subscribe(ctx context.Context, l jobs.Listener) error {
	wait := minReconnect
	for ctx.Err() == nil {
		if b.listen(ctx, l) {
			wait = minReconnect
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, maxReconnect)
	}
	return nil
}

// listen subscribes once and hears until the connection fails or ctx ends. It reports whether it was subscribed at all.
func (b Bus) listen(ctx context.Context, l jobs.Listener) (subscribed bool) {
	channels := []string{jobsChannel, controlChannel}
	sub := b.c.rdb.Subscribe(ctx, channels...)
	defer sub.Close()
	defer context.AfterFunc(ctx, func() { sub.Close() })() // wakes the receiver

	asked := false
	for {
		message, err := sub.ReceiveTimeout(ctx, pingEvery)
		switch {
		case ctx.Err() != nil:
			return subscribed
		case isTimeout(err) && !asked:
			asked = true
			if err := sub.Ping(ctx); err != nil {
				return subscribed
			}
			continue
		case err != nil:
			if subscribed {
				b.c.log.WarnContext(ctx, "the subscription broke; subscribing anew", "error", err)
			}
			return subscribed
		}
		asked = false
		switch m := message.(type) {
		case *redis.Subscription:
			// Confirmed channel by channel; the last one completes it.
			if m.Kind == "subscribe" && m.Count == len(channels) {
				subscribed = true
				if l.Resubscribed != nil {
					l.Resubscribed()
				}
			}
		case *redis.Message:
			b.deliver(ctx, l, m)
		}
	}
}

func (b Bus) deliver(ctx context.Context, l jobs.Listener, m *redis.Message) {
	var err error
	switch m.Channel {
	case jobsChannel:
		var e jobEvent
		if err = json.Unmarshal([]byte(m.Payload), &e); err == nil && e.Format == eventFormat && e.Job != nil && l.Job != nil {
			l.Job(e.Job)
		}
	case controlChannel:
		var c jobs.ControlMessage
		if err = json.Unmarshal([]byte(m.Payload), &c); err == nil && l.Control != nil {
			l.Control(c)
		}
	}
	if err != nil {
		b.c.log.WarnContext(ctx, "a message cannot be read", "channel", m.Channel, "error", err)
	}
}

func isTimeout(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}
