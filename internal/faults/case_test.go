package faults_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/faults"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/pipeline/pipelinetest"
	"github.com/egress-io/egress/internal/redis"
)

// userCount is how many users a case exports: about ten parts.
const userCount = 60

// scenario is the course of a job, to which one more fault is added.
type scenario struct {
	name       string
	docs       func([]bson.Raw) []bson.Raw // changes the tenant's users; nil: no change
	stored     bool                        // the users are read from the database, from snapshots if it has them
	faults     []faults.Fault              // the scenario's own faults
	lockHolder string                      // the job that holds the lock before; "": none
	fails      errs.Code                   // the expected failure; "": the job is completed
}

// scenarios together make every call of every port.
var scenarios = []scenario{
	{name: "plain"},
	// A second attempt resumes after the fifth part.
	{name: "resumed", faults: []faults.Fault{{Port: faults.Storage, Kind: faults.Fails, Op: "part", Call: 6}}},
	// A job that does not exist holds the lock. The first attempt completes the object and cannot read it
	// back; a second attempt verifies it.
	{name: "reproven", lockHolder: "nobody's", faults: []faults.Fault{
		{Port: faults.Storage, Kind: faults.HalfWrites, Op: "complete", Call: 1},
		{Port: faults.Storage, Kind: faults.Fails, Op: "head", Call: 1}, {Port: faults.Storage, Kind: faults.Fails, Op: "head", Call: 2},
		{Port: faults.Storage, Kind: faults.Fails, Op: "head", Call: 3},
	}},
	// The stored parts do not match: the second attempt starts from the beginning.
	{name: "restarted", faults: []faults.Fault{
		{Port: faults.Storage, Kind: faults.Fails, Op: "part", Call: 6}, {Port: faults.Storage, Kind: faults.Garbage, Op: "parts", Call: 1},
	}},
	{name: "stored", stored: true},
	{name: "stored-resumed", stored: true, faults: []faults.Fault{{Port: faults.Storage, Kind: faults.Fails, Op: "part", Call: 6}}},
	// A user occurs twice: the job fails when parts are already stored.
	{name: "refused", docs: func(docs []bson.Raw) []bson.Raw { return slices.Insert(docs, 40, docs[39]) }, fails: errs.CodeUserIDsOutOfOrder},
}

// testCase is one fault in one scenario.
type testCase struct {
	scenario scenario
	fault    faults.Fault
}

func (c testCase) String() string {
	return fmt.Sprintf("%s/%s/%s/%d", c.scenario.name, c.fault.Port, strings.ReplaceAll(string(c.fault.Kind), " ", "-"), c.fault.Call)
}

// outcome is the result of a case.
type outcome struct {
	plan   *faults.Plan
	job    *export.Job
	sha256 string
	hit    string // the operation to which the fault happened; "": it did not
}

// run takes a job from admission to cleanup, and checks that it ends as expected.
func (l *testEnv) run(t *testing.T, c testCase, want string) (got outcome) {
	t.Helper()
	logs := &log{}
	defer func() {
		if t.Failed() {
			t.Logf("%s: met %q. What the service said:\n%s", c, got.hit, logs)
		}
	}()
	docs := pipelinetest.MakeUsers(t, userCount)
	if c.scenario.docs != nil {
		docs = c.scenario.docs(docs)
	}
	plan := faults.New(times().StoreTimeout/5, append(slices.Clone(c.scenario.faults), c.fault)...)
	tenant, stored, pace, now := pipelinetest.NewTenant(docs), pipelinetest.NewStorage(), newPace(), &clock{}
	storage, bus := plan.Storage(pacedStorage{stored, pace}), redis.NewBus(l.redis)
	changed := make(chan struct{}, 1)
	directory := plan.Directory(tenant)
	source := pipeline.Options{Planner: directory, Accounts: directory, Users: plan.Users(tenant), Storage: storage, Settings: small(), Logger: logs.logger()}
	var opened openCount
	if c.scenario.stored {
		source.Users, source.Snapshots = plan.Users(countedUsers{l.stored.users, &opened}), plan.Snapshots(l.stored.counted(&opened))
	}
	process, stop := l.startService(jobs.New(jobs.Options{
		Store: plan.Store(observedStore{l.store, pace, changed}), Lock: plan.Lock(redis.NewLock(l.redis)), Queue: plan.Queue(redis.NewQueue(l.redis)),
		Bus: plan.Bus(bus), Feed: bus, Storage: storage, Logger: logs.logger(), Now: now.now,
		Executor: pipeline.New(source),
		Settings: times(),
	}))
	defer stop()

	got.plan = plan
	id := l.admit(t, process.service, c.scenario.lockHolder)
	await(t, changed, c.String()+" ends", func() bool {
		got.job = l.job(t, id)
		return got.job.Status.Final()
	})
	process.handler.Wait() // for every attempt: none may hang, even if another one has finished the job
	pace.end()
	plan.Settle()
	now.advance(times().StaleAfter * 60)
	await(t, changed, c.String()+" is cleaned up after", func() bool {
		got.job = l.job(t, id)
		return !got.job.Dirty
	})
	eventually(t, c.String()+" is published", func() bool { return l.knowsOutcome(got.job) })
	stop()
	got.hit = plan.Met(c.fault)
	l.checkPublished(t, c, id)
	got.sha256 = c.check(t, got.job, stored, want)
	l.checkReleased(t, c, got.job)
	if n := tenant.OpenCursors(); n > 0 {
		t.Errorf("%s: %d cursors are open", c, n)
	}
	opened.check(t, c)
	eventually(t, fmt.Sprintf("%s: its goroutines end; these run:\n%s", c, process.goroutines(t)), func() bool { return process.goroutines(t) == "" })
	return got
}

// admit requests an export, retrying as a client does, and returns the job's id. Before that it
// sets the lock for the job lockHolder, if any.
func (l *testEnv) admit(t *testing.T, s *jobs.Service, lockHolder string) (id string) {
	t.Helper()
	made := jobstest.NewJob(caseTenant, "admin:"+jobstest.ID())
	if lockHolder != "" {
		if err := redis.NewLock(l.redis).Set(l.ctx, jobs.SlotOf(made), lockHolder); err != nil {
			t.Fatal(err)
		}
	}
	r := jobs.Request{
		Tenant: made.Tenant, Requester: made.Requester, Origin: made.Origin, Mode: export.Async, Words: made.Words, IdempotencyKey: "once",
		Definition: export.Definition{
			Include: export.Include{Attributes: true, ForeignKeys: true, Grants: true, ExtendedProfiles: &export.Profiles{AppIDs: []string{export.All}}},
			Users:   export.Selection{UserStoreID: export.All},
			File:    export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
		},
	}
	for range 5 {
		job, _, err := s.Create(l.ctx, r)
		if err == nil {
			return job.ID
		}
		if errs.CodeOf(err) != errs.CodeUnavailable {
			t.Fatalf("refused with %v", err)
		}
	}
	t.Fatal("not admitted")
	return ""
}

func (l *testEnv) job(t *testing.T, id string) *export.Job {
	t.Helper()
	job, err := l.store.Job(l.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// check reports what is wrong with a job's outcome, and returns the hash of its file.
func (c testCase) check(t *testing.T, job *export.Job, stored *pipelinetest.Storage, want string) string {
	t.Helper()
	if job.Outcome == export.Failed && (c.scenario.fails != "" || c.fault.Kind.MayFailJob()) {
		if job.Failure == nil || job.Failure.Code == "" || job.Failure.Message == "" {
			t.Errorf("%s: failed without a reason", c)
		} else if code := c.scenario.fails; code != "" && job.Failure.Code != code && !c.fault.Kind.MayFailJob() {
			t.Errorf("%s: failed with %s instead of %s", c, job.Failure.Code, code)
		}
		if left := stored.Left(); len(left) > 0 {
			t.Errorf("%s: failed, and left %q", c, left)
		}
		return ""
	}
	if job.Outcome != export.Completed || c.scenario.fails != "" || len(job.Files) != 1 {
		t.Errorf("%s: ended as %s, %+v, with %d files", c, job.Status, job.Failure, len(job.Files))
		return ""
	}
	f := job.Files[0]
	sum := sha256.Sum256(stored.Object(f.Key))
	got := hex.EncodeToString(sum[:])
	if p := job.Progress.Users; p != (export.FileProgress{
		Bytes: f.Bytes, BytesTotal: f.Bytes, BytesTotalExact: true, Rows: f.Rows, RowsTotal: f.Rows, Users: f.Users, UsersTotal: f.Users,
	}) || job.Progress.Percent != 100 {
		t.Errorf("%s: the progress does not end exact: %+v of %+v", c, p, f)
	}
	if got != f.SHA256 || want != "" && got != want || f.Users != userCount || f.Rows != userCount/4*7 {
		t.Errorf("%s: completed with another file: %s, %+v", c, got, f)
	}
	if left := stored.Left(); !slices.Equal(left, []string{f.Key, pipeline.ManifestKey(f.Key)}) {
		t.Errorf("%s: completed, and left %q", c, left)
	}
	return got
}

// checkReleased reports what a final job still holds: slot, lock or claims.
func (l *testEnv) checkReleased(t *testing.T, c testCase, job *export.Job) {
	t.Helper()
	if _, err := l.store.Holder(l.ctx, jobs.SlotOf(job)); !errors.Is(err, jobs.ErrNoJob) {
		t.Errorf("%s: the slot is held: %v", c, err)
	}
	lock := redis.NewLock(l.redis)
	if holder, err := lock.Take(l.ctx, jobs.SlotOf(job), "next"); holder != "next" || err != nil {
		t.Errorf("%s: the lock is held by %q, %v", c, holder, err)
	}
	for n := range job.Attempt + 3 {
		if _, claimed, err := l.store.Claimed(l.ctx, job.ID, n); claimed || err != nil {
			t.Errorf("%s: attempt %d is claimed, %v", c, n, err)
		}
	}
}

// knowsOutcome reports whether subscribers know the job's outcome. They believe the highest version.
func (l *testEnv) knowsOutcome(job *export.Job) bool {
	var newest publishedState
	for _, n := range l.publishedState(job.ID) {
		if n.version > newest.version {
			newest = n
		}
	}
	return newest.status == job.Outcome
}

// checkPublished reports published versions that should not exist. An attempt that has not yet noticed
// that it lost its job may publish after a newer one; its versions are lower, and subscribers
// ignore them. But each attempt publishes in order, its output never shrinks, and no version is
// higher than the final one.
func (l *testEnv) checkPublished(t *testing.T, c testCase, id string) {
	t.Helper()
	attempts := map[int64]publishedState{}
	var end publishedState
	for _, n := range l.publishedState(id) {
		last := attempts[n.version>>export.AttemptShift]
		if n.version < last.version || n.bytes < last.bytes && n.status.Running() {
			t.Errorf("%s: published %+v after %+v", c, n, last)
		}
		attempts[n.version>>export.AttemptShift] = n
		if end.status != "" && n.version > end.version {
			t.Errorf("%s: published %+v after the end, %+v", c, n, end)
		}
		if n.status.Final() {
			end = n
		}
	}
}
