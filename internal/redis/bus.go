package redis

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// The pub/sub channels. They are not keys, so a cluster serves them regardless of their names.
const (
	jobsChannel    = prefix + "jobs"
	controlChannel = prefix + "control"
)

// Bus publishes messages over pub/sub: whole jobs, as stored and without links, their progress, and
// control messages.
type Bus struct{ c *Client }

var (
	_ jobs.Bus  = Bus{}
	_ jobs.Feed = Bus{}
)

// NewBus returns the bus of a client.
func NewBus(c *Client) Bus { return Bus{c} }

// The versions of the encodings. Take another number when an encoding changes. Processes of another
// version drop messages that they cannot read, and read the store instead.
const (
	jobFormat      = 1
	progressFormat = 2
)

// event is a message of jobsChannel. One channel keeps a job's states and its progress in order.
type event struct {
	Format   int                 `json:"format"`
	Job      *export.Job         `json:"job,omitempty"`
	Progress *jobs.ProgressEvent `json:"progress,omitempty"`
}

// Publish implements jobs.Bus.
func (b Bus) Publish(ctx context.Context, job *export.Job) error {
	return b.send(ctx, jobsChannel, event{Format: jobFormat, Job: job})
}

// PublishProgress implements jobs.Bus.
func (b Bus) PublishProgress(ctx context.Context, e jobs.ProgressEvent) error {
	return b.send(ctx, jobsChannel, event{Format: progressFormat, Progress: &e})
}

// Control implements jobs.Bus.
func (b Bus) Control(ctx context.Context, m jobs.ControlMessage) error {
	return b.send(ctx, controlChannel, m)
}

func (b Bus) send(ctx context.Context, channel string, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	_, err = run(ctx, "publish a message", func(ctx context.Context) (int64, error) {
		return b.c.rdb.Publish(ctx, channel, body).Result()
	})
	return err
}
