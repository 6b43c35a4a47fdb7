// Package jobstest contains the conformance suite of jobs.Store and other test support for the job
// ports.
package jobstest

import (
	"context"
	"errors"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// racers is the number of goroutines in a race.
const racers = 50

var epoch = time.Date(2026, 11, 23, 8, 31, 28, 123e6, time.UTC)

// ID returns a new job id. Later ids are greater.
func ID() string { return ulid.Make().String() }

// NewJob returns a queued async job of a requester.
func NewJob(tenant, requester string) *export.Job {
	def := export.Definition{
		Include: export.Include{Attributes: true, Grants: true, ExtendedProfiles: &export.Profiles{AppIDs: []string{export.All}}},
		Users: export.Selection{UserStoreID: export.All, Search: "amara okafor", Filter: &export.Rule{Combinator: export.And, Rules: []export.Rule{
			{Field: "attributes.country", Operator: export.Is, Value: export.String("GB")},
			{Field: "attributes.age", Operator: export.Between, From: export.Number("1.50"), To: export.Value{}},
		}}},
		File: export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
	}
	return &export.Job{
		ID: ID(), Tenant: tenant, Requester: export.Requester{ID: requester, UserID: "u1", Email: "ada@example.com"},
		Origin: export.FromConsole, Mode: export.Async, Definition: def, Words: "Everyone in GB", Fingerprint: def.Fingerprint(),
		Status: export.Queued, CreatedAt: epoch, Sequence: 1, Progress: export.Progress{Phase: export.Queued},
		History: []export.Event{{Time: epoch, Kind: "queued", Message: "The export was requested."}},
	}
}

// TestStore checks that a store meets the contract of jobs.Store. Open returns an empty store.
func TestStore(t *testing.T, open func(t *testing.T) jobs.Store) {
	run := func(name string, test func(*testing.T, context.Context, jobs.Store)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			t.Cleanup(cancel)
			test(t, ctx, open(t))
		})
	}
	run("keeps every field", keepsEveryField)
	run("gives a slot to one live job", givesSlotOnce)
	run("gives a slot to one of fifty", racesForSlot)
	run("remembers idempotency keys", storesIdempotencyKeys)
	run("makes guarded writes", guardsWrites)
	run("fences an owner", fences)
	run("gives a write to one of fifty", racesForAttempt)
	run("gives an attempt's claim to one of fifty", racesForClaim)
	run("deletes the claims of one job only", deletesClaims)
	run("lists", lists)
	run("filters and searches lists", filtersLists)
	run("returns figures", returnsFigures)
	run("returns queue entries", returnsQueueEntries)
	run("remembers the last turn of each tenant", storesTurns)
	run("finds jobs for the janitor", findsJanitorJobs)
	run("finds e-mails that are due", findsMail)
	run("gives an e-mail to one of fifty", racesForMail)
}

func insert(t *testing.T, ctx context.Context, s jobs.Store, list ...*export.Job) {
	t.Helper()
	for _, job := range list {
		if err := s.Insert(ctx, job); err != nil {
			t.Fatalf("insert: %v", err)
		}
	}
}

// change updates a job by f as of its version, and returns the updated copy.
func change(t *testing.T, ctx context.Context, s jobs.Store, job *export.Job, f func(*export.Job)) *export.Job {
	t.Helper()
	next := *job
	next.Sequence++
	f(&next)
	if err := s.Update(ctx, &next, jobs.Exactly(job)); err != nil {
		t.Fatalf("update: %v", err)
	}
	return &next
}

func finish(status export.Status) func(*export.Job) {
	return func(job *export.Job) {
		at := epoch.Add(time.Minute)
		job.Status, job.Outcome, job.CompletedAt = status, status, &at
	}
}

func equal(t *testing.T, got, want *export.Job) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func ids(list []*export.Job) (ids []string) {
	for _, job := range list {
		ids = append(ids, job.ID)
	}
	return ids
}

func keepsEveryField(t *testing.T, ctx context.Context, s jobs.Store) {
	job := NewJob("daily", "admin:a")
	job.Key = "k:1"
	insert(t, ctx, s, job)
	got, err := s.Job(ctx, job.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, job)

	at, eta := epoch.Add(time.Minute), int64(7)
	job = change(t, ctx, s, job, func(j *export.Job) {
		j.Status, j.Outcome, j.CancelledBy = export.Expired, export.CompletedWithErrors, "ada@example.com"
		j.CancelReason = export.CancelTabClosed
		j.StartedAt, j.CompletedAt, j.ExpiresAt, j.Heartbeat = &at, &at, &at, at
		j.Attempt, j.Sequence, j.Resumes, j.Stalled, j.Dirty = 1<<33, 1<<31, 3, 2, true
		j.Uploads = []string{"daily/1/users.csv"}
		j.Columns = []export.Column{{Name: "attributes.a", Source: export.FromAttribute, Key: "a", Type: "text"}}
		j.Progress = export.Progress{Phase: export.Downloading, Percent: 50, Users: export.FileProgress{Bytes: 1 << 40},
			StateEvents: &export.FileProgress{Rows: 1}, RowsPerSecond: 1.5, ETASeconds: &eta}
		j.Files = []export.File{{Kind: export.UsersFile, Name: "users.csv", Key: "k", Bytes: 1, Rows: 2, Users: 3, Columns: 4, SHA256: "ab"}}
		j.Warnings = []export.Warning{{Code: "no_column", Message: "m", Field: "f", Count: 9}}
		j.Failure = &export.Failure{Code: errs.CodeTooManyAttempts, Message: "x"}
		j.Mail = &export.Mail{State: export.MailSent, Tries: 3, Next: at, SentAt: &at, Problem: "p"}
		when, next, of := export.NewTime(at), 3, 10
		j.Retry = &export.Retry{Reason: export.RetryStorage, Message: "z", At: &when, Attempt: &next, Of: &of}
		j.History = append(j.History, export.Event{Time: at, Kind: "failed", Message: "y"})
	})
	if got, err = s.Job(ctx, job.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, got, job)
	if _, err := s.Job(ctx, ID()); !errors.Is(err, jobs.ErrNoJob) {
		t.Errorf("a missing job: %v", err)
	}
}

func givesSlotOnce(t *testing.T, ctx context.Context, s jobs.Store) {
	first := NewJob("daily", "admin:a")
	insert(t, ctx, s, first, NewJob("weekly", "admin:a"), NewJob("daily", "admin:b"))
	second := NewJob("daily", "admin:a")
	if err := s.Insert(ctx, second); !errors.Is(err, jobs.ErrTaken) {
		t.Fatalf("a second live job: %v", err)
	}
	holder, err := s.Holder(ctx, jobs.SlotOf(first))
	if err != nil || holder.ID != first.ID {
		t.Fatalf("holder %v, %v", holder, err)
	}
	change(t, ctx, s, first, finish(export.Cancelled))
	if _, err := s.Holder(ctx, jobs.SlotOf(first)); !errors.Is(err, jobs.ErrNoJob) {
		t.Fatalf("the slot after the end: %v", err)
	}
	insert(t, ctx, s, second)
}

func racesForSlot(t *testing.T, ctx context.Context, s jobs.Store) {
	var won atomic.Int64
	race(t, func(int) error {
		err := s.Insert(ctx, NewJob("daily", "admin:a"))
		if err == nil {
			won.Add(1)
		} else if !errors.Is(err, jobs.ErrTaken) {
			return err
		}
		return nil
	})
	if won.Load() != 1 {
		t.Errorf("%d of %d inserts got the slot", won.Load(), racers)
	}
}

func storesIdempotencyKeys(t *testing.T, ctx context.Context, s jobs.Store) {
	job := NewJob("daily", "admin:a")
	job.Key = "one"
	insert(t, ctx, s, job)
	job = change(t, ctx, s, job, finish(export.Failed))
	slot := jobs.SlotOf(job)
	if got, err := s.ByIdempotencyKey(ctx, slot, "one"); err != nil || got.ID != job.ID {
		t.Fatalf("by key after the end: %v, %v", got, err)
	}
	for _, other := range []jobs.Slot{{Tenant: "daily", RequesterID: "admin:b"}, {Tenant: "weekly", RequesterID: "admin:a"}} {
		if _, err := s.ByIdempotencyKey(ctx, other, "one"); !errors.Is(err, jobs.ErrNoJob) {
			t.Errorf("the key of another requester: %v", err)
		}
	}
	again := NewJob("daily", "admin:a")
	again.Key = "one"
	if err := s.Insert(ctx, again); !errors.Is(err, jobs.ErrTaken) {
		t.Fatalf("the same key again: %v", err)
	}
	for range 2 {
		if err := s.RemoveIdempotencyKey(ctx, job.ID); err != nil {
			t.Fatal(err)
		}
	}
	change(t, ctx, s, job, func(*export.Job) {}) // does not restore the key
	insert(t, ctx, s, again)
}

func guardsWrites(t *testing.T, ctx context.Context, s jobs.Store) {
	job := NewJob("daily", "admin:a")
	insert(t, ctx, s, job)
	owned := change(t, ctx, s, job, func(j *export.Job) { j.Attempt, j.Sequence, j.Status = 1, 1, export.Preparing })
	write := func(attempt, sequence int64, guard func(*export.Job) jobs.Guard) error {
		next := *owned
		next.Attempt, next.Sequence, next.Resumes = attempt, sequence, int(sequence)
		return s.Update(ctx, &next, guard(&next))
	}
	if err := s.Update(ctx, owned, jobs.Exactly(job)); !errors.Is(err, jobs.ErrConflict) {
		t.Errorf("a version that is gone: %v", err)
	}
	if err := write(1, 5, jobs.Within); err != nil {
		t.Errorf("the owner's write: %v", err)
	}
	for _, late := range []int64{4, 5} {
		if err := write(1, late, jobs.Within); !errors.Is(err, jobs.ErrConflict) {
			t.Errorf("the owner's write %d after 5: %v", late, err)
		}
	}
	for _, other := range []int64{0, 2} {
		if err := write(other, 9, jobs.Within); !errors.Is(err, jobs.ErrConflict) {
			t.Errorf("a write of attempt %d: %v", other, err)
		}
	}
	if got, err := s.Job(ctx, job.ID); err != nil || got.Sequence != 5 || got.Resumes != 5 {
		t.Errorf("after refused writes: %+v, %v", got, err)
	}
	missing := NewJob("daily", "admin:x")
	if err := s.Update(ctx, missing, jobs.Exactly(missing)); !errors.Is(err, jobs.ErrConflict) {
		t.Errorf("a job that was never made: %v", err)
	}
}

func fences(t *testing.T, ctx context.Context, s jobs.Store) {
	job := NewJob("daily", "admin:a")
	insert(t, ctx, s, job)
	owned := change(t, ctx, s, job, func(j *export.Job) { j.Attempt, j.Sequence, j.Status, j.Resumes = 1, 7, export.Preparing, 3 })
	if err := s.Fence(ctx, job.ID, 1); err != nil {
		t.Fatal(err)
	}
	got, err := s.Job(ctx, job.ID)
	if err != nil || got.Attempt != 2 || got.Sequence != 0 || got.Status != export.Preparing || got.Resumes != 3 {
		t.Errorf("fenced: %+v, %v", got, err)
	}
	late := *owned
	late.Sequence++
	if err := s.Update(ctx, &late, jobs.Within(&late)); !errors.Is(err, jobs.ErrConflict) {
		t.Errorf("a write of the owner: %v", err)
	}
	if err := s.Fence(ctx, job.ID, 1); !errors.Is(err, jobs.ErrConflict) {
		t.Errorf("fenced once more: %v", err)
	}
	ended := change(t, ctx, s, got, func(j *export.Job) { j.Status, j.Sequence = export.Completed, 1 })
	if err := s.Fence(ctx, job.ID, ended.Attempt); !errors.Is(err, jobs.ErrConflict) {
		t.Errorf("a final job: %v", err)
	}
	if err := s.Fence(ctx, "01M8ARMCTRWJNJYQQEEW34MAXV", 0); !errors.Is(err, jobs.ErrConflict) {
		t.Errorf("a job that was never made: %v", err)
	}
}

func racesForAttempt(t *testing.T, ctx context.Context, s jobs.Store) {
	job := NewJob("daily", "admin:a")
	insert(t, ctx, s, job)
	var won atomic.Int64
	race(t, func(i int) error {
		next := *job
		next.Attempt, next.Status, next.Resumes = 1, export.Preparing, i
		err := s.Update(ctx, &next, jobs.Exactly(job))
		if err == nil {
			won.Add(1)
		} else if !errors.Is(err, jobs.ErrConflict) {
			return err
		}
		return nil
	})
	if won.Load() != 1 {
		t.Errorf("%d of %d writes of one version were made", won.Load(), racers)
	}
}

func racesForClaim(t *testing.T, ctx context.Context, s jobs.Store) {
	id := ID()
	if _, claimed, err := s.Claimed(ctx, id, 1); claimed || err != nil {
		t.Fatalf("claimed before: %v, %v", claimed, err)
	}
	var won atomic.Int64
	race(t, func(int) error {
		got, err := s.Claim(ctx, id, 1, epoch)
		if got {
			won.Add(1)
		}
		return err
	})
	if won.Load() != 1 {
		t.Errorf("%d of %d got the claim", won.Load(), racers)
	}
	if at, claimed, err := s.Claimed(ctx, id, 1); !claimed || !at.Equal(epoch) || err != nil {
		t.Errorf("claimed at %v, %v, %v", at, claimed, err)
	}
}

func deletesClaims(t *testing.T, ctx context.Context, s jobs.Store) {
	mine, other := ID(), ID()
	for _, id := range []string{mine, other} {
		for n := range int64(12) {
			if won, err := s.Claim(ctx, id, n, epoch); !won || err != nil {
				t.Fatal(won, err)
			}
		}
	}
	if err := s.DeleteClaims(ctx, mine); err != nil {
		t.Fatal(err)
	}
	for n := range int64(12) {
		_, gone, err := s.Claimed(ctx, mine, n)
		_, stays, err2 := s.Claimed(ctx, other, n)
		if gone || !stays || err != nil || err2 != nil {
			t.Errorf("attempt %d: mine %v, the other's %v, %v, %v", n, gone, stays, err, err2)
		}
	}
}

func race(t *testing.T, f func(i int) error) {
	t.Helper()
	var g errgroup.Group
	for i := range racers {
		g.Go(func() error { return f(i) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}
