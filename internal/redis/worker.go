package redis

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// checkEvery is how often an idle worker polls for a task.
const checkEvery = 250 * time.Millisecond

// Handler runs an attempt of a job. It blocks until the attempt ends, or until ctx ends. Its error
// is logged.
type Handler func(ctx context.Context, jobID string, attempt int64) error

// Serve calls handler for queued attempts, up to concurrency at once. It blocks until ctx ends,
// then takes no more tasks, waits for all handlers and returns. Handlers receive ctx itself, so an
// expired asynq lease does not stop a run.
func (q *Queue) Serve(ctx context.Context, concurrency int, handler Handler) error {
	log := q.c.log.With("part", "queue")
	w := &worker{ctx: ctx, handler: handler, log: log, slots: make(chan struct{}, concurrency)}
	rdb := redis.NewUniversalClient(q.c.address.universal())
	rdb.AddHook(errorPause{checkEvery})
	defer rdb.Close()
	srv := asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency:       concurrency,
		Queues:            map[string]int{queueName: 1},
		TaskCheckInterval: checkEvery,
		Logger:            asynqLog{log},
		LogLevel:          asynq.WarnLevel,
		// Handlers end with ctx. If asynq requeued a task earlier, the next worker would find no job for it.
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

// worker calls the handler for tasks. asynq frees its own slot when it believes that a lease
// expired, while the handler still runs. So the slots of worker bound the concurrency.
type worker struct {
	ctx     context.Context
	handler Handler
	log     *slog.Logger
	slots   chan struct{}

	mu       sync.Mutex
	closed   bool
	handlers sync.WaitGroup
}

// begin counts a starting handler. It reports false if the worker is closed.
func (w *worker) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.handlers.Add(1)
	return true
}

// close accepts no more handlers and waits for the running ones.
func (w *worker) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.handlers.Wait()
}

// process handles a task. It never returns an error: asynq would archive the task and remember its
// id for months.
func (w *worker) process(_ context.Context, t *asynq.Task) error {
	var p payload
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		w.log.Error("cannot decode a task", "error", err)
		return nil
	}
	select {
	case <-w.ctx.Done():
		return nil // the reconciler of another process queues it again
	case w.slots <- struct{}{}:
	}
	defer func() { <-w.slots }()
	if !w.begin() {
		return nil
	}
	defer w.handlers.Done()
	if err := w.handler(w.ctx, p.JobID, p.Attempt); err != nil {
		w.log.Warn("the attempt ended with an error", "job", p.JobID, "attempt", p.Attempt, "error", err)
	}
	return nil
}

// asynqLog sends asynq's log lines to slog.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Info(args ...any)  { l.log.Info("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Warn(args ...any)  { l.log.Warn("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Error(args ...any) { l.log.Error("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Fatal(args ...any) { l.log.Error("asynq", "message", fmt.Sprint(args...)) }
