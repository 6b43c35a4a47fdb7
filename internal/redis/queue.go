package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hibiken/asynq"

	"github.com/egress-io/egress/internal/jobs"
)

const (
	queueName = "egress"
	taskType  = "export"
)

// noDeadline is a deadline that no run reaches. Without a deadline, asynq uses half an hour.
var noDeadline = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// Queue is the queue of export attempts. It uses asynq only to wake a worker: asynq neither retries
// nor keeps finished tasks, and an expired asynq lease stops nothing.
type Queue struct {
	c         *Client
	client    *asynq.Client
	inspector *asynq.Inspector
}

var _ jobs.Queue = (*Queue)(nil)

// NewQueue returns the queue kept by a client.
func NewQueue(c *Client) *Queue {
	return &Queue{c: c, client: asynq.NewClientFromRedisClient(c.rdb), inspector: asynq.NewInspectorFromRedisClient(c.rdb)}
}

// payload is the content of a task.
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
	callCtx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	_, err = q.client.EnqueueContext(callCtx, asynq.NewTask(taskType, body), asynq.Queue(queueName),
		asynq.TaskID(p.taskID()), asynq.MaxRetry(0), asynq.Retention(0), asynq.Deadline(noDeadline))
	switch {
	case errors.Is(err, asynq.ErrTaskIDConflict):
		return q.taskState(ctx, p)
	case err != nil:
		return 0, fmt.Errorf("queue an attempt: %w", asOutage(ctx, err))
	}
	return jobs.TaskWaiting, nil
}

// taskState returns the state of a task that the queue already knows.
func (q *Queue) taskState(ctx context.Context, p payload) (jobs.TaskState, error) {
	info, err := q.inspector.GetTaskInfo(queueName, p.taskID())
	switch {
	case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
		return jobs.TaskTaken, nil // the task ended between the two calls
	case err != nil:
		return 0, fmt.Errorf("read the state of a task: %w", asOutage(ctx, err))
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
