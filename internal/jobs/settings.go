package jobs

import (
	"cmp"
	"time"
)

// MaxStalled is how many attempts in a row may end without a new checkpoint before the job fails.
const MaxStalled = 10

const (
	keyLifetime   = 24 * time.Hour // of an idempotency key
	recentPeriod  = 24 * time.Hour // of jobs in a snapshot
	recentLimit   = 20             // jobs in a snapshot
	busTimeout    = time.Second    // per message
	maxRetryDelay = time.Minute    // between two attempts
	minLink       = time.Second    // no link is signed for less
)

// Settings are the durations that govern jobs. A zero value means the default.
type Settings struct {
	LinkLifetime time.Duration // of a presigned link; 15 minutes
	Retention    time.Duration // how long files are kept if the tenant has no setting; 7 days

	HeartbeatEvery time.Duration // between two heartbeats of a run; 1 s
	StaleAfter     time.Duration // without a heartbeat for this long, the next attempt may start; 10 s
	StuckAfter     time.Duration // a run without progress for this long is stopped and retried; 15 minutes
	PublishEvery   time.Duration // between two progress events, and until a checkpoint is stored; 250 ms
	ReconcileEvery time.Duration // between two checks for stale jobs; 2 s
	RequeueEvery   time.Duration // between two checks for queued jobs without a task; 1 minute
	CleanEvery     time.Duration // between two rounds of the janitor; 10 s
	Grace          time.Duration // from a job's end until its worker has certainly stopped; 2 × StaleAfter
	StreamTimeout  time.Duration // how long a sync job waits for the client to open a stream; 30 s
	ConfirmTimeout time.Duration // how long a sync job waits for the client to confirm a small file; 30 s
	RetryDelay     time.Duration // after the first transient failure; doubled each time, up to a minute; 2 s
	StoreTimeout   time.Duration // per call of the store; 5 s
	CleanTimeout   time.Duration // for removing one job's uploads and objects; 2 minutes
	MailEvery      time.Duration // between two checks for due e-mails; 5 s
	MailDelay      time.Duration // after the first failed try of an e-mail; doubled each time, up to an hour; 15 s
	MailElsewhere  bool          // this process has no Mailer, but others do: e-mails still become due
	MailLease      time.Duration // how long the process that claims an e-mail owns it; 2 minutes
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
	s.ConfirmTimeout = cmp.Or(s.ConfirmTimeout, 30*time.Second)
	s.RetryDelay = cmp.Or(s.RetryDelay, 2*time.Second)
	s.StoreTimeout = cmp.Or(s.StoreTimeout, 5*time.Second)
	s.CleanTimeout = cmp.Or(s.CleanTimeout, 2*time.Minute)
	s.MailEvery = cmp.Or(s.MailEvery, 5*time.Second)
	s.MailDelay = cmp.Or(s.MailDelay, 15*time.Second)
	s.MailLease = cmp.Or(s.MailLease, 2*time.Minute)
	return s
}

// ownershipTimeout returns how long a run continues without confirming that it owns its job. It is
// shorter than StaleAfter, so that the run stops before another process takes the job.
func (s Settings) ownershipTimeout() time.Duration { return s.StaleAfter - s.StaleAfter/5 }

// retryDelay returns how long a job waits after its n-th transient failure in a row; n starts at 1.
func (s Settings) retryDelay(n int) time.Duration { return doubled(s.RetryDelay, n-1, maxRetryDelay) }

// mailDelay returns how long an e-mail waits after its n-th try; n starts at 1.
func (s Settings) mailDelay(n int) time.Duration { return doubled(s.MailDelay, n-1, maxMailDelay) }

// closeRate is the number of bytes per second at which a browser closes a file at least: it may
// copy the file, and scan it for malware, before the tab can confirm it.
const closeRate = 50_000_000

// confirmTimeout returns how long a sync job waits for the client to confirm a file of that size.
func (s Settings) confirmTimeout(bytes int64) time.Duration {
	return s.ConfirmTimeout + time.Duration(bytes/closeRate)*time.Second
}

// doubled returns d, doubled the given number of times, but at most limit.
func doubled(d time.Duration, times int, limit time.Duration) time.Duration {
	for range times {
		if d *= 2; d >= limit {
			break
		}
	}
	return min(d, limit)
}
