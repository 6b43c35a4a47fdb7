// Package jobs is the life of an export job: who may start one, which worker runs it, how it ends, and what happens when
// a process, Redis or the network dies on the way.
//
// # The truth and its helpers
//
// A job is one document. Three things in it decide everything:
//
//   - live, unique: the requester's slot, there exactly while the job is live. Admission is one insert; ending the job
//     removes it in the write that makes the status final. There is no second document to forget.
//   - attempt and sequence, the version. Every write names what it expects. The attempt's owner is the only one who
//     writes within an attempt and names the attempt; everybody else names the exact version and takes the next attempt.
//     So a higher attempt fences a lower one, and a cancel fences the run.
//   - heartbeat: the owner's last write, at least once a second. Who finds it stale may take the next attempt.
//
// Redis helps and decides nothing. The gate turns duplicates away early, the queue wakes a worker, the bus tells tabs.
// With Redis down jobs are admitted, run, cancelled and finished all the same; they start once it is back.
//
// # An attempt
//
//	             Enqueue(job, n)                    the worker dies, or stops itself
//	queued ───────────────────────► task job:n          ┌──────────────────────────┐
//	                                    │               │                          ▼
//	                                Claim(job, n)       │             heartbeat older than StaleAfter
//	                                    │ one winner    │                          │ reconciler: Enqueue(job, n+1)
//	                                    ▼               │                          ▼
//	     Update(attempt = n, preparing; was queued or stale) ──► heartbeats, moves ──► task job:n+1 …
//	                                                    │
//	              ┌──────────────┬──────────────────────┼───────────────────┬──────────────────┐
//	              ▼              ▼                      ▼                   ▼                  ▼
//	          completed    failed (permanent)   transient failure        shutdown          fenced
//	                                            stale after a delay   stale at once     by a cancel or
//	                                            (at most ten in row)  and n+1 queued    a newer attempt
//
// A job that waits for its next attempt stays in its running status. Its heartbeat says when that attempt is due: it is
// set back so that it goes stale at that moment. The zero heartbeat (handed back in good order) is stale at once and does
// not count as an attempt without progress.
//
// # Why nothing stays stuck
//
// The reconciler runs in every process, every two seconds over stale jobs and every minute, at start and after each new
// connection to Redis over queued ones. For a job that is due it looks for the first number from attempt+1 on that can
// still become an attempt:
//
//   - claimed less than StaleAfter ago: a worker is between its claim and its first write. Wait.
//   - claimed longer ago: that worker died there; the number is lost. Next number. Should it wake after all, its write
//     names a version that is gone.
//   - task waiting: fine. Wait.
//   - task taken, seen for less than StaleAfter: a worker is about to claim it. Wait. Longer: it died, or hangs. Next
//     number. asynq would find out after one to two minutes only, and then archive the task.
//   - task dead (archived): the id stays known to the queue for months, so the number is lost. Next number.
//   - not known: enqueued now.
//
// Skipping numbers is always safe, because a worker takes only a job that is queued or stale, in the exact version that
// it has read. Two tasks for one job cannot both win, and neither takes a healthy run away.
//
// The worker stops by itself when it could not confirm its ownership for nearly as long as others wait before they take
// over, and then leaves alone what a newer attempt might have stored.
// Processes compare heartbeats with their own clocks: keep them within a few seconds (NTP). A clock that is wrong costs
// attempts, never a wrong file.
//
// # The e-mail
//
// The write that ends an async job from the console makes its e-mail due: nothing can be lost between the two. Every process
// looks for mails that are due; who tries one claims it by writing the exact version that it has read, with one try more and
// a time when it is due again. A process that dies between sending and noting has its message sent again after that time, under
// the same Message-ID. Nothing that happens to a mail changes the status of its job.
//
// # Cleaning up
//
// The first write of an attempt sets Dirty. When a job ends badly its worker, which has stopped by then, removes uploads
// and objects. A job that was cancelled under a worker that hangs, or died, is cleaned by the janitor, Grace after the
// end, when that worker has surely stopped itself. Only the janitor clears Dirty. Expiry is a final status with Dirty
// set: links end at once, files go when the storage answers.
package jobs
