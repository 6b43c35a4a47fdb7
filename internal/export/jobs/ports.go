package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

// What a Store answers beside a failure of the database.
var (
	// ErrNoJob means that there is no such job.
	ErrNoJob = errors.New("jobs: no such job")
	// ErrTaken means that the slot or the idempotency key of a new job belongs to another.
	ErrTaken = errors.New("jobs: slot or idempotency key is taken")
	// ErrConflict means that the job is not, or no longer, as the Guard of a write demands.
	ErrConflict = errors.New("jobs: the job has changed")
)

// Slot is what a requester has one of in each tenant: the right to a live job.
type Slot struct {
	Tenant      string
	RequesterID string
}

// SlotOf returns the slot that a job holds while it is live.
func SlotOf(job *export.Job) Slot { return Slot{job.Tenant, job.Requester.ID} }

// String is "<tenant>:<requester id>". A tenant has no colon, so two slots never look the same.
func (s Slot) String() string { return s.Tenant + ":" + s.RequesterID }

// Guard is the version that the job kept must have for a write to be made.
type Guard struct {
	Attempt  int64
	Sequence int64
	OrLower  bool // a lower sequence of the same attempt will do, too
}

// Exactly guards a write by the version of a job as it was read. It is for everybody who does not own the job.
func Exactly(read *export.Job) Guard { return Guard{Attempt: read.Attempt, Sequence: read.Sequence} }

// Within guards a write by the owner of an attempt: the attempt still stands, and nothing newer of it was written. The
// order matters, since a write that timed out may still arrive, and must not undo the ones after it.
func Within(written *export.Job) Guard {
	return Guard{Attempt: written.Attempt, Sequence: written.Sequence - 1, OrLower: true}
}

// Query selects jobs of one tenant, newest first.
type Query struct {
	Tenant      string
	RequesterID string    // "" for everybody's
	Before      string    // only jobs whose id is smaller; "" for the newest
	Since       time.Time // only jobs that are live or were created at or after; zero for all
	Limit       int
}

// Store keeps jobs and is the truth about them. Each write is one atomic operation on every engine. Times come back in
// UTC, cut to milliseconds.
type Store interface {
	// Insert keeps a new job and takes its slot and, where it has one, its idempotency key in the same write. ErrTaken
	// where either belongs to another job.
	Insert(ctx context.Context, job *export.Job) error
	// Job returns a job as it is now, or ErrNoJob.
	Job(ctx context.Context, id string) (*export.Job, error)
	// Holder returns the live job that holds a slot, or ErrNoJob.
	Holder(ctx context.Context, slot Slot) (*export.Job, error)
	// ByKey returns the job that holds an idempotency key of a slot's requester, or ErrNoJob.
	ByKey(ctx context.Context, slot Slot, key string) (*export.Job, error)
	// FreeKey lets go of a job's idempotency key. That it holds none is no error.
	FreeKey(ctx context.Context, id string) error
	// Update writes everything of job that may change, if the job kept has the version that the guard names; a final
	// status gives up the slot in the same write. ErrConflict where the guard does not hold.
	Update(ctx context.Context, job *export.Job, guard Guard) error
	// Fence takes a live job from the owner of this attempt, however often that one writes: the job's attempt becomes the
	// next one and its sequence 0, and all else stays as it is kept. ErrConflict where the job is not in this attempt, or final.
	Fence(ctx context.Context, id string, attempt int64) error

	// List returns the jobs of a query. It may be a moment behind.
	List(ctx context.Context, q Query) ([]*export.Job, error)
	// Live returns up to limit live jobs of all tenants whose id is greater than after, oldest first.
	Live(ctx context.Context, after string, limit int) ([]*export.Job, error)
	// Ahead counts the queued async jobs of all tenants that are older than the one with this id.
	Ahead(ctx context.Context, id string) (int64, error)
	// Dirty returns up to limit final jobs with Dirty set that ended before an instant.
	Dirty(ctx context.Context, before time.Time, limit int) ([]*export.Job, error)
	// Outdated returns up to limit jobs with files whose ExpiresAt is not after now.
	Outdated(ctx context.Context, now time.Time, limit int) ([]*export.Job, error)
	// Mailable returns up to limit jobs whose e-mail is due and may be tried now, oldest first.
	Mailable(ctx context.Context, now time.Time, limit int) ([]*export.Job, error)

	// Claim takes attempt n of a job and reports whether the caller is the one who got it. Nobody gets it twice.
	Claim(ctx context.Context, id string, n int64, at time.Time) (won bool, err error)
	// Claimed tells when attempt n was claimed, and whether it was.
	Claimed(ctx context.Context, id string, n int64) (at time.Time, claimed bool, err error)
	// Unclaim forgets every claim of a job.
	Unclaim(ctx context.Context, id string) error
}

// Gate is the fast lock in front of the slot. It may forget and it may be down: it turns most duplicates away before
// they reach the store, and decides nothing. Every call returns within about a second; every error means that the gate
// is out of order.
type Gate interface {
	// Take closes the gate for jobID, unless it is closed already, and returns the job for which it is closed then.
	Take(ctx context.Context, slot Slot, jobID string) (holder string, err error)
	// TakeOver closes the gate for jobID if it is closed for from.
	TakeOver(ctx context.Context, slot Slot, from, jobID string) (done bool, err error)
	// Set closes the gate for jobID, whatever it was, and for its full time.
	Set(ctx context.Context, slot Slot, jobID string) error
	// Release opens the gate if it is closed for jobID.
	Release(ctx context.Context, slot Slot, jobID string) error
}

// TaskState is where a queued attempt stands in the queue.
type TaskState int

// The states of a task.
const (
	TaskWaiting TaskState = iota + 1 // no worker has taken it yet
	TaskTaken                        // a worker took it; whether that worker still lives is unknown
	TaskDead                         // the queue put it aside; it will not run
)

// Queue wakes workers. It may forget tasks and may deliver one twice. Every call returns within about a second.
type Queue interface {
	// Enqueue queues an attempt of a job, unless the queue knows that attempt already, and returns its state then.
	Enqueue(ctx context.Context, jobID string, attempt int64) (TaskState, error)
}

// Bus carries news to every process. Delivery is not promised.
type Bus interface {
	// Publish sends a job as it is now.
	Publish(ctx context.Context, job *export.Job) error
	// Control sends a message that is no job.
	Control(ctx context.Context, m ControlMessage) error
}

// Feed is the other end of the Bus.
type Feed interface {
	// Subscribe calls the listener, one call at a time, until ctx ends, and returns then.
	Subscribe(ctx context.Context, l Listener) error
}

// Listener hears the news. Its functions must not block; nil ones are not called.
type Listener struct {
	Job     func(*export.Job)
	Control func(ControlMessage)
	// Resubscribed is called after every subscription, the first included: what was sent before it was not heard.
	Resubscribed func()
}

// ControlKind tells control messages apart.
type ControlKind string

// The kinds of control message.
const (
	ControlCancel       ControlKind = "cancel"        // JobID was cancelled: its worker looks at once
	ControlQueue        ControlKind = "queue"         // the queue moved: positions have changed
	ControlSessionEnded ControlKind = "session_ended" // SessionID ended: its sockets close
	ControlRoleChanged  ControlKind = "role_changed"  // AdminID has another role in Tenant, or none: their sockets there close
)

// ControlMessage is a word between processes.
type ControlMessage struct {
	Kind      ControlKind `json:"kind"`
	Tenant    string      `json:"tenant,omitempty"`
	JobID     string      `json:"jobId,omitempty"`
	SessionID string      `json:"sessionId,omitempty"` // the hash that is kept, never the token
	AdminID   string      `json:"adminId,omitempty"`
}

// Storage is what jobs need of run.Storage: to clean up and to sign links.
type Storage interface {
	Delete(ctx context.Context, key string) error
	Abort(ctx context.Context, prefix string) error
	Presign(ctx context.Context, key, filename string, lifetime time.Duration) (url string, expires time.Time, err error)
}

// Executor runs one attempt of a job from its first byte to its proven files.
type Executor interface {
	// Run returns when nothing of the attempt is under way any more. The job is a copy.
	Run(ctx context.Context, job *export.Job, obs run.Observer) (run.Result, error)
	// Stream makes one file of a sync job and hands it to a receiver.
	Stream(ctx context.Context, job *export.Job, kind export.FileKind, obs run.Observer, to run.Receiver) (run.Streamed, error)
}
