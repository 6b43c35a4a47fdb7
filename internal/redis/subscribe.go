package redis

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"slices"
	"sync"
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

// subscription is the client's one subscription. It runs while there are listeners, and calls all of
// them with every message.
type subscription struct {
	mu        sync.Mutex // held during calls, so that each listener is called one call at a time
	listeners []*jobs.Listener
	current   *receiver // nil without listeners
}

// receiver receives messages until it is stopped.
type receiver struct {
	stop       context.CancelFunc
	stopped    chan struct{}
	subscribed bool // guarded by subscription.mu
}

// Subscribe implements jobs.Feed. All listeners of a client share one subscription, and each message
// is decoded once. The last one that leaves ends it.
func (b Bus) Subscribe(ctx context.Context, l jobs.Listener) error {
	b.join(&l)
	<-ctx.Done()
	b.leave(&l)
	return nil
}

// join adds a listener. If the subscription exists, earlier messages are lost to the listener, so its
// Resubscribed is called.
func (b Bus) join(l *jobs.Listener) {
	s := &b.c.subscription
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = append(s.listeners, l)
	if s.current == nil {
		ctx, stop := context.WithCancel(context.Background())
		r := &receiver{stop: stop, stopped: make(chan struct{})}
		s.current = r
		go func() {
			defer close(r.stopped)
			b.receive(ctx, r)
		}()
	} else if s.current.subscribed && l.Resubscribed != nil {
		l.Resubscribed()
	}
}

// leave removes a listener, which is not called any more when leave returns.
func (b Bus) leave(l *jobs.Listener) {
	s := &b.c.subscription
	s.mu.Lock()
	s.listeners = slices.DeleteFunc(s.listeners, func(other *jobs.Listener) bool { return other == l })
	var last *receiver
	if len(s.listeners) == 0 {
		last, s.current = s.current, nil
	}
	s.mu.Unlock()
	if last != nil {
		last.stop()
		<-last.stopped
	}
}

// receive subscribes until ctx ends. It does not use go-redis's channel, which drops messages when
// they are not read fast enough and does not report reconnects.
func (b Bus) receive(ctx context.Context, r *receiver) {
	wait := minReconnect
	for ctx.Err() == nil {
		if b.listen(ctx, r) {
			wait = minReconnect
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, maxReconnect)
	}
}

// listen subscribes once and receives until the connection fails or ctx ends. It reports whether
// the subscription succeeded.
func (b Bus) listen(ctx context.Context, r *receiver) (subscribed bool) {
	channels := []string{jobsChannel, controlChannel}
	sub := b.c.rdb.Subscribe(ctx, channels...)
	defer sub.Close()
	defer context.AfterFunc(ctx, func() { sub.Close() })() // unblocks ReceiveTimeout
	defer b.setSubscribed(r, false)

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
				b.setSubscribed(r, true)
			}
		case *redis.Message:
			b.deliver(ctx, r, m)
		}
	}
}

// setSubscribed records whether a receiver receives messages, and tells the listeners.
func (b Bus) setSubscribed(r *receiver, subscribed bool) {
	s := &b.c.subscription
	s.mu.Lock()
	defer s.mu.Unlock()
	r.subscribed = subscribed
	if s.current != r {
		return
	}
	for _, l := range s.listeners {
		switch {
		case subscribed && l.Resubscribed != nil:
			l.Resubscribed()
		case !subscribed && l.Lost != nil:
			l.Lost()
		}
	}
}

// deliver decodes a message once and calls the listeners that want it.
func (b Bus) deliver(ctx context.Context, r *receiver, m *redis.Message) {
	s := &b.c.subscription
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != r {
		return
	}
	var err error
	switch m.Channel {
	case jobsChannel:
		err = deliverJob(s.listeners, m.Payload)
	case controlChannel:
		err = deliverControl(s.listeners, m.Payload)
	}
	if err != nil {
		b.c.log.WarnContext(ctx, "cannot decode a pub/sub message", "channel", m.Channel, "error", err)
	}
}

func deliverJob(listeners []*jobs.Listener, text string) error {
	if !slices.ContainsFunc(listeners, func(l *jobs.Listener) bool { return l.Job != nil || l.Progress != nil }) {
		return nil
	}
	var e event
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return err
	}
	for _, l := range listeners {
		switch {
		case e.Format == jobFormat && e.Job != nil && l.Job != nil:
			l.Job(e.Job)
		case e.Format == progressFormat && e.Progress != nil && l.Progress != nil:
			l.Progress(e.Progress)
		}
	}
	return nil
}

func deliverControl(listeners []*jobs.Listener, text string) error {
	var c jobs.ControlMessage
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	for _, l := range listeners {
		if l.Control != nil {
			l.Control(c)
		}
	}
	return nil
}

func isTimeout(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}
