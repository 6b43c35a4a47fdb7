package redis

import (
	"context"
	"errors"
	"testing"

	"github.com/hibiken/asynq"

	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/redis/redistest"
)

// serve runs a worker until the test ends, or until stop is called, which waits for the worker.
func serve(t *testing.T, ctx context.Context, q *Queue, handler Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- q.Serve(ctx, 2, handler) }()
	stopped := false
	stop = func() {
		if cancel(); stopped {
			return
		}
		stopped = true
		if err := receive(t, done, "end of the worker"); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func enqueue(t *testing.T, ctx context.Context, q *Queue, job string, attempt int64, want jobs.TaskState) {
	t.Helper()
	if state, err := q.Enqueue(ctx, job, attempt); state != want || err != nil {
		t.Errorf("%s:%d is %d, %v, want %d", job, attempt, state, err, want)
	}
}

func TestQueue(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		q := NewQueue(c)
		enqueue(t, ctx, q, "a", 1, jobs.TaskWaiting)
		enqueue(t, ctx, q, "a", 1, jobs.TaskWaiting) // the queue already knows this task
		enqueue(t, ctx, q, "a", 2, jobs.TaskWaiting)

		begun, end := make(chan payload, 9), make(chan error)
		stop := serve(t, ctx, q, func(ctx context.Context, job string, attempt int64) error {
			begun <- payload{job, attempt}
			select {
			case err := <-end:
				return err
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		first, second := receive(t, begun, "first task"), receive(t, begun, "second task")
		if first.JobID != "a" || second.JobID != "a" || first.Attempt+second.Attempt != 3 {
			t.Errorf("got %v and %v", first, second)
		}
		enqueue(t, ctx, q, "a", 1, jobs.TaskTaken)
		enqueue(t, ctx, q, "b", 1, jobs.TaskWaiting)

		end <- nil
		end <- errors.New("an attempt that failed is done as well")
		if p := receive(t, begun, "third task"); p.JobID != "b" {
			t.Errorf("got %v", p)
		}
		stop() // ends the handler
		enqueue(t, ctx, q, "b", 1, jobs.TaskWaiting)
		for _, attempt := range []int64{1, 2} {
			if _, err := q.inspector.GetTaskInfo(queueName, payload{"a", attempt}.taskID()); !errors.Is(err, asynq.ErrTaskNotFound) {
				t.Errorf("attempt %d is still known: %v", attempt, err)
			}
		}
		if err := q.inspector.ArchiveTask(queueName, payload{"b", 1}.taskID()); err != nil {
			t.Fatal(err)
		}
		enqueue(t, ctx, q, "b", 1, jobs.TaskDead)
	})
}

func TestQueueAfterRestart(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	q := NewQueue(connect(t, server.URL()))
	enqueue(t, t.Context(), q, "lost", 1, jobs.TaskWaiting)
	server.Stop()
	begun := make(chan string, 9)
	serve(t, t.Context(), q, func(_ context.Context, job string, _ int64) error {
		begun <- job
		return nil
	})
	if _, err := q.Enqueue(t.Context(), "early", 1); err == nil {
		t.Error("queued without a server")
	}
	server.Start()
	enqueue(t, t.Context(), q, "late", 1, jobs.TaskWaiting)
	if job := receive(t, begun, "task after the restart"); job != "late" {
		t.Errorf("got %s", job)
	}
}
