package jobs

import "github.com/egress-io/egress/internal/export"

// ProgressEvent is the progress of a job whose state has not changed since an earlier version: see
// export.Job.SameState. It is much smaller than the job.
type ProgressEvent struct {
	Tenant      string `json:"tenant"`
	RequesterID string `json:"requester"`
	JobID       string `json:"jobId"`
	Version     int64  `json:"version"`

	// StateVersion is the version that last changed the state. A receiver that knows only an older
	// version has missed that change, and reads the store.
	StateVersion int64 `json:"stateVersion"`

	// Progress is the progress of Version. Its Throughput is nil if it differs little from the one
	// published before: see export.Throughput.SameSeries.
	Progress export.Progress `json:"progress"`
}

// Slot returns the slot of the job's requester.
func (e *ProgressEvent) Slot() Slot { return Slot{Tenant: e.Tenant, RequesterID: e.RequesterID} }

// Apply returns the job as of the event. Known is the newest known version, which it does not change.
// It returns nil if known lacks a change of the state. The event is newer than known.
func (e *ProgressEvent) Apply(known *export.Job) *export.Job {
	if known.Version() < e.StateVersion || known.Attempt != e.Version>>export.AttemptShift {
		return nil
	}
	job := *known
	job.Sequence = e.Version - known.Attempt<<export.AttemptShift
	job.Progress = e.Progress
	if job.Progress.Throughput == nil {
		job.Progress.Throughput = known.Progress.Throughput
	}
	return &job
}

// newProgressEvent returns the event of a job's version. Series reports whether to include the
// throughput.
func newProgressEvent(job *export.Job, stateVersion int64, series bool) ProgressEvent {
	e := ProgressEvent{
		Tenant: job.Tenant, RequesterID: job.Requester.ID, JobID: job.ID, Version: job.Version(), StateVersion: stateVersion, Progress: job.Progress,
	}
	if !series {
		e.Progress.Throughput = nil
	}
	return e
}
