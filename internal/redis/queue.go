package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hibiken/asynq"

	"github.com/egress-io/egress/internal/export/jobs"
)

const (
	queueName = "egress"
	taskType  = "export"
)

// never is a deadline that no run meets. asynq takes half an hour where it is given none.
var never = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// Queue is the queue of export attempts, on asynq. asynq wakes a worker and no more: it neither retries nor keeps what
// is done, and a lease that it believes lost stops nothing.
type Queue struct {
	c         *Client
	client    *asynq.Client
	inspector *asynq.Inspector
}

var _ jobs.Queue = (*Queue)(nil)

// NewQueue returns the queue of a client.
func NewQueue(c *Client) *Queue {
	return &Queue{c: c, client: asynq.NewClientFromRedisClient(c.rdb), inspector: asynq.NewInspectorFromRedisClient(c.rdb)}
}

// payload is what a task carries.
type payload struct {
	JobID   string `json:"jobId"`
	Attempt int64  `json:"attempt"`
}

func (p payload) taskID() string { return p.JobID + ":" + strconv.FormatInt(p.Attempt, 10) }

// Enqueue implements jobs.Queue.
func (q *Queue) Enqueue(ctx context.Context, jobID string, attempt int64) (jobs.TaskState, error) {
	p := payload{jobID, attempt}
	body, err := json.Marshal(p)
	if err != nil {
		return 0, fmt.Errorf("encode a task: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(taskType, body), asynq.Queue(queueName),
		asynq.TaskID(p.taskID()), asynq.MaxRetry(0), asynq.Retention(0), asynq.Deadline(never))
	switch {
	case errors.Is(err, asynq.ErrTaskIDConflict):
		return q.state(p)
	case err != nil:
		return 0, fmt.Errorf("queue an attempt: %w", err)
	}
	return jobs.TaskWaiting, nil
}

// state tells where a task stands that the queue knows.
func (q *Queue) state(p payload) (jobs.TaskState, error) {
	info, err := q.inspector.GetTaskInfo(queueName, p.taskID())
	switch {
	case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
		return jobs.TaskTaken, nil // it ended between the two looks
	case err != nil:
		return 0, fmt.Errorf("look at a task: %w", err)
	}
	switch info.State {
	case asynq.TaskStateActive:
		return jobs.TaskTaken, nil
	case asynq.TaskStateArchived, asynq.TaskStateCompleted:
		return jobs.TaskDead, nil
	default:
		return jobs.TaskWaiting, nil
	}
}
