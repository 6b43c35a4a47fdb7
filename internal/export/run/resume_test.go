package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/export"
)

// attempts runs a job attempt after attempt, as its service does, until one ends well.
type attempts struct {
	w   *world
	job *export.Job
	obs *watcher // of the attempt before
}

func newAttempts(w *world, c export.Compression) *attempts {
	job := testJob()
	job.Definition.File.Compression = c
	return &attempts{w: w, job: job}
}

// next runs the next attempt. What the one before has told is kept as a service keeps it.
func (a *attempts) next(ctx context.Context, s Settings) (Result, error) {
	if a.obs != nil {
		a.job.Attempt++
		a.job.Columns, a.job.Checkpoint = a.obs.columns, a.obs.at
		if n := len(a.obs.all); n > 0 {
			a.job.Progress = a.obs.all[n-1]
		}
	}
	a.obs = &watcher{columns: a.job.Columns, at: a.job.Checkpoint}
	return a.w.runner(s).Run(ctx, a.job, a.obs)
}

// undisturbed is the file that a run makes if nothing happens, and how many calls it makes.
func undisturbed(t *testing.T, w *world, s Settings, c export.Compression) (file []byte, calls int) {
	t.Helper()
	got, err := newAttempts(w, c).next(testContext(t), s)
	if err != nil {
		t.Fatal(err)
	}
	return w.objects[got.Files[0].Key], len(w.calls)
}

func readers(n int) Settings {
	s := small()
	s.Readers, s.SegmentUsers, s.Packers = n, 9, 2
	return s
}

// Whatever call goes wrong, in whatever way, the next attempt makes the file that an undisturbed run makes.
func TestNextAttemptMakesTheSameFile(t *testing.T) {
	t.Parallel()
	const people = 40
	docs := makeUsers(t, people)
	for c, several := range map[export.Compression][]int{
		export.CompressionNone: {1, 3}, export.CompressionGzip: {3}, export.CompressionZstd: {1},
	} {
		for _, n := range several {
			t.Run(fmt.Sprint(c, " with readers: ", n), func(t *testing.T) {
				t.Parallel()
				want, calls := undisturbed(t, newWorld(docs), readers(n), c)
				resumed := 0
				for at := 1; at <= calls; at++ {
					for name, fault := range faults {
						w := newWorld(docs)
						ctx, cancel := context.WithCancel(testContext(t))
						w.before = func(ctx context.Context, call int, op string) error {
							if call == at {
								return fault(ctx, cancel)
							}
							return nil
						}
						a := newAttempts(w, c)
						got, err := a.next(ctx, readers(n))
						w.before = nil
						if err != nil {
							got, err = a.next(testContext(t), readers(n))
							if slices.ContainsFunc(a.obs.events, func(e string) bool { return strings.HasPrefix(e, "resumed: Went on") }) {
								resumed++
							}
						}
						cancel()
						if err != nil {
							t.Fatalf("call %d %s: %v", at, name, err)
						}
						if !bytes.Equal(w.objects[got.Files[0].Key], want) {
							t.Errorf("call %d %s: another file", at, name)
						}
						if got.Files[0].Users != people || got.Files[0].Rows != people/4*7 || len(got.Warnings) > 0 || got.Files[0].Matched != people {
							t.Errorf("call %d %s: %+v, warnings %v", at, name, got.Files[0], got.Warnings)
						}
						w.clean(t)
					}
				}
				if resumed == 0 {
					t.Error("no attempt went on where another had stopped")
				}
			})
		}
	}
}

// faults are what may happen in a call.
var faults = map[string]func(ctx context.Context, cancel func()) error{
	"fails":                func(context.Context, func()) error { return errors.New("broken") },
	"is done but says no":  func(context.Context, func()) error { return errLate },
	"hangs until the stop": func(ctx context.Context, cancel func()) error { cancel(); <-ctx.Done(); return ctx.Err() },
}

// What is stored may have been damaged, or be another attempt's: then nothing of it is used.
func TestWhatIsStoredIsNotBelieved(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, 100)
	want, _ := undisturbed(t, newWorld(docs), small(), export.CompressionNone)
	for name, damage := range map[string]func(u *memoryUpload, at *export.Checkpoint){
		"a part is another one":     func(u *memoryUpload, _ *export.Checkpoint) { u.parts[1] = append([]byte("x"), u.parts[1][1:]...) },
		"a part is missing":         func(u *memoryUpload, _ *export.Checkpoint) { delete(u.parts, 2) },
		"the last part is missing":  func(u *memoryUpload, at *export.Checkpoint) { deleteFrom(u.parts, at.Parts) },
		"the upload is gone":        func(u *memoryUpload, _ *export.Checkpoint) { delete(u.w.uploads, u) },
		"the state is not readable": func(_ *memoryUpload, at *export.Checkpoint) { at.Hash = []byte("of another version") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(docs)
			parts := 0
			w.before = func(_ context.Context, _ int, op string) error {
				if op != "part" {
					return nil
				}
				if parts++; parts == 5 {
					return errors.New("broken")
				}
				return nil
			}
			a := newAttempts(w, export.CompressionNone)
			inOrder := small()
			inOrder.Uploads = 1 // so that the checkpoint has every part before the fifth
			if _, err := a.next(testContext(t), inOrder); err == nil || a.obs.at.Parts != 4 {
				t.Fatalf("error %v at %+v", err, a.obs.at)
			}
			w.before = nil
			for u := range w.uploads {
				damage(u, a.obs.at)
			}
			got, err := a.next(testContext(t), small())
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(w.objects[got.Files[0].Key], want) {
				t.Error("another file")
			}
			if !slices.ContainsFunc(a.obs.events, func(e string) bool { return strings.HasPrefix(e, "restarted: ") }) {
				t.Errorf("events %q", a.obs.events)
			}
		})
	}
}

func deleteFrom(parts map[int][]byte, n int) {
	for k := range parts {
		if k >= n {
			delete(parts, k)
		}
	}
}

// An attempt that hangs may store a part over a newer one's while that completes. The storage refuses, or the proof does;
// the attempt after that begins anew.
func TestPartOfAHungAttempt(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, 100)
	want, _ := undisturbed(t, newWorld(docs), small(), export.CompressionNone)
	w := newWorld(docs)
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "complete" {
			w.mu.Lock()
			defer w.mu.Unlock()
			for u := range w.uploads {
				u.parts[3] = []byte("of the attempt that hung")
			}
		}
		return nil
	}
	a := newAttempts(w, export.CompressionNone)
	if _, err := a.next(testContext(t), small()); export.CodeOf(err) != export.CodeStorage {
		t.Fatalf("error %v", err)
	}
	w.before = nil
	got, err := a.next(testContext(t), small())
	if err != nil || !bytes.Equal(w.objects[got.Files[0].Key], want) {
		t.Errorf("%v, the file has %d bytes instead of %d", err, len(w.objects[got.Files[0].Key]), len(want))
	}
}

// Bytes that were told never fall, also where an attempt begins behind them.
func TestBytesDoNotFallBetweenAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(makeUsers(t, 200))
	a := newAttempts(w, export.CompressionNone)
	var last export.Progress
	for part := 3; part > 0; part-- {
		stored := 0
		w.before = func(_ context.Context, _ int, op string) error {
			if op != "part" {
				return nil
			}
			if stored++; stored > part {
				return errors.New("broken")
			}
			return nil
		}
		if _, err := a.next(testContext(t), small()); err == nil {
			t.Fatal("no error")
		}
		last = notFalling(t, last, a.obs.all)
	}
	w.before = nil
	if _, err := a.next(testContext(t), small()); err != nil {
		t.Fatal(err)
	}
	if last = notFalling(t, last, a.obs.all); !last.Users.BytesTotalExact {
		t.Errorf("the end is not exact: %+v", last)
	}
}

// A file that an attempt has gone on with, and that turns out to be another one, is made anew by the same attempt: its counts
// begin anew, too, and end exact.
func TestProgressOfAFileThatIsMadeAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(makeUsers(t, 200))
	a := newAttempts(w, export.CompressionNone)
	stored := 0
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "part" {
			if stored++; stored == 6 {
				return errors.New("broken")
			}
		}
		return nil
	}
	if _, err := a.next(testContext(t), small()); err == nil {
		t.Fatal("no error")
	}
	w.before = nil
	w.stored = func(object []byte) []byte {
		w.stored = nil
		return append([]byte("x"), object[1:]...)
	}
	last := a.obs.all[len(a.obs.all)-1]
	got, err := a.next(testContext(t), small())
	if err != nil {
		t.Fatal(err)
	}
	notFalling(t, last, a.obs.all)
	f, u := got.Files[0], got.Progress.Users
	if u != (export.FileProgress{Bytes: f.Bytes, BytesTotal: f.Bytes, BytesTotalExact: true, Rows: f.Rows, RowsTotal: f.Rows, Users: f.Users, UsersTotal: f.Users}) {
		t.Errorf("%+v of a file of %+v", u, f)
	}
}

// Samples of throughput go on where an attempt has stopped, also before the next one has read anything.
func TestThroughputGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(makeUsers(t, 300))
	w.before = func(_ context.Context, _ int, op string) error {
		if strings.HasPrefix(op, "complete") {
			return errors.New("not now")
		}
		return nil
	}
	a := newAttempts(w, export.CompressionNone)
	if _, err := a.next(testContext(t), small()); err == nil {
		t.Fatal("the first attempt ended well")
	}
	first := a.obs.all[len(a.obs.all)-1].Throughput
	w.before = nil
	a.obs.at = nil // so that the next one begins anew
	if _, err := a.next(testContext(t), small()); err != nil {
		t.Fatal(err)
	}
	for _, p := range a.obs.all {
		if p.Throughput == nil || p.Throughput.From != first.From {
			t.Fatalf("told %+v after %+v", p.Throughput, first)
		}
	}
	if last := a.obs.all[len(a.obs.all)-1].Throughput; sumOfRows(last) != 2*sumOfRows(first) {
		t.Errorf("%d rows after %d: rows that are read again count again", sumOfRows(last), sumOfRows(first))
	}
}

func notFalling(t *testing.T, last export.Progress, all []export.Progress) export.Progress {
	t.Helper()
	for _, p := range all {
		if p.Users.Bytes < last.Users.Bytes || p.Percent < last.Percent || p.Users.Bytes > p.Users.BytesTotal {
			t.Errorf("fell from %+v to %+v", last, p)
		}
		last = p
	}
	return last
}
