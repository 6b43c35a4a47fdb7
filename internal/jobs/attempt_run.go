package jobs

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/egress-io/egress/internal/pipeline"
)

// run runs the executor. It returns a panic as an error.
func (a *attempt) run() (res pipeline.Result, err error) {
	defer a.recoverPanic(&err)
	return a.w.executor.Run(a.running, a.nextVersion(), a)
}

// recoverPanic turns a panic into an error. Call it with defer.
func (a *attempt) recoverPanic(err *error) {
	if p := recover(); p != nil {
		a.log.Error("the run panicked", "panic", p, "stack", string(debug.Stack()))
		*err = fmt.Errorf("run: panic: %v", p)
	}
}

// heartbeatLoop writes a heartbeat at every interval, soon after a new checkpoint, and at once when
// checkNow is raised.
func (a *attempt) heartbeatLoop() {
	ticker := time.NewTicker(a.w.set.HeartbeatEvery)
	defer ticker.Stop()
	var checkpoint <-chan time.Time
	for {
		select {
		case <-a.ownership.Done():
			return
		case <-a.checkpointed:
			if checkpoint == nil {
				checkpoint = time.After(a.w.set.PublishEvery)
			}
			continue
		case <-checkpoint:
		case <-ticker.C:
		case <-a.checkNow:
		}
		checkpoint = nil
		if err := a.persist(a.ownership, nil); err != nil && !errors.Is(err, pipeline.ErrFenced) && a.ownership.Err() == nil {
			a.log.Warn("cannot write the heartbeat", "error", err)
		}
	}
}

// publishLoop publishes progress, at most once per interval, and at once when the phase changes.
func (a *attempt) publishLoop() {
	ticker := time.NewTicker(a.w.set.PublishEvery)
	defer ticker.Stop()
	for {
		select {
		case <-a.ownership.Done():
			return
		case <-ticker.C:
		case <-a.phase:
			a.checkNow.raise() // the status follows the phase: store it now
		}
		a.publishProgress()
	}
}
