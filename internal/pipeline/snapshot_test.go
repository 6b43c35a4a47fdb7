package pipeline

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

// withSnapshots returns a runner on snapshots of w.
func withSnapshots(w *testEnv, s Settings) (*Runner, *memorySnapshots) {
	snapshots := &memorySnapshots{w: w}
	r := w.runner(s)
	if w.events != nil {
		r.o.Events = memoryUsers{w.events}
	}
	r.o.Snapshots = snapshots
	return r, snapshots
}

func (s *memorySnapshots) checkClosed(t *testing.T, taken int) {
	t.Helper()
	if s.open != 0 || len(s.readers) != taken {
		t.Errorf("%d snapshots are open, %d were taken", s.open, len(s.readers))
	}
}

// All users and state events change after the first document was read: the files show none of it.
func TestRunReadsOneSnapshot(t *testing.T) {
	t.Parallel()
	build := func() *testEnv {
		w := withEvents(t, 101, 4)
		w.selection = filter.Selection{Store: "s1"} // so that the run looks up the events' users
		return w
	}
	reference := build()
	want, err := reference.runnerWithEvents(readers(3)).Run(testContext(t), twoFileJob(), &recorder{})
	if err != nil {
		t.Fatal(err)
	}
	w := build()
	r, snapshots := withSnapshots(w, readers(3))
	var change sync.Once
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "next of snapshot" {
			change.Do(func() { snapshots.replaceUsers(t) })
		}
		return nil
	}
	obs := &recorder{}
	got, err := r.Run(testContext(t), twoFileJob(), obs)
	if err != nil {
		t.Fatal(err)
	}
	snapshots.checkClosed(t, 1)
	if snapshots.readers[0] != 3 {
		t.Errorf("a snapshot for %d readers", snapshots.readers[0])
	}
	for i, f := range got.Files {
		if !bytes.Equal(w.objects[f.Key], reference.objects[want.Files[i].Key]) {
			t.Errorf("the %s file shows changes during the run", f.Kind)
		}
		if !reflect.DeepEqual(f.ReadAsOf, momentsOf(0, 0)) {
			t.Errorf("%s: read as of %v", f.Kind, f.ReadAsOf)
		}
		if m := string(w.objects[ManifestKey(f.Key)]); !strings.Contains(m, "\"readAsOf\": [\n    \"2026-11-29T10:00:00.123Z\"\n  ],") {
			t.Errorf("the manifest:\n%s", m)
		}
	}
	if !reflect.DeepEqual(obs.finished[0].ReadAsOf, momentsOf(0, 0)) || len(got.Warnings) > 0 {
		t.Errorf("%+v, %+v", obs.finished, got.Warnings)
	}
	for key, object := range reference.objects {
		if strings.HasSuffix(key, ".manifest.json") && bytes.Contains(object, []byte("readAsOf")) {
			t.Errorf("without snapshots, a manifest has a moment:\n%s", object)
		}
	}
}

// The snapshot moves on while three readers read users.
func TestSnapshotMovesOn(t *testing.T) {
	t.Parallel()
	w := withEvents(t, 101, 1)
	r, snapshots := withSnapshots(w, readers(3))
	var snapshot *memorySnapshot
	r.o.Snapshots = snapshotsFunc(func(ctx context.Context, tenant string, readers int) (Snapshot, error) {
		s, err := snapshots.Snapshot(ctx, tenant, readers)
		snapshot = s.(*memorySnapshot)
		return s, err
	})
	var mu sync.Mutex
	calls := 0
	w.before = func(_ context.Context, _ int, op string) error {
		mu.Lock()
		defer mu.Unlock()
		if op != "next of snapshot" {
			return nil
		}
		if calls++; calls == 60 {
			snapshots.replaceUsers(t)
			snapshots.mu.Lock()
			defer snapshots.mu.Unlock()
			snapshot.take()
		}
		return nil
	}
	obs := &recorder{}
	got, err := r.Run(testContext(t), twoFileJob(), obs)
	if err != nil {
		t.Fatal(err)
	}
	snapshots.checkClosed(t, 1)
	if !reflect.DeepEqual(got.Files[0].ReadAsOf, momentsOf(0, 1)) || !reflect.DeepEqual(got.Files[1].ReadAsOf, momentsOf(1, 1)) {
		t.Errorf("read as of %v, then %v", got.Files[0].ReadAsOf, got.Files[1].ReadAsOf)
	}
	if got.Files[1].Rows != 1 {
		t.Errorf("%d state events of the first moment", got.Files[1].Rows)
	}
	ids := idsOfRows(w.objects[got.Files[0].Key])
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) < 101 {
		t.Errorf("the ids: %v", ids)
	}
	if ids[1] != "user-000001" || ids[len(ids)-1] != "user-000100" || !slices.Contains(ids, "user-000099-new") {
		t.Errorf("the file does not begin as of the first moment and end as of the second: %v", ids)
	}
	reported := 0
	for _, e := range obs.events {
		if e == "resumed: The snapshot became too old. Reading resumed after the last user, as of 2026-11-29T10:01:00Z." {
			reported++
		} else if strings.HasPrefix(e, "resumed: ") {
			t.Error(e)
		}
	}
	if reported != 1 {
		t.Errorf("the history says %d times that the snapshot moved on", reported)
	}
}

// idsOfRows returns the id of each user in a users file.
func idsOfRows(file []byte) []string {
	var ids []string
	for line := range strings.SplitSeq(string(file), "\r\n") {
		if id, _, _ := strings.Cut(line, ","); strings.HasPrefix(id, "user-") && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// A second attempt reads another snapshot. The file states both moments if it keeps parts of the
// first, and only the second if it is written again.
func TestResumedFileStatesAllMoments(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lose bool // the stored parts
		want []time.Time
	}{
		"resumed":   {want: momentsOf(0, 1)},
		"restarted": {lose: true, want: momentsOf(1, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTestEnv(makeUsers(t, 60))
			s := readers(2)
			s.Uploads = 1
			r, snapshots := withSnapshots(w, s)
			job, obs := testJob(), &recorder{}
			parts := 0
			w.before = func(_ context.Context, _ int, op string) error {
				if op == "part" {
					if parts++; parts == 4 {
						return errors.New("the storage fails")
					}
				}
				return nil
			}
			if _, err := r.Run(testContext(t), job, obs); err == nil {
				t.Fatal("the first attempt succeeded")
			}
			if obs.checkpoint == nil || obs.checkpoint.File != nil || !reflect.DeepEqual(obs.checkpoint.ReadAsOf, momentsOf(0, 0)) {
				t.Fatalf("the checkpoint: %+v", obs.checkpoint)
			}
			if test.lose {
				clear(w.uploads)
			}
			w.before = nil
			job.Attempt, job.Resumes, job.Columns, job.Checkpoint = 4, 1, obs.columns, obs.checkpoint
			obs = &recorder{}
			got, err := r.Run(testContext(t), job, obs)
			if err != nil {
				t.Fatal(err)
			}
			snapshots.checkClosed(t, 2)
			if !reflect.DeepEqual(got.Files[0].ReadAsOf, test.want) || !reflect.DeepEqual(obs.checkpoint.ReadAsOf, test.want) {
				t.Errorf("file %v, checkpoint %v, want %v", got.Files[0].ReadAsOf, obs.checkpoint.ReadAsOf, test.want)
			}
		})
	}
}

func TestStreamReadsSnapshot(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 20))
	r, snapshots := withSnapshots(w, smallSettings())
	var taken collector
	got, err := r.Stream(testContext(t), testJob(), export.UsersFile, &recorder{}, &taken)
	if err != nil {
		t.Fatal(err)
	}
	snapshots.checkClosed(t, 1)
	if !reflect.DeepEqual(got.File.ReadAsOf, momentsOf(0, 0)) {
		t.Errorf("read as of %v", got.File.ReadAsOf)
	}
}

func TestSnapshotFails(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 20))
	r, snapshots := withSnapshots(w, smallSettings())
	snapshots.err = errors.New("no such file")
	if _, err := r.Run(testContext(t), testJob(), &recorder{}); errs.CodeOf(err) != errs.CodeDatabaseUnavailable {
		t.Errorf("%v", err)
	}
	if _, err := r.Stream(testContext(t), testJob(), export.UsersFile, &recorder{}, &collector{}); errs.CodeOf(err) != errs.CodeDatabaseUnavailable {
		t.Errorf("%v", err)
	}
	if len(w.calls) > 0 {
		t.Errorf("calls: %v", w.calls)
	}
}
