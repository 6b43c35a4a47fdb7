package export

// RetryReason is the machine-readable reason why a live job waits.
type RetryReason string

// The reasons. A job that waits for the queue has no limit of attempts: it starts when the queue
// accepts it.
const (
	RetryStorage        RetryReason = "storage_unavailable"  // the file storage failed during the run
	RetryDatabase       RetryReason = "database_unavailable" // the user database failed during the run
	RetryIncomplete     RetryReason = "read_incomplete"      // the user database ended the read early
	RetryUnavailable    RetryReason = "unavailable"          // another service failed, or the run made no progress
	RetryQueueMemory    RetryReason = "queue_out_of_memory"  // the queue has no memory for the task
	RetryQueueRefused   RetryReason = "queue_refused"        // the queue rejects the credentials, permissions or certificate
	RetryQueueUnreached RetryReason = "queue_unavailable"    // the queue does not respond, or accepts no writes
	RetryUnconfirmed    RetryReason = "file_unconfirmed"     // the client has not confirmed the file that was sent
)

// OfQueue reports whether the job waits for the queue, and not for its next attempt.
func (r RetryReason) OfQueue() bool {
	return r == RetryQueueMemory || r == RetryQueueRefused || r == RetryQueueUnreached
}

// Retry is the reason why a live job waits, and the time of the next attempt. It is removed when an
// attempt makes progress. At, Attempt and Of are nil while the job waits for the queue or the client.
type Retry struct {
	Reason  RetryReason `json:"reason"`
	Message string      `json:"message"`         // one sentence for the user
	At      *Time       `json:"at"`              // the earliest time of the next attempt
	Attempt *int        `json:"attempt"`         // the number of that attempt in the series without progress, from 2
	Of      *int        `json:"of"`              // the maximum number of attempts without progress before the job fails
	Until   *Time       `json:"until,omitempty"` // when a wait for the client ends with a cancel; nil for other waits
}

// Waiting returns why a live job waits, or nil. A sync job whose file was sent waits until its
// client has confirmed the file.
func (j *Job) Waiting() *Retry {
	d := j.Delivery
	if j.Retry != nil || !j.Status.Live() || d == nil || d.File == nil {
		return j.Retry
	}
	until := NewTime(d.Until)
	r := &Retry{Reason: RetryUnconfirmed, Message: "Waiting for the tab that receives the file.", Until: &until}
	if j.Origin == FromAPI {
		r.Message = "Waiting for the client that receives the file."
	}
	return r
}

// Same reports whether both have the same reason and message, or both are nil.
func (r *Retry) Same(other *Retry) bool {
	if r == nil || other == nil {
		return r == other
	}
	return r.Reason == other.Reason && r.Message == other.Message
}
