package export

import "slices"

// Status is where a job stands.
//
//	queued ──► preparing ──► downloading ──► downloading_state_events ──► completed ─────────────┐
//	   │           │              │    │               │    └───────────► completed_with_errors ─┤
//	   │           │              │    └───────────────┼────────────────► completed              ├──► expired
//	   └───────────┴──────────────┴────────────────────┴────────────────► failed | cancelled ────┘
//
// A new attempt takes a running job back to preparing. A job in a final state never moves again, but to expired.
type Status string

// The statuses.
const (
	Queued                 Status = "queued"
	Preparing              Status = "preparing"
	Downloading            Status = "downloading"
	DownloadingStateEvents Status = "downloading_state_events"
	Completed              Status = "completed"
	CompletedWithErrors    Status = "completed_with_errors" // the users file is good, state events failed
	Failed                 Status = "failed"
	Cancelled              Status = "cancelled"
	Expired                Status = "expired" // files deleted; Outcome still says how the job ended
)

// LiveStatuses are those in which a job holds its requester's slot.
var LiveStatuses = []Status{Queued, Preparing, Downloading, DownloadingStateEvents}

// RunningStatuses are the live statuses in which an attempt owns the job.
var RunningStatuses = []Status{Preparing, Downloading, DownloadingStateEvents}

// FinalStatuses are those that end a job.
var FinalStatuses = []Status{Completed, CompletedWithErrors, Failed, Cancelled, Expired}

// Live reports whether a job in this status still holds its requester's slot.
func (s Status) Live() bool { return slices.Contains(LiveStatuses, s) }

// Running reports whether an attempt owns a job in this status.
func (s Status) Running() bool { return slices.Contains(RunningStatuses, s) }

// Final reports whether the status ends a job.
func (s Status) Final() bool { return slices.Contains(FinalStatuses, s) }

// Before returns the statuses from which a job may move to s: every state move is conditional on them.
func (s Status) Before() []Status {
	switch s {
	case Preparing:
		return LiveStatuses // from queued, or taken over by a new attempt
	case Downloading:
		return []Status{Preparing}
	case DownloadingStateEvents:
		return []Status{Preparing, Downloading}
	case Completed:
		return []Status{Downloading, DownloadingStateEvents}
	case CompletedWithErrors:
		return []Status{Preparing, DownloadingStateEvents} // preparing: by an attempt that went on
	case Failed, Cancelled:
		return LiveStatuses
	case Expired:
		return []Status{Completed, CompletedWithErrors, Failed, Cancelled}
	default:
		return nil
	}
}
