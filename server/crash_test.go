package main

import (
	"errors"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/redis/redistest"
	"github.com/egress-io/egress/internal/sqlite"
)

// After a server was killed, the next server completes its job, and the admin may start another.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]func(t *testing.T) []string{
		"embedded Redis": func(*testing.T) []string { return nil },
		"real Redis":     func(t *testing.T) []string { return []string{"EGRESS_REDIS_URL=" + redistest.Server(t).URL()} },
	} {
		t.Run("while a job is queued, "+name, func(t *testing.T) {
			t.Parallel()
			dir, env := seeded(t, hundredsUsers), env(t)
			p := start(t, dir, append(slices.Clone(env), "EGRESS_WORKERS=0"))
			id := p.logIn().export(everything()).JobID
			p.kill()
			checkKilledDatabase(t, dir)

			c := start(t, dir, env).logIn()
			checkRunningDatabase(t, dir)
			first, _ := c.completed(id, 2*time.Minute)
			second, _ := c.completed(c.export(everything()).JobID, 2*time.Minute)
			if first.Files[0].SHA256 != second.Files[0].SHA256 {
				t.Error("the job that was killed made another file than an undisturbed one")
			}
		})
		t.Run("while a job runs, "+name, func(t *testing.T) {
			t.Parallel()
			storage := newHeldStorage(t)
			dir, env := twoParts(t), append(env(t), storage.env...)
			p := start(t, dir, env)
			c := p.logIn()
			storage.holdAt(2)
			id := c.export(everything()).JobID
			storage.runningAtPart2(dir, id)
			if status := c.job(id).Status; status != "downloading" {
				t.Errorf("the job is %s", status)
			}
			p.kill()
			checkKilledDatabase(t, dir)
			storage.restart()
			storage.release()

			c = start(t, dir, env).logIn()
			checkRunningDatabase(t, dir)
			first, _ := c.completed(id, 2*time.Minute)
			second, _ := c.completed(c.export(everything()).JobID, 2*time.Minute)
			if first.Files[0].SHA256 != second.Files[0].SHA256 || first.Attempt < 2 || first.Resumes < 1 {
				t.Errorf("attempt %d, %d resumes, SHA-256 %s; undisturbed %s", first.Attempt, first.Resumes, first.Files[0].SHA256, second.Files[0].SHA256)
			}
			storage.uploadedOnce(id)
		})
	}
}

// After a server with the embedded database was killed, the next one does not wait for the end of the
// killed server's lease: the lock of the data directory proves that it is gone.
func TestKilledServerLosesItsLease(t *testing.T) {
	t.Parallel()
	storage := newHeldStorage(t)
	dir := twoParts(t)
	p := start(t, dir, storage.env)
	storage.holdAt(2)
	id := p.logIn().export(everything()).JobID
	storage.runningAtPart2(dir, id)
	p.kill()
	storage.restart()
	storage.release()
	lease := extendLease(t, dir, id)

	c := start(t, dir, storage.env).logIn()
	first, _ := c.completed(id, 2*time.Minute)
	second, _ := c.completed(c.export(everything()).JobID, 2*time.Minute)
	if first.Files[0].SHA256 != second.Files[0].SHA256 {
		t.Error("the job that was killed made another file than an undisturbed one")
	}
	storage.uploadedOnce(id)
	var attempts []export.Event
	for _, e := range storedJob(t, dir, id).History {
		if e.Kind == "attempt" {
			attempts = append(attempts, e)
		}
	}
	if len(attempts) != 1 || !attempts[0].Time.Before(lease) {
		t.Errorf("the lease ended at %s; attempts: %+v", lease, attempts)
	}
}

// extendLease makes the lease of a running job last another hour, which no test waits for. It
// returns the end of the lease.
func extendLease(t *testing.T, dir, id string) time.Time {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: filepath.Join(dir, "data", "sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	store := sqlite.NewJobs(db)
	job, err := store.Job(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	extended := *job
	extended.Sequence++
	extended.Heartbeat = job.Heartbeat.Add(time.Hour)
	if err := store.Update(t.Context(), &extended, jobs.Exactly(job)); err != nil {
		t.Fatal(err)
	}
	return extended.Heartbeat
}

// A stopped server hands its job back; the next server resumes it immediately.
func TestStoppedServer(t *testing.T) {
	t.Parallel()
	storage := newHeldStorage(t)
	dir := twoParts(t)
	p := start(t, dir, storage.env)
	c := p.logIn()
	storage.holdAt(2)
	id := c.export(everything()).JobID
	storage.runningAtPart2(dir, id)
	p.stop()
	storage.release()

	c = start(t, dir, storage.env).logIn()
	if j, _ := c.completed(id, 2*time.Minute); j.Resumes < 1 {
		t.Errorf("%d resumes", j.Resumes)
	}
	storage.uploadedOnce(id)
}

// A cancel stops the run immediately, frees the requester's slot and leaves nothing in the storage.
func TestCancel(t *testing.T) {
	t.Parallel()
	storage := newHeldStorage(t)
	dir := twoParts(t)
	c := start(t, dir, storage.env).logIn()
	storage.holdAt(2)
	id := c.export(everything()).JobID
	storage.runningAtPart2(dir, id)
	if len(storedFiles(t, storage.dir)) == 0 {
		t.Error("no part is stored before the cancel")
	}
	var cancelled job
	if status := c.call(http.MethodDelete, "/v4/user-export-jobs/"+id, nil, &cancelled); status != http.StatusOK || cancelled.Status != "cancelled" {
		t.Fatalf("cancel answers %d, %s", status, cancelled.Status)
	}
	next := c.export(everything())
	if status := c.call(http.MethodDelete, "/v4/user-export-jobs/"+next.JobID, nil, nil); status != http.StatusOK {
		t.Fatalf("cancel answers %d", status)
	}
	if again := c.job(id); again.Status != "cancelled" || again.Version < cancelled.Version || len(again.Files) != 0 {
		t.Errorf("the cancelled job is now %+v", again)
	}
	until(t, "nothing stored", 30*time.Second, func() bool { return len(storedFiles(t, storage.dir)) == 0 })
}

// storedFiles returns the files of exports in the embedded storage, including parts of unfinished
// uploads.
func storedFiles(t *testing.T, dir string) (files []string) {
	t.Helper()
	root := filepath.Join(dir, "data", "objects", embeddedBucket)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // removed while we look
			return nil
		case err != nil:
			return err
		case entry.Type().IsRegular():
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
