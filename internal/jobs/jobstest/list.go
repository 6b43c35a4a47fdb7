package jobstest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

func lists(t *testing.T, ctx context.Context, s jobs.Store) {
	var made []*export.Job
	for i := range 4 {
		job := NewJob("daily", fmt.Sprintf("admin:%d", i%2))
		job.CreatedAt = epoch.Add(time.Duration(i) * time.Hour)
		insert(t, ctx, s, job)
		if i < 2 {
			job = change(t, ctx, s, job, finish(export.Completed))
		}
		made = append(made, job)
	}
	stream := NewJob("weekly", "admin:0")
	stream.Mode = export.Sync
	insert(t, ctx, s, stream)

	list := func(q jobs.Query, want ...*export.Job) {
		t.Helper()
		got, err := s.List(ctx, q)
		if err != nil || !reflect.DeepEqual(ids(got), ids(want)) {
			t.Errorf("%+v: got %v, want %v, %v", q, ids(got), ids(want), err)
		}
	}
	list(jobs.Query{Tenant: "daily", Limit: 9}, made[3], made[2], made[1], made[0])
	list(jobs.Query{Tenant: "daily", Limit: 2, Before: made[3].ID}, made[2], made[1])
	list(jobs.Query{Tenant: "daily", Limit: 9, RequesterID: "admin:0"}, made[2], made[0])
	list(jobs.Query{Tenant: "daily", Limit: 9, Since: epoch.Add(time.Hour)}, made[3], made[2], made[1])
	list(jobs.Query{Tenant: "daily", Limit: 9, Since: epoch.Add(9 * time.Hour)}, made[3], made[2]) // the live ones
	list(jobs.Query{Tenant: "none", Limit: 9})

	live := func(after string, limit int, want ...*export.Job) {
		t.Helper()
		got, err := s.Live(ctx, after, limit)
		if err != nil || !reflect.DeepEqual(ids(got), ids(want)) {
			t.Errorf("live after %q: got %v, want %v, %v", after, ids(got), ids(want), err)
		}
	}
	live("", 9, made[2], made[3], stream)
	live(made[2].ID, 1, made[3])
}

func filtersLists(t *testing.T, ctx context.Context, s jobs.Store) {
	put := func(at time.Duration, requester, email, words string, status export.Status, files ...string) *export.Job {
		job := NewJob("daily", requester)
		job.CreatedAt = epoch.Add(at)
		job.ID = ulid.MustNew(ulid.Timestamp(job.CreatedAt), ulid.DefaultEntropy()).String()
		job.Requester.Email, job.Words = email, words
		insert(t, ctx, s, job)
		return change(t, ctx, s, job, func(j *export.Job) {
			if status.Final() {
				finish(status)(j)
			}
			for _, name := range files {
				j.Files = append(j.Files, export.File{Kind: export.UsersFile, Name: name})
			}
			if status == export.Expired {
				j.Outcome = export.Completed
			}
		})
	}
	const ada, bea = "ada@example.com", "bea@example.com"
	a := put(0, "admin:1", ada, "Country is GB", export.Completed, "users_daily_20261123T083128Z.csv")
	b := put(time.Hour, "admin:2", bea, "Straße is “a.*b”", export.Failed)
	c := put(2*time.Hour, "key:1", ada, "CITY is Zürich", export.Cancelled)
	d := put(3*time.Hour, "admin:3", bea, "Country is gb", export.Expired, "users_daily_20261123T113128Z.csv")
	e := put(4*time.Hour, "admin:4", ada, "Everyone", export.Queued)
	put(0, "admin:5", ada, "Everyone", export.CompletedWithErrors)
	other := NewJob("weekly", "admin:1")
	other.Words = "Country is GB"
	insert(t, ctx, s, other)

	id := func(at time.Duration) string {
		var id ulid.ULID
		if err := id.SetTime(ulid.Timestamp(epoch.Add(at))); err != nil {
			t.Fatal(err)
		}
		return id.String()
	}
	for name, test := range map[string]struct {
		query jobs.Query
		want  []*export.Job
	}{
		"one status":            {jobs.Query{Statuses: []export.Status{export.Cancelled}}, []*export.Job{c}},
		"two statuses":          {jobs.Query{Statuses: []export.Status{export.Failed, export.Expired}}, []*export.Job{d, b}},
		"a status of no job":    {jobs.Query{Statuses: []export.Status{export.Preparing}}, nil},
		"a requester's address": {jobs.Query{Email: bea}, []*export.Job{d, b}},
		"words in any case":     {jobs.Query{Search: "country is gb"}, []*export.Job{d, a}},
		"words with accents":    {jobs.Query{Search: "zürich"}, []*export.Job{c}},
		"no pattern":            {jobs.Query{Search: "a.*b"}, []*export.Job{b}},
		"no wildcard":           {jobs.Query{Search: "%"}, nil},
		"a file name":           {jobs.Query{Search: "20261123t11"}, []*export.Job{d}},
		"an id":                 {jobs.Query{Search: strings.ToLower(b.ID)}, []*export.Job{b}},
		"a period":              {jobs.Query{From: id(time.Hour), Before: id(3 * time.Hour)}, []*export.Job{c, b}},
		"all of them": {
			jobs.Query{Statuses: []export.Status{export.Completed, export.Expired}, Email: ada, Search: "gb", From: id(0), Before: id(time.Hour)},
			[]*export.Job{a},
		},
		"a status and recent or live": {
			jobs.Query{Statuses: []export.Status{export.Failed, export.Queued}, Since: epoch.Add(2 * time.Hour)}, []*export.Job{e},
		},
	} {
		test.query.Tenant, test.query.Limit = "daily", 9
		got, err := s.List(ctx, test.query)
		if err != nil || !reflect.DeepEqual(ids(got), ids(test.want)) {
			t.Errorf("%s: got %v, want %v, %v", name, ids(got), ids(test.want), err)
		}
	}
	got, err := s.List(ctx, jobs.Query{Tenant: "daily", Limit: 1, Search: "country", Before: d.ID})
	if err != nil || !reflect.DeepEqual(ids(got), ids([]*export.Job{a})) {
		t.Errorf("the second page: %v, %v", ids(got), err)
	}
}

func findsJanitorJobs(t *testing.T, ctx context.Context, s jobs.Store) {
	end := epoch.Add(time.Minute) // as finish has it
	put := func(requester string, status export.Status, dirty bool, expires time.Time) *export.Job {
		job := NewJob("daily", requester)
		insert(t, ctx, s, job)
		return change(t, ctx, s, job, func(j *export.Job) {
			if j.Dirty = dirty; status.Final() {
				finish(status)(j)
			}
			if !expires.IsZero() {
				j.ExpiresAt = &expires
			}
		})
	}
	good := put("admin:1", export.Completed, true, epoch.Add(time.Hour))
	put("admin:2", export.Cancelled, false, time.Time{})
	failed := put("admin:3", export.Failed, true, time.Time{})
	put("admin:4", export.Preparing, true, time.Time{})
	partial := put("admin:5", export.CompletedWithErrors, false, epoch.Add(2*time.Hour))
	put("admin:6", export.Expired, false, epoch.Add(time.Hour))

	check := func(name string, got []*export.Job, err error, want ...*export.Job) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(ids(got), ids(want)) {
			t.Errorf("%s: got %v, want %v, %v", name, ids(got), ids(want), err)
		}
	}
	got, err := s.Dirty(ctx, end.Add(time.Millisecond), 9)
	check("dirty", got, err, good, failed)
	got, err = s.Dirty(ctx, end, 9)
	check("dirty, but ended just now", got, err)
	got, err = s.Outdated(ctx, epoch.Add(time.Hour), 9)
	check("outdated", got, err, good)
	got, err = s.Outdated(ctx, epoch.Add(3*time.Hour), 9)
	check("outdated later", got, err, good, partial)
	got, err = s.Outdated(ctx, epoch.Add(3*time.Hour), 1)
	check("outdated, one at a time", got, err, good)
}
