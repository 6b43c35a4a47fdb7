package jobs

import "sync"

// runningAttempts are the attempts that run in this process.
type runningAttempts struct {
	mu       sync.Mutex
	attempts map[*attempt]struct{}
}

func newRunningAttempts() *runningAttempts {
	return &runningAttempts{attempts: map[*attempt]struct{}{}}
}

func (r *runningAttempts) add(a *attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts[a] = struct{}{}
}

func (r *runningAttempts) remove(a *attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.attempts, a)
}

// checkOwnership makes the runs of a job check at once whether they still own it.
func (r *runningAttempts) checkOwnership(jobID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for a := range r.attempts {
		if a.id == jobID {
			a.checkNow.raise()
		}
	}
}
