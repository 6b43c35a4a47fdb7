package export

import "slices"

// Status is the state of a job.
//
//	queued ──► preparing ──► downloading ──► downloading_state_events ──► completed ─────────────┐
//	   │           │              │    │               │    └───────────► completed_with_errors ─┤
//	   │           │              │    └───────────────┼────────────────► completed              ├──► expired
//	   └───────────┴──────────────┴────────────────────┴────────────────► failed | cancelled ────┘
//
// A new attempt moves a running job back to preparing. A job in a final state can only move to
// expired.
type Status string

// The statuses.
const (
	Queued                 Status = "queued"
	Preparing              Status = "preparing"
	Downloading            Status = "downloading"
	DownloadingStateEvents Status = "downloading_state_events"
	Completed              Status = "completed"
	CompletedWithErrors    Status = "completed_with_errors" // the users file is complete; the state events file failed
	Failed                 Status = "failed"
	Cancelled              Status = "cancelled"
	Expired                Status = "expired" // the files are deleted; Job.Outcome is the earlier final status
)

// LiveStatuses are the statuses in which a job holds its requester's slot.
var LiveStatuses = []Status{Queued, Preparing, Downloading, DownloadingStateEvents}

// RunningStatuses are the live statuses in which an attempt owns the job.
var RunningStatuses = []Status{Preparing, Downloading, DownloadingStateEvents}

// FinalStatuses are the statuses of jobs that have ended.
var FinalStatuses = []Status{Completed, CompletedWithErrors, Failed, Cancelled, Expired}

// Statuses are all statuses.
var Statuses = slices.Concat(LiveStatuses, FinalStatuses)

// Live reports whether a job in this status holds its requester's slot.
func (s Status) Live() bool { return slices.Contains(LiveStatuses, s) }

// Running reports whether an attempt owns a job in this status.
func (s Status) Running() bool { return slices.Contains(RunningStatuses, s) }

// Final reports whether a job in this status has ended.
func (s Status) Final() bool { return slices.Contains(FinalStatuses, s) }

// Predecessors returns the statuses from which a job may move to s. Every change of a status is
// conditional on them.
func (s Status) Predecessors() []Status {
	switch s {
	case Preparing:
		return LiveStatuses // queued, or any running status when a new attempt takes over
	case Downloading:
		return []Status{Preparing}
	case DownloadingStateEvents:
		return []Status{Preparing, Downloading}
	case Completed:
		return []Status{Downloading, DownloadingStateEvents}
	case CompletedWithErrors:
		return []Status{Preparing, DownloadingStateEvents} // preparing for an attempt that resumes
	case Failed, Cancelled:
		return LiveStatuses
	case Expired:
		return []Status{Completed, CompletedWithErrors, Failed, Cancelled}
	default:
		return nil
	}
}
