package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// The errors of a Store, other than a failure of the database.
var (
	// ErrNoJob means that the job does not exist.
	ErrNoJob = errors.New("jobs: no such job")
	// ErrTaken means that another job holds the slot or the idempotency key of a new job.
	ErrTaken = errors.New("jobs: slot or idempotency key is taken")
	// ErrConflict means that the stored job does not have the version that the write's Guard
	// requires.
	ErrConflict = errors.New("jobs: the job has changed")
)

// Slot is the right to one live job. An admin has one slot in a tenant. A key pair has one for each
// definition of an async job: its jobs wait for each other.
type Slot struct {
	Tenant      string
	RequesterID string
	Fingerprint string // of the definition; "" unless the jobs of the requester wait for each other
}

// SlotOf returns the slot that a job holds while it is live.
func SlotOf(job *export.Job) Slot {
	slot := Slot{Tenant: job.Tenant, RequesterID: job.Requester.ID}
	if job.Requester.IsKeyPair() && job.Mode == export.Async {
		slot.Fingerprint = job.Fingerprint
	}
	return slot
}

// Owner returns the requester's slot without a definition.
func (s Slot) Owner() Slot { return Slot{Tenant: s.Tenant, RequesterID: s.RequesterID} }

// String returns "<tenant>:<requester id>" and, if there is one, ":<fingerprint>". Tenants, the ids
// of key pairs and fingerprints contain no colon after the kind of the requester, so two slots never
// have the same string.
func (s Slot) String() string {
	text := s.Tenant + ":" + s.RequesterID
	if s.Fingerprint != "" {
		text += ":" + s.Fingerprint
	}
	return text
}

// Guard is the version that the stored job must have. Otherwise the write fails with ErrConflict.
type Guard struct {
	Attempt  int64
	Sequence int64
	OrLower  bool // also accept a lower sequence of the same attempt
}

// Exactly guards a write by the version of a job as it was read. Every writer that does not own the
// job uses it.
func Exactly(read *export.Job) Guard { return Guard{Attempt: read.Attempt, Sequence: read.Sequence} }

// Within guards a write by the owner of an attempt: the attempt is still the job's, and no newer
// version of it was written. The order matters, because a write that timed out may still arrive,
// and must not undo later ones.
func Within(written *export.Job) Guard {
	return Guard{Attempt: written.Attempt, Sequence: written.Sequence - 1, OrLower: true}
}

// Query selects jobs of one tenant that match all of its conditions, newest first.
type Query struct {
	Tenant      string
	RequesterID string          // "": all requesters
	Email       string          // of the requester, normalized; "": all
	Statuses    []export.Status // empty: all
	Search      string          // a substring of the words, file names or id, folded by users.Fold; "": all
	Before      string          // only jobs with a smaller id; "": from the newest
	From        string          // only jobs with this ID or a greater one; "": to the oldest
	Since       time.Time       // only jobs that are live, or were created then or later; zero: all
	Limit       int
}

// Store keeps jobs. It is the only authority about them. Each write is one atomic operation on
// every engine. Returned times are in UTC, truncated to milliseconds.
type Store interface {
	// Insert stores a new job and takes its slot and, if it has one, its idempotency key in the
	// same write. It returns ErrTaken if another job holds either.
	Insert(ctx context.Context, job *export.Job) error
	// Job returns the current state of a job, or ErrNoJob.
	Job(ctx context.Context, id string) (*export.Job, error)
	// Holder returns the live job that holds a slot, or ErrNoJob.
	Holder(ctx context.Context, slot Slot) (*export.Job, error)
	// ByIdempotencyKey returns the job of a slot's owner that holds an idempotency key, or ErrNoJob.
	ByIdempotencyKey(ctx context.Context, slot Slot, key string) (*export.Job, error)
	// RemoveIdempotencyKey removes a job's idempotency key. It is no error if the job has none.
	RemoveIdempotencyKey(ctx context.Context, id string) error
	// Update writes every mutable field of job if the stored job has the version of the guard. A
	// final status frees the slot in the same write. It returns ErrConflict if the version differs.
	Update(ctx context.Context, job *export.Job, guard Guard) error
	// Fence takes a live job from the owner of this attempt, however often the owner writes: it
	// increments the job's attempt, sets its sequence to 0, and changes nothing else. It returns
	// ErrConflict if the job is final or not in this attempt.
	Fence(ctx context.Context, id string, attempt int64) error

	ListStore
	TurnStore
	ClaimStore
}

// ListStore finds jobs for lists and for maintenance.
type ListStore interface {
	// List returns the jobs of a query. The result may be slightly stale.
	List(ctx context.Context, q Query) ([]*export.Job, error)
	// Figures calls each for every job of a tenant with this id or a greater one, in any order. It
	// returns the first error of each.
	Figures(ctx context.Context, tenant, from string, each func(Figure) error) error
	// KeptFigures is Figures for the jobs that offer their files, whatever their id.
	KeptFigures(ctx context.Context, tenant string, each func(Figure) error) error
	// Live returns up to limit live jobs of all tenants with an id greater than after, oldest
	// first.
	Live(ctx context.Context, after string, limit int) ([]*export.Job, error)
	// Dirty returns up to limit final jobs with Dirty set that ended before the given time.
	Dirty(ctx context.Context, before time.Time, limit int) ([]*export.Job, error)
	// Outdated returns up to limit jobs with files whose ExpiresAt is not after now.
	Outdated(ctx context.Context, now time.Time, limit int) ([]*export.Job, error)
	// Mailable returns up to limit jobs whose e-mail is due now, oldest first.
	Mailable(ctx context.Context, now time.Time, limit int) ([]*export.Job, error)
}

// TurnStore keeps the order in which tenants take turns in the queue.
type TurnStore interface {
	// QueueEntries returns the queue entry of every live async job of all tenants, oldest first.
	QueueEntries(ctx context.Context) ([]Entry, error)
	// Turns returns the last turn of each tenant, by tenant. A tenant that has had no turn has no
	// entry.
	Turns(ctx context.Context) (map[string]int64, error)
	// TakeTurn records a turn of a tenant. A turn that is not higher than the tenant's last one
	// changes nothing.
	TakeTurn(ctx context.Context, tenant string, turn int64) error
}

// ClaimStore makes each attempt of a job happen once.
type ClaimStore interface {
	// Claim claims attempt n of a job and reports whether the caller got it. Each attempt is
	// claimed once.
	Claim(ctx context.Context, id string, n int64, at time.Time) (won bool, err error)
	// Claimed reports whether attempt n was claimed, and when.
	Claimed(ctx context.Context, id string, n int64) (at time.Time, claimed bool, err error)
	// DeleteClaims deletes every claim of a job.
	DeleteClaims(ctx context.Context, id string) error
}

// Lock is the lock (Redis) that protects a slot from a flood of duplicates: it rejects most of them
// before they reach the store. It may lose entries and be down, and it decides nothing. Every call
// returns within about a second. Every error means that the lock is unavailable.
type Lock interface {
	// Take acquires the lock for jobID unless another job holds it, and returns the job that then
	// holds it.
	Take(ctx context.Context, slot Slot, jobID string) (holder string, err error)
	// TakeOver acquires the lock for jobID if the job from holds it.
	TakeOver(ctx context.Context, slot Slot, from, jobID string) (done bool, err error)
	// Set acquires the lock for jobID, even if another job holds it, for its full lifetime.
	Set(ctx context.Context, slot Slot, jobID string) error
	// Release frees the lock if jobID holds it.
	Release(ctx context.Context, slot Slot, jobID string) error
}

// TaskState is the state of a queued attempt.
type TaskState int

// The states of a task.
const (
	TaskWaiting TaskState = iota + 1 // no worker has taken the task yet
	TaskTaken                        // a worker took the task; whether that worker is alive is unknown
	TaskDead                         // the queue archived the task; it will not run
)

// Queue wakes workers. It may lose tasks and may deliver a task twice. Every call returns within
// about a second. If the queue or the lock refuses work, its error wraps an errs.OutageError with
// the reason.
type Queue interface {
	// Enqueue queues an attempt of a job, unless the queue already knows that attempt, and returns
	// the state of its task.
	Enqueue(ctx context.Context, jobID string, attempt int64) (TaskState, error)
}

// Bus publishes messages to every process. Delivery is not guaranteed.
type Bus interface {
	// Publish sends the current state of a job.
	Publish(ctx context.Context, job *export.Job) error
	// PublishProgress sends the progress of a job whose state was published before.
	PublishProgress(ctx context.Context, e ProgressEvent) error
	// Control sends a control message.
	Control(ctx context.Context, m ControlMessage) error
}

// Feed is the subscriber's end of a Bus.
type Feed interface {
	// Subscribe calls the listener, one call at a time. It blocks until ctx ends.
	Subscribe(ctx context.Context, l Listener) error
}

// Listener receives messages. Its functions must not block, subscribe, or change a job, which other
// listeners share; nil functions are not called.
type Listener struct {
	Job      func(*export.Job)
	Progress func(*ProgressEvent)
	Control  func(ControlMessage)
	// Resubscribed is called after every subscription, the first included, and when the listener joins
	// one: messages sent before it are lost.
	Resubscribed func()
	// Lost is called when the subscription ends without the listener's doing, and after each attempt to
	// subscribe again that fails, at least every few seconds: messages are lost until Resubscribed.
	Lost func()
}

// ControlKind is the kind of a control message.
type ControlKind string

// The kinds of control message.
const (
	ControlCancel       ControlKind = "cancel"        // JobID was cancelled: its worker checks now
	ControlQueue        ControlKind = "queue"         // queue positions have changed
	ControlSessionEnded ControlKind = "session_ended" // SessionID ended: its sockets close
	ControlRoleChanged  ControlKind = "role_changed"  // AdminID's role in Tenant changed: close sockets

	ControlFactorRequired ControlKind = "second_factor_required" // Tenant requires it: close others' sockets
)

// ControlMessage is a message between processes that is not about a job's state.
type ControlMessage struct {
	Kind      ControlKind `json:"kind"`
	Tenant    string      `json:"tenant,omitempty"`
	JobID     string      `json:"jobId,omitempty"`
	SessionID string      `json:"sessionId,omitempty"` // the stored hash, never the token
	AdminID   string      `json:"adminId,omitempty"`
}

// Storage is the part of pipeline.Storage that jobs need: to clean up and to presign links.
type Storage interface {
	Delete(ctx context.Context, key string) error
	Abort(ctx context.Context, prefix string) error
	Presign(ctx context.Context, key, filename string, lifetime time.Duration) (url string, expires time.Time, err error)
}

// Executor runs one attempt of a job, from its first byte to its verified files.
type Executor interface {
	// Run runs the attempt. It blocks until nothing of the attempt is running any more. The job is
	// a copy.
	Run(ctx context.Context, job *export.Job, obs pipeline.Observer) (pipeline.Result, error)
	// Stream produces one file of a sync job and writes it to a receiver.
	Stream(ctx context.Context, job *export.Job, kind export.FileKind, obs pipeline.Observer, to pipeline.Receiver) (pipeline.StreamResult, error)
}
