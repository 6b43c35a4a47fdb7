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

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/jobs/jobstest"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/export/run/runtest"
	"github.com/egress-io/egress/internal/faults"
	"github.com/egress-io/egress/internal/redis"
)

// people is how many users a case exports: some ten parts of them.
const people = 60

// scenario is a life of a job, into which one more fault is put.
type scenario struct {
	name   string
	docs   func([]bson.Raw) []bson.Raw // what the tenant's users are made to; nil: nothing
	faults []faults.Fault              // what happens anyway
	gate   string                      // the job for which the gate is closed before; "": it is open
	fails  export.Code                 // what the job ends with; "": it is completed
}

// scenarios are lives that meet every call of every port between them.
var scenarios = []scenario{
	{name: "plain"},
	// A second attempt goes on after the fifth part.
	{name: "resumed", faults: []faults.Fault{{Port: faults.Storage, Kind: faults.Fails, Op: "part", Call: 6}}},
	// The gate is closed for a job that does not exist. The object is made, and cannot be read back by the attempt that has made
	// it: a second one proves it.
	{name: "reproven", gate: "nobody's", faults: []faults.Fault{
		{Port: faults.Storage, Kind: faults.HalfWrites, Op: "complete", Call: 1},
		{Port: faults.Storage, Kind: faults.Fails, Op: "head", Call: 1}, {Port: faults.Storage, Kind: faults.Fails, Op: "head", Call: 2},
		{Port: faults.Storage, Kind: faults.Fails, Op: "head", Call: 3},
	}},
	// What is stored turns out to be another file: the second attempt begins anew.
	{name: "restarted", faults: []faults.Fault{
		{Port: faults.Storage, Kind: faults.Fails, Op: "part", Call: 6}, {Port: faults.Storage, Kind: faults.Garbage, Op: "parts", Call: 1},
	}},
	// A user is there twice: the job fails, with parts in the storage.
	{name: "refused", docs: func(docs []bson.Raw) []bson.Raw { return slices.Insert(docs, 40, docs[39]) }, fails: export.CodeOrder},
}

// testCase is one fault in one scenario.
type testCase struct {
	scenario scenario
	fault    faults.Fault
}

func (c testCase) String() string {
	return fmt.Sprintf("%s/%s/%s/%d", c.scenario.name, c.fault.Port, strings.ReplaceAll(string(c.fault.Kind), " ", "-"), c.fault.Call)
}

// outcome is what became of a case.
type outcome struct {
	plan   *faults.Plan
	job    *export.Job
	sha256 string
	met    string // the operation to which the fault happened; "": it did not
}

// run takes a job through its whole life, and checks that it ends as it must.
func (l *lane) run(t *testing.T, c testCase, want string) (got outcome) {
	t.Helper()
	said := &log{}
	defer func() {
		if t.Failed() {
			t.Logf("%s: met %q. What the service said:\n%s", c, got.met, said)
		}
	}()
	docs := runtest.MakeUsers(t, people)
	if c.scenario.docs != nil {
		docs = c.scenario.docs(docs)
	}
	plan := faults.New(times().StoreTimeout/5, append(slices.Clone(c.scenario.faults), c.fault)...)
	tenant, stored, pace, now := runtest.NewTenant(docs), runtest.NewStorage(), newPace(), &clock{}
	storage, bus := plan.Storage(paced{stored, pace}), redis.NewBus(l.redis)
	changed := make(chan struct{}, 1)
	process, stop := l.begin(jobs.New(jobs.Parts{
		Store: plan.Store(marked{l.store, pace, changed}), Gate: plan.Gate(redis.NewLock(l.redis)), Queue: plan.Queue(redis.NewQueue(l.redis)),
		Bus: plan.Bus(bus), Feed: bus, Storage: storage, Logger: said.logger(), Now: now.now,
		Executor: &run.Runner{Directory: plan.Directory(tenant), Users: plan.Users(tenant), Storage: storage, Settings: small(), Logger: said.logger()},
	}, times()))
	defer stop()

	got.plan = plan
	id := l.admit(t, process.service, c.scenario.gate)
	await(t, changed, c.String()+" ends", func() bool {
		got.job = l.job(t, id)
		return got.job.Status.Final()
	})
	process.handler.Wait() // of every attempt: none may hang, even where another one has finished the job
	pace.end()
	plan.Settle()
	now.advance(times().StaleAfter * 60)
	await(t, changed, c.String()+" is cleaned up after", func() bool {
		got.job = l.job(t, id)
		return !got.job.Dirty
	})
	eventually(t, c.String()+" is told", func() bool { return l.told(got.job) })
	stop()
	got.met = plan.Met(c.fault)
	l.noticed(t, c, id)
	got.sha256 = c.check(t, got.job, stored, want)
	l.nothingLeft(t, c, got.job)
	if n := tenant.OpenCursors(); n > 0 {
		t.Errorf("%s: %d cursors are open", c, n)
	}
	eventually(t, fmt.Sprintf("%s: its goroutines end; these run:\n%s", c, process.goroutines(t)), func() bool { return process.goroutines(t) == "" })
	l.forget(t, id)
	return got
}

// forget removes a job that is over: the embedded engine passes over all of them to find one.
func (l *lane) forget(t *testing.T, id string) {
	t.Helper()
	if _, err := l.db.Control().Collection("jobs").DeleteOne(l.ctx, bson.D{{Key: "_id", Value: id}}); err != nil {
		t.Error(err)
	}
}

// admit asks for an export, again and again where it must, as a client does, and returns the job that came of it. Before, the
// gate may be closed for another.
func (l *lane) admit(t *testing.T, s *jobs.Service, gate string) (id string) {
	t.Helper()
	made := jobstest.NewJob("daily", "admin:"+jobstest.ID())
	if gate != "" {
		if err := redis.NewLock(l.redis).Set(l.ctx, jobs.SlotOf(made), gate); err != nil {
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
		if export.CodeOf(err) != export.CodeUnavailable {
			t.Fatalf("refused with %v", err)
		}
	}
	t.Fatal("not admitted")
	return ""
}

func (l *lane) job(t *testing.T, id string) *export.Job {
	t.Helper()
	job, err := l.store.Job(l.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// check says what is wrong with how a job has ended, and returns the hash of its file.
func (c testCase) check(t *testing.T, job *export.Job, stored *runtest.Storage, want string) string {
	t.Helper()
	if job.Outcome == export.Failed && (c.scenario.fails != "" || c.fault.Kind.Lasting()) {
		if job.Failure == nil || job.Failure.Code == "" || job.Failure.Message == "" {
			t.Errorf("%s: failed without a reason", c)
		} else if code := c.scenario.fails; code != "" && job.Failure.Code != code && !c.fault.Kind.Lasting() {
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
	if got != f.SHA256 || want != "" && got != want || f.Users != people || f.Rows != people/4*7 {
		t.Errorf("%s: completed with another file: %s, %+v", c, got, f)
	}
	if left := stored.Left(); !slices.Equal(left, []string{f.Key, run.ManifestKey(f.Key)}) {
		t.Errorf("%s: completed, and left %q", c, left)
	}
	return got
}

// nothingLeft says what of a final job still stands in anybody's way.
func (l *lane) nothingLeft(t *testing.T, c testCase, job *export.Job) {
	t.Helper()
	if _, err := l.store.Holder(l.ctx, jobs.SlotOf(job)); !errors.Is(err, jobs.ErrNoJob) {
		t.Errorf("%s: the slot is held: %v", c, err)
	}
	lock := redis.NewLock(l.redis)
	if holder, err := lock.Take(l.ctx, jobs.SlotOf(job), "next"); holder != "next" || err != nil {
		t.Errorf("%s: the gate is closed for %q, %v", c, holder, err)
	}
	for n := range job.Attempt + 3 {
		if _, claimed, err := l.store.Claimed(l.ctx, job.ID, n); claimed || err != nil {
			t.Errorf("%s: attempt %d is claimed, %v", c, n, err)
		}
	}
}

// told reports whether subscribers know how a job has ended: what has the highest version is what they believe.
func (l *lane) told(job *export.Job) bool {
	var newest news
	for _, n := range l.news(job.ID) {
		if n.version > newest.version {
			newest = n
		}
	}
	return newest.status == job.Outcome
}

// noticed says what was published of a job that should not have been. An attempt that does not know yet that it lost its job
// may be heard after a newer one: its versions are lower, and nobody believes it. But each attempt tells its own in order, and
// what it has made never shrinks; and nothing is newer than the end.
func (l *lane) noticed(t *testing.T, c testCase, id string) {
	t.Helper()
	attempts := map[int64]news{}
	var end news
	for _, n := range l.news(id) {
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
