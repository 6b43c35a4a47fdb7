package sqlite

import (
	"bytes"
	"cmp"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
	"github.com/egress-io/egress/internal/stored"
)

func TestJobs(t *testing.T) {
	t.Parallel()
	jobstest.TestStore(t, func(t *testing.T) jobs.Store { return NewJobs(open(t, t.TempDir())) })
}

// TestDamagedJobs damages two of three jobs, and wants the lists to omit and to log them.
func TestDamagedJobs(t *testing.T) {
	t.Parallel()
	db, ctx := open(t, t.TempDir()), t.Context()
	var log bytes.Buffer
	db.logger = slog.New(slog.NewTextHandler(&log, nil))
	s := NewJobs(db)
	due := time.Date(2026, 11, 23, 8, 31, 28, 0, time.UTC)
	var ids []string
	for _, requester := range []string{"admin:json", "admin:bson", "admin:intact"} {
		job := jobstest.NewJob("daily", requester)
		job.Dirty, job.CompletedAt, job.ExpiresAt, job.Mail = true, &due, &due, &export.Mail{State: export.MailDue, Next: due}
		if err := s.Insert(ctx, job); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, job.ID)
	}
	asJSON, asBSON, intact := ids[0], ids[1], ids[2]
	err := db.control.write(ctx, func(c *conn) error {
		_, err := jobTable.update(c, asJSON, func(d *stored.Job) bool {
			d.Definition = "{"
			return true
		})
		return errors.Join(err, c.exec("UPDATE jobs SET doc = x'05' WHERE id = ?", asBSON),
			c.exec("UPDATE jobs SET status = ?", string(export.Completed)))
	})
	if err != nil {
		t.Fatal(err)
	}

	later := due.Add(time.Hour)
	for name, list := range map[string]func() ([]*export.Job, error){
		"List":     func() ([]*export.Job, error) { return s.List(ctx, jobs.Query{Tenant: "daily", Limit: 9}) },
		"Live":     func() ([]*export.Job, error) { return s.Live(ctx, "", 9) },
		"Dirty":    func() ([]*export.Job, error) { return s.Dirty(ctx, later, 9) },
		"Outdated": func() ([]*export.Job, error) { return s.Outdated(ctx, later, 9) },
		"Mailable": func() ([]*export.Job, error) { return s.Mailable(ctx, later, 9) },
	} {
		log.Reset()
		got, err := list()
		if err != nil || len(got) != 1 || got[0].ID != intact {
			t.Errorf("%s returns %v, %v", name, got, err)
		}
		if !strings.Contains(log.String(), asJSON) || !strings.Contains(log.String(), asBSON) {
			t.Errorf("%s does not log both jobs: %s", name, log.String())
		}
	}
	queue, err := s.QueueEntries(ctx)
	if err != nil || !slices.Equal(entryIDs(queue), []string{asJSON, intact}) { // the JSON does not concern the queue
		t.Errorf("the queue is %v, %v", queue, err)
	}
	for _, id := range []string{asJSON, asBSON} {
		if job, err := s.Job(ctx, id); err == nil || errors.Is(err, jobs.ErrNoJob) {
			t.Errorf("a damaged job: %v, %v", job, err)
		}
	}
}

func entryIDs(queue []jobs.Entry) (ids []string) {
	for _, e := range queue {
		ids = append(ids, e.ID)
	}
	return ids
}

// TestJobQueriesUseIndexes wants each list to read its jobs from an index, and not all jobs that were
// ever stored, before and after SQLite knows how many there are.
func TestJobQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	tenants, _ := listedJobs(jobs.Query{Tenant: "daily", Before: "b"})
	requesters, _ := listedJobs(jobs.Query{Tenant: "daily", RequesterID: "r", Before: "b"})
	filtered, _ := listedJobs(jobs.Query{Tenant: "daily", Before: "b", From: "a", Email: "e", Search: "s", Statuses: []export.Status{export.Failed}})
	check := func() {
		t.Helper()
		for clauses, index := range map[string]string{
			liveJobs:     "SEARCH jobs USING INDEX jobs_live (id>?)",
			dirtyJobs:    "SCAN jobs USING INDEX jobs_dirty",
			outdatedJobs: "SEARCH jobs USING INDEX jobs_expires (status=? AND expires<?)",
			mailableJobs: "SCAN jobs USING INDEX jobs_mail",
			queuedJobs:   "SCAN jobs USING INDEX jobs_live",

			recentFigures: "SEARCH jobs USING INDEX jobs_list (tenant=? AND id>?)",
			keptFigures:   "SEARCH jobs USING INDEX jobs_list (tenant=?)",

			tenants:    "SEARCH jobs USING INDEX jobs_list (tenant=? AND id<?)",
			filtered:   "SEARCH jobs USING INDEX jobs_list (tenant=? AND id>? AND id<?)",
			requesters: "SEARCH jobs USING INDEX jobs_requester (tenant=? AND requester_id=? AND id<?)",
		} {
			var plan string
			err := db.control.read(t.Context(), func(c *conn) error {
				return c.query("EXPLAIN QUERY PLAN SELECT id, doc FROM jobs "+clauses, func(r *row) error {
					plan = cmp.Or(plan, r.ColumnText(3))
					return nil
				})
			})
			if err != nil || plan != index {
				t.Errorf("%s: %q, %v, want %q", clauses, plan, err, index)
			}
		}
	}
	check()
	err := db.control.write(t.Context(), func(c *conn) error {
		return errors.Join(c.exec(`INSERT INTO jobs
			(id, tenant, requester_id, mode, status, attempt, sequence, created, dirty, doc)
			WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 500)
			SELECT i, 'tenant' || i % 3, 'admin' || i % 50, 'async', 'completed', 1, 9, i, 0, x'' FROM n`),
			c.exec("UPDATE jobs SET completed = created, expires = created"), c.exec("ANALYZE"))
	})
	if err != nil {
		t.Fatal(err)
	}
	check()
}

// The jobs of a file of a version without search are found by their words, files and requester.
func TestJobListsOfOldFiles(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	old, err := Open(ctx, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	found, damaged := jobstest.NewJob("daily", "admin:1"), jobstest.NewJob("daily", "admin:2")
	found.Words, found.Files = "City is ÅRE", []export.File{{Kind: export.UsersFile, Name: "users_daily_1.csv"}}
	for _, job := range []*export.Job{found, damaged} {
		if err := NewJobs(old).Insert(ctx, job); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "control.db")
	for _, statement := range []string{
		"UPDATE jobs SET doc = x'05' WHERE requester_id = 'admin:2'",
		"DROP INDEX jobs_list", "ALTER TABLE jobs DROP COLUMN email", "ALTER TABLE jobs DROP COLUMN search",
		"DROP TABLE saved_filters", "DROP TABLE preferences",
		"CREATE INDEX jobs_tenant ON jobs (tenant, id DESC)", "PRAGMA user_version = 1",
	} {
		execute(t, path, statement)
	}

	s := NewJobs(open(t, dir))
	for _, q := range []jobs.Query{{Search: "åre"}, {Search: "users_daily_1"}, {Email: found.Requester.Email, Search: "city"}} {
		q.Tenant, q.Limit = "daily", 9
		if got, err := s.List(ctx, q); err != nil || len(got) != 1 || got[0].ID != found.ID {
			t.Errorf("%+v: %v, %v", q, got, err)
		}
	}
}
