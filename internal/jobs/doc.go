// Package jobs manages the life of an export job: who may start one, which worker runs it, how it
// ends, and how it survives the loss of a process, of Redis or of the network.
//
// # Components
//
// Service is the front that other packages use. It owns the components, each with its own file:
//
//   - admitter admits jobs, worker runs attempts, streams sends the files of sync jobs.
//   - reconciler finds jobs that no worker runs, janitor expires jobs and cleans up, mailSender sends
//     e-mails. Service.Run runs these three in the background.
//   - ender ends jobs, queueReader reads the queue order; the other components share them.
//   - core holds the ports, the settings and the helpers that all components use.
//
// # The store decides
//
// A job is one document. Three of its fields decide everything:
//
//   - live is unique: it is the requester's slot, and it exists exactly while the job is live.
//     Admission is one insert. The write that makes the status final removes live. There is no
//     second document to forget.
//   - attempt and sequence are the version. Every write names the version that it expects. The
//     attempt's owner alone writes within an attempt, and names the attempt. Every other writer
//     names the exact version and starts the next attempt. So a higher attempt fences a lower one,
//     and a cancel fences the run.
//   - heartbeat is the time of the owner's last write, at least one per second. A process that
//     finds it stale may start the next attempt.
//
// Redis speeds things up and decides nothing. The lock rejects duplicates early, the queue wakes a
// worker, pub/sub updates browser tabs. While Redis is down, jobs are still admitted, run,
// cancelled and finished; new ones start once Redis is back.
//
// # Queue order
//
// A task in the queue is a wake-up and nothing more: "a job waits". The worker reads from the store
// which job it takes. It takes a job of the tenant with the fewest running jobs; of several such
// tenants, the one whose last turn is the oldest; within a tenant, a job that has already started,
// else the oldest. So a tenant with a hundred queued exports delays another tenant's export by at
// most one run, with any number of workers and processes, and regardless of the order of the tasks.
//
// A turn is a number per tenant, higher than all turns before it, so no clocks are compared. When
// two workers choose the same job, one loses the claim, reads again, and counts that job as
// running. Two turns can be equal, and a failed write can lose one: this costs a tenant one turn,
// never a job.
//
// Queue positions follow the same order.
//
// # An attempt
//
//	             Enqueue(job, n)                  the worker dies, or stops itself
//	queued ───────────────────────► task job:n        ┌──────────────────────────┐
//	                                    │ wakes       │                          ▼
//	                                next in order     │             heartbeat older than StaleAfter
//	                                    │             │                          │
//	                                Claim(job, n)     │                          │ reconciler:
//	                                    │ one winner  │                          ▼ Enqueue(job, n+1)
//	                                    ▼             │                 task job:n+1 wakes …
//	  Update(attempt = n, preparing; was queued or stale) ──► heartbeats, advances
//	                                                  │
//	          ┌─────────────┬─────────────────────────┼─────────────────┬──────────────┐
//	          ▼             ▼                         ▼                 ▼              ▼
//	      completed  failed (permanent)       transient failure     shutdown        fenced
//	                                          stale after a delay   stale at once   by a cancel or
//	                                          (at most ten in row)  and n+1 queued  a newer attempt
//
// A job that waits for its next attempt keeps its running status. Its heartbeat encodes when that
// attempt is due: the heartbeat goes stale at that moment. The zero heartbeat means that the worker
// handed the job back; it is stale at once and does not count as an attempt without progress.
//
// # Why a live job waits
//
// The field retry says why a live job waits. A failed attempt sets it with its last write; it stays
// until a later attempt makes progress or the job ends. When the lock or the queue refuses, the
// admission and the reconciler set it, in the next version of the same attempt, because this note
// must not fence an owner that returns. If a worker's first write conflicts with such a note, the
// worker reads the job again; its claim remains valid. The reconciler tries a refusing queue once
// per round, and removes the note when the job is in the queue.
//
// # Why no job stays stuck
//
// Every job is queued with a task of its own, and a task is used for one job at most. So while
// nothing is lost, there are as many tasks as waiting jobs, and it does not matter which task is
// used for which job. A worker that loses a job to another takes the next one, until none waits.
// Surplus tasks find no job and end.
//
// Tasks can be lost. The reconciler runs in every process. It checks stale jobs every two seconds,
// and queued jobs at start, every minute, and after each new connection to Redis. It ensures that
// each has a task of its own. For a job that is due it looks for the first number from attempt+1 on
// that can still become an attempt:
//
//   - claimed less than StaleAfter ago: a worker is between its claim and its first write. Wait.
//   - claimed longer ago: that worker died there, and the number is lost. Try the next number. If
//     the worker wakes after all, its write names a version that no longer exists.
//   - task waiting: fine. Wait.
//   - task taken, seen for less than StaleAfter: a worker is about to take the job. Wait. Longer:
//     the worker took another job, died or hangs. Try the next number. (asynq would notice only
//     after one to two minutes, and would then archive the task.)
//   - task dead (archived): the queue remembers the id for months, so the number is lost. Try the
//     next number.
//   - task unknown: this call has enqueued it.
//
// Surplus tasks do no harm. Skipping numbers is always safe, because a worker takes only a queued or
// stale job, in the exact version that it read. Two workers cannot both win a job, and none takes a
// healthy run away. The worker, too, skips numbers that were claimed longer ago than StaleAfter.
//
// The only process of a store, at its start, need not wait for StaleAfter: TakeOver makes the jobs of
// the process before it due at once. The lock of the embedded database proves that this process is
// gone.
//
// A worker stops by itself when it could not confirm its ownership for nearly StaleAfter, which is
// when others take over. It then leaves objects alone that a newer attempt may have stored.
// Processes compare heartbeats with their own clocks: keep the clocks within a few seconds (NTP). A
// wrong clock costs attempts, but never produces a wrong file.
//
// # The e-mail
//
// The write that ends an async job from the console makes its e-mail due, so nothing can be lost
// between the two. Every process looks for due e-mails. It claims one by writing the exact version
// that it read, with one try more and a time at which the e-mail is due again. If a process dies
// between sending and recording the result, another process sends the message again after that
// time, with the same Message-ID. Nothing that happens to an e-mail changes the status of its job.
//
// # Cleanup
//
// The first write of an attempt sets Dirty. When a job ends without files, its worker, which has
// stopped by then, removes uploads and objects. The janitor cleans up after a job that was cancelled
// while its worker hung or died: Grace after the end, when that worker has certainly stopped. Only
// the janitor clears Dirty. Expiry is a final status with Dirty set: links end at once, and the
// files are deleted when the storage answers.
package jobs
