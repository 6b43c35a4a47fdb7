package redis

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/egress-io/egress/internal/jobs"
)

const (
	// pingEvery is how long a subscription may be silent before it is pinged. If no answer arrives
	// within the same time, the client subscribes again.
	pingEvery = 5 * time.Second

	minReconnect = 100 * time.Millisecond
	maxReconnect = 2 * time.Second
)

// Subscribe implements jobs.Feed. It does not use go-redis's channel, which drops messages when
// they are not read fast enough and does not report reconnects.
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

// listen subscribes once and receives until the connection fails or ctx ends. It reports whether
// the subscription succeeded.
func (b Bus) listen(ctx context.Context, l jobs.Listener) (subscribed bool) {
	channels := []string{jobsChannel, controlChannel}
	sub := b.c.rdb.Subscribe(ctx, channels...)
	defer sub.Close()
	defer context.AfterFunc(ctx, func() { sub.Close() })() // unblocks ReceiveTimeout

	pinged := false
	for {
		message, err := sub.ReceiveTimeout(ctx, pingEvery)
		switch {
		case ctx.Err() != nil:
			return subscribed
		case isTimeout(err) && !pinged:
			pinged = true
			if err := sub.Ping(ctx); err != nil {
				return subscribed
			}
			continue
		case err != nil:
			if subscribed {
				b.c.log.WarnContext(ctx, "the subscription failed; subscribing again", "error", err)
			}
			return subscribed
		}
		pinged = false
		switch m := message.(type) {
		case *redis.Subscription:
			// Redis confirms each channel; the last confirmation completes the subscription.
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
		b.c.log.WarnContext(ctx, "cannot decode a pub/sub message", "channel", m.Channel, "error", err)
	}
}

func isTimeout(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}
