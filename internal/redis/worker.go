package redis

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

// checkEvery is how often an idle worker looks for a task.
const checkEvery = 250 * time.Millisecond

// Handler works on an attempt of a job until its end, or until ctx ends. What it returns is logged.
type Handler func(ctx context.Context, jobID string, attempt int64) error

// Serve hands queued attempts to the handler, up to concurrency at once, until ctx ends; then it takes no more, waits
// until every handler has returned, and returns. Handlers get ctx itself: whether a run goes on is not for asynq's
// leases to say.
func (q *Queue) Serve(ctx context.Context, concurrency int, handler Handler) error {
	log := q.c.log.With("part", "queue")
	w := &worker{ctx: ctx, handler: handler, log: log, slots: make(chan struct{}, concurrency)}
	srv := asynq.NewServerFromRedisClient(q.c.rdb, asynq.Config{
		Concurrency:       concurrency,
		Queues:            map[string]int{queueName: 1},
		TaskCheckInterval: checkEvery,
		Logger:            asynqLog{log},
		LogLevel:          asynq.WarnLevel,
		// Handlers end by ctx; a task that asynq pushed back would only be turned down by the job's next worker.
		ShutdownTimeout: time.Hour,
	})
	if err := srv.Start(asynq.HandlerFunc(w.process)); err != nil {
		return fmt.Errorf("start the queue's worker: %w", err)
	}
	<-ctx.Done()
	srv.Stop()
	w.close()
	srv.Shutdown()
	return nil
}

// worker turns tasks into calls of the handler. asynq gives up its own slot when it believes a lease lost, while the
// handler goes on: the slots here are those that count.
type worker struct {
	ctx     context.Context
	handler Handler
	log     *slog.Logger
	slots   chan struct{}

	mu       sync.Mutex
	closed   bool
	handlers sync.WaitGroup
}

// enter counts a handler that begins, unless no more may.
func (w *worker) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.handlers.Add(1)
	return true
}

// close waits until the last handler has returned.
func (w *worker) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.handlers.Wait()
}

// process never fails a task: asynq would put it aside and remember its id for months.
func (w *worker) process(_ context.Context, t *asynq.Task) error {
	var p payload
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		w.log.Error("a task cannot be read", "error", err)
		return nil
	}
	select {
	case <-w.ctx.Done():
		return nil // the reconciler of another process queues it again
	case w.slots <- struct{}{}:
	}
	defer func() { <-w.slots }()
	if !w.enter() {
		return nil
	}
	defer w.handlers.Done()
	if err := w.handler(w.ctx, p.JobID, p.Attempt); err != nil {
		w.log.Warn("an attempt ended with an error", "job", p.JobID, "attempt", p.Attempt, "error", err)
	}
	return nil
}

// asynqLog sends asynq's lines into slog.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug("asynq", "says", fmt.Sprint(args...)) }
func (l asynqLog) Info(args ...any)  { l.log.Info("asynq", "says", fmt.Sprint(args...)) }
func (l asynqLog) Warn(args ...any)  { l.log.Warn("asynq", "says", fmt.Sprint(args...)) }
func (l asynqLog) Error(args ...any) { l.log.Error("asynq", "says", fmt.Sprint(args...)) }
func (l asynqLog) Fatal(args ...any) { l.log.Error("asynq", "says", fmt.Sprint(args...)) }
