package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// scriptedBus stores what is published as text. It refuses the first messages.
type scriptedBus struct {
	refuse int
	sent   []string
}

func (b *scriptedBus) send(text string) error {
	if b.refuse > 0 {
		b.refuse--
		return errors.New("the bus is down")
	}
	b.sent = append(b.sent, text)
	return nil
}

func (b *scriptedBus) Publish(_ context.Context, job *export.Job) error {
	return b.send(fmt.Sprintf("job %d", job.Version()))
}

func (b *scriptedBus) PublishProgress(_ context.Context, e ProgressEvent) error {
	return b.send(fmt.Sprintf("progress %d after %d, throughput %v", e.Version, e.StateVersion, e.Progress.Throughput != nil))
}

func (b *scriptedBus) Control(context.Context, ControlMessage) error { return nil }

// While the bus is slow or down, the newest version replaces older ones. It is published whole if one
// of them had to be, and with its throughput likewise.
func TestPublisherMergesPendingStates(t *testing.T) {
	t.Parallel()
	version := func(n int64) *export.Job {
		return &export.Job{ID: "j1", Sequence: n, Progress: export.Progress{Throughput: &export.Throughput{}}}
	}
	for name, c := range map[string]struct {
		pending func(*publisher)
		want    string
	}{
		"progress": {func(p *publisher) { p.publishProgress(version(2), 1, false) }, "progress 2 after 1, throughput false"},
		"progress after a state": {func(p *publisher) {
			p.publish(version(2))
			p.publishProgress(version(3), 2, false)
		}, "job 3"},
		"a state after progress": {func(p *publisher) {
			p.publishProgress(version(2), 1, false)
			p.publish(version(3))
		}, "job 3"},
		"an old state after progress": {func(p *publisher) {
			p.publishProgress(version(3), 1, false)
			p.publish(version(2))
		}, "job 3"},
		"old progress": {func(p *publisher) {
			p.publishProgress(version(3), 1, false)
			p.publishProgress(version(2), 1, false)
		}, "progress 3 after 1, throughput false"},
		"progress after a throughput": {func(p *publisher) {
			p.publishProgress(version(2), 1, true)
			p.publishProgress(version(3), 1, false)
		}, "progress 3 after 1, throughput true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := &scriptedBus{}
			p := newPublisher(bus, slog.New(slog.DiscardHandler), time.Second)
			c.pending(p)
			if err := p.drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(bus.sent, []string{c.want}) {
				t.Errorf("sent %q, want %q", bus.sent, c.want)
			}
		})
	}
}

// A state that the bus refused is published with the next progress.
func TestPublisherRetriesRefusedState(t *testing.T) {
	t.Parallel()
	bus := &scriptedBus{refuse: 1}
	p := newPublisher(bus, slog.New(slog.DiscardHandler), time.Second)
	p.publish(&export.Job{ID: "j1", Sequence: 1})
	if err := p.drain(t.Context()); err == nil {
		t.Fatal("no error")
	}
	p.publishProgress(&export.Job{ID: "j1", Sequence: 2}, 1, false)
	if err := p.drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"job 2"}; !slices.Equal(bus.sent, want) {
		t.Errorf("sent %q, want %q", bus.sent, want)
	}
}
