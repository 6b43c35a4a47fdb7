package jobs

import (
	"cmp"
	"time"
)

// MaxStalled is how many attempts in a row may end without a new checkpoint before a job is given up.
const MaxStalled = 10

const (
	keyLifetime   = 24 * time.Hour // of an idempotency key
	recentPeriod  = 24 * time.Hour // of jobs in a snapshot
	recentLimit   = 20             // jobs in a snapshot
	busTimeout    = time.Second    // of one message
	maxRetryDelay = time.Minute    // between two attempts
	minLink       = time.Second    // a link that ends sooner is not worth signing
)

// Settings are the times by which jobs live. Zero values become the defaults.
type Settings struct {
	LinkLifetime time.Duration // of a presigned link; 15 minutes
	Retention    time.Duration // how long files are kept where the tenant has no time of its own; 7 days

	HeartbeatEvery time.Duration // between two signs of life of a run; 1 s
	StaleAfter     time.Duration // without a sign of life the next attempt may begin; 10 s
	StuckAfter     time.Duration // a run without any progress for so long is stopped and tried again; 15 minutes
	PublishEvery   time.Duration // between two progress events of a run, and from a checkpoint to its being kept; 250 ms
	ReconcileEvery time.Duration // between two looks for stale jobs; 2 s
	RequeueEvery   time.Duration // between two looks for queued jobs that are in no queue; 1 minute
	CleanEvery     time.Duration // between two rounds of the janitor; 10 s
	Grace          time.Duration // from a job's end until its worker has surely stopped; 2 × StaleAfter
	StreamTimeout  time.Duration // how long a sync job waits for its client to open a stream; 30 s
	ConfirmTimeout time.Duration // how long a sync job waits for its client to confirm a file; 2 minutes
	RetryDelay     time.Duration // after a first transient failure; doubled each time, up to a minute; 2 s
	StoreTimeout   time.Duration // of one call of the store; 5 s
	CleanTimeout   time.Duration // of removing one job's uploads and objects; 2 minutes
	MailEvery      time.Duration // between two looks for e-mails that are due; 5 s
	MailDelay      time.Duration // after the first try of an e-mail that failed; doubled each time, up to an hour; 15 s
	MailElsewhere  bool          // without a Mailer: e-mails are due all the same, and other processes send them
	MailLease      time.Duration // how long an e-mail is the one's who tries it; 2 minutes
}

func (s Settings) withDefaults() Settings {
	s.LinkLifetime = cmp.Or(s.LinkLifetime, 15*time.Minute)
	s.Retention = cmp.Or(s.Retention, 7*24*time.Hour)
	s.HeartbeatEvery = cmp.Or(s.HeartbeatEvery, time.Second)
	s.StaleAfter = cmp.Or(s.StaleAfter, 10*time.Second)
	s.StuckAfter = cmp.Or(s.StuckAfter, 15*time.Minute)
	s.PublishEvery = cmp.Or(s.PublishEvery, 250*time.Millisecond)
	s.ReconcileEvery = cmp.Or(s.ReconcileEvery, 2*time.Second)
	s.RequeueEvery = cmp.Or(s.RequeueEvery, time.Minute)
	s.CleanEvery = cmp.Or(s.CleanEvery, 10*time.Second)
	s.Grace = cmp.Or(s.Grace, 2*s.StaleAfter)
	s.StreamTimeout = cmp.Or(s.StreamTimeout, 30*time.Second)
	s.ConfirmTimeout = cmp.Or(s.ConfirmTimeout, 2*time.Minute)
	s.RetryDelay = cmp.Or(s.RetryDelay, 2*time.Second)
	s.StoreTimeout = cmp.Or(s.StoreTimeout, 5*time.Second)
	s.CleanTimeout = cmp.Or(s.CleanTimeout, 2*time.Minute)
	s.MailEvery = cmp.Or(s.MailEvery, 5*time.Second)
	s.MailDelay = cmp.Or(s.MailDelay, 15*time.Second)
	s.MailLease = cmp.Or(s.MailLease, 2*time.Minute)
	return s
}

// doubtAfter is how long a run goes on without a confirmation that it owns its job: it stops before others take over.
func (s Settings) doubtAfter() time.Duration { return s.StaleAfter - s.StaleAfter/5 }

// retryDelay is how long a job waits after its n-th transient failure in a row, from 1.
func (s Settings) retryDelay(n int) time.Duration { return doubled(s.RetryDelay, n-1, maxRetryDelay) }

// mailDelay is how long a mail waits after its n-th try, from 1.
func (s Settings) mailDelay(n int) time.Duration { return doubled(s.MailDelay, n-1, maxMailDelay) }

// doubled returns d, doubled so many times, and most where that is more.
func doubled(d time.Duration, times int, most time.Duration) time.Duration {
	for range times {
		if d *= 2; d >= most {
			break
		}
	}
	return min(d, most)
}
