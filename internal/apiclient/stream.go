package apiclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// confirmPatience is how long a job may take to know that its stream has come to its end.
const confirmPatience = time.Minute

// Stream takes a file of a sync job as it is made, and hears how many bytes there are. It is good once, so what breaks off is
// gone, and the export with it. It appears at path as a whole, when the job says that it is the file.
func (c *Client) Stream(ctx context.Context, job *Job, kind export.FileKind, path string, hear func(bytes int64)) (*Job, error) {
	part, err := openPart(path, job.ID, kind)
	if err != nil {
		return nil, err
	}
	defer func() {
		if part.f != nil {
			_ = part.discard()
		}
	}()
	if err := part.empty(); err != nil {
		return nil, err
	}
	res, err := c.send(ctx, http.MethodGet, job.StreamURL, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if err := part.take(res.Body, hear); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	// The last chunk is the confirmation: the job has the file now, or soon.
	ctx, cancel := context.WithTimeout(ctx, confirmPatience)
	defer cancel()
	for {
		after, err := c.Job(ctx, job.ID)
		if err == nil && after.File(kind) != nil {
			return after, part.settle(after.File(kind), path)
		}
		if err == nil && after.Outcome != "" {
			return nil, errors.Join(after.Ended(), errors.New("what was sent is not confirmed"))
		}
		select {
		case <-time.After(pollEvery / 4):
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the job to know its file: %w", errors.Join(err, ctx.Err()))
		}
	}
}
