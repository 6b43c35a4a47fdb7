package apiclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// confirmTimeout is the maximum time between the end of a stream and the job's confirmation of the
// file.
const confirmTimeout = time.Minute

// Streamer is a Source of sync jobs.
type Streamer interface {
	Source
	// OpenStream opens the stream of a job's file, once. Its Read fails if the file is incomplete.
	// The caller closes it.
	OpenStream(ctx context.Context, job *Job, kind export.FileKind) (io.ReadCloser, error)
}

// OpenStream implements Streamer.
func (c *Client) OpenStream(ctx context.Context, job *Job, _ export.FileKind) (io.ReadCloser, error) {
	res, err := c.send(ctx, http.MethodGet, job.StreamURL, nil)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// Stream receives a file of a sync job while it is created, and calls report with the number of
// bytes so far. A job's stream can be opened only once: after an interruption the export is lost.
// The file appears at path when the job confirms its size and SHA-256.
func Stream(ctx context.Context, from Streamer, job *Job, kind export.FileKind, path string, report func(bytes int64)) (*Job, error) {
	part, err := openPart(path, job.ID, kind)
	if err != nil {
		return nil, err
	}
	defer func() {
		if part.file != nil {
			_ = part.discard()
		}
	}()
	if err := part.reset(); err != nil {
		return nil, err
	}
	body, err := from.OpenStream(ctx, job, kind)
	if err != nil {
		return nil, err
	}
	err = part.receive(body, report)
	if err = errors.Join(err, body.Close()); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	// Receiving the last chunk confirms the stream: the job has the file now, or soon.
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	for {
		current, err := from.Job(ctx, job.ID)
		if err == nil && current.File(kind) != nil {
			return current, part.commit(current.File(kind), path)
		}
		if err == nil && current.Outcome != "" {
			return nil, errors.Join(current.Ended(), errors.New("the job did not confirm the streamed file"))
		}
		select {
		case <-time.After(pollInterval / 4):
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the job to confirm the file: %w", errors.Join(err, ctx.Err()))
		}
	}
}
