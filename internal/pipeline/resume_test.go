package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// attempts runs the attempts of a job, as the jobs service does.
type attempts struct {
	w   *testEnv
	job *export.Job
	obs *recorder // of the previous attempt
}

func newAttempts(w *testEnv, c export.Compression) *attempts {
	job := testJob()
	job.Definition.File.Compression = c
	return &attempts{w: w, job: job}
}

// next runs the next attempt. It first stores the results of the previous attempt in the job, as
// the service does.
func (a *attempts) next(ctx context.Context, s Settings) (Result, error) {
	if a.obs != nil {
		a.job.Attempt++
		a.job.Columns, a.job.Checkpoint = a.obs.columns, a.obs.checkpoint
		if n := len(a.obs.progressCalls); n > 0 {
			a.job.Progress = a.obs.progressCalls[n-1]
		}
	}
	a.obs = &recorder{columns: a.job.Columns, checkpoint: a.job.Checkpoint}
	return a.w.runner(s).Run(ctx, a.job, a.obs)
}

// referenceRun returns the file of a run without faults, and the number of its calls.
func referenceRun(t *testing.T, w *testEnv, s Settings, c export.Compression) (file []byte, calls int) {
	t.Helper()
	got, err := newAttempts(w, c).next(testContext(t), s)
	if err != nil {
		t.Fatal(err)
	}
	return w.objects[got.Files[0].Key], len(w.calls)
}

func readers(n int) Settings {
	s := smallSettings()
	s.Readers, s.SegmentUsers, s.Packers = n, 9, 2
	return s
}

// For every call and every fault: the next attempt writes the same file as a run without faults.
func TestResumedFileIsIdentical(t *testing.T) {
	t.Parallel()
	const userCount = 40
	docs := makeUsers(t, userCount)
	for c, readerCounts := range map[export.Compression][]int{
		export.CompressionNone: {1, 3}, export.CompressionGzip: {3}, export.CompressionZstd: {1},
	} {
		for _, n := range readerCounts {
			t.Run(fmt.Sprint(c, " with readers: ", n), func(t *testing.T) {
				t.Parallel()
				want, calls := referenceRun(t, newTestEnv(docs), readers(n), c)
				resumed := 0
				for at := 1; at <= calls; at++ {
					for name, fault := range faults {
						w := newTestEnv(docs)
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
							if slices.ContainsFunc(a.obs.events, func(e string) bool { return strings.HasPrefix(e, "resumed: Resumed after") }) {
								resumed++
							}
						}
						cancel()
						if err != nil {
							t.Fatalf("call %d %s: %v", at, name, err)
						}
						if !bytes.Equal(w.objects[got.Files[0].Key], want) {
							t.Errorf("call %d %s: the file differs", at, name)
						}
						if got.Files[0].Users != userCount || got.Files[0].Rows != userCount/4*7 || len(got.Warnings) > 0 || got.Files[0].Matched != userCount {
							t.Errorf("call %d %s: %+v, warnings %v", at, name, got.Files[0], got.Warnings)
						}
						w.checkLeaks(t)
					}
				}
				if resumed == 0 {
					t.Error("no attempt resumed a checkpoint")
				}
			})
		}
	}
}

// faults are the faults that a call may have.
var faults = map[string]func(ctx context.Context, cancel func()) error{
	"fails":                func(context.Context, func()) error { return errors.New("broken") },
	"is done but says no":  func(context.Context, func()) error { return errLate },
	"hangs until the stop": func(ctx context.Context, cancel func()) error { cancel(); <-ctx.Done(); return ctx.Err() },
}

// If the stored parts are damaged, or belong to another attempt, the next attempt uses none of
// them.
func TestResumeRejectsChangedParts(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, 100)
	want, _ := referenceRun(t, newTestEnv(docs), smallSettings(), export.CompressionNone)
	for name, damage := range map[string]func(u *memoryUpload, at *export.Checkpoint){
		"a part is another one":     func(u *memoryUpload, _ *export.Checkpoint) { u.parts[1] = append([]byte("x"), u.parts[1][1:]...) },
		"a part is missing":         func(u *memoryUpload, _ *export.Checkpoint) { delete(u.parts, 2) },
		"the last part is missing":  func(u *memoryUpload, at *export.Checkpoint) { deleteFrom(u.parts, at.Parts) },
		"the upload is gone":        func(u *memoryUpload, _ *export.Checkpoint) { delete(u.w.uploads, u) },
		"the state is not readable": func(_ *memoryUpload, at *export.Checkpoint) { at.Hash = []byte("of another version") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTestEnv(docs)
			var parts atomic.Int64 // parts are uploaded at the same time
			w.before = func(_ context.Context, _ int, op string) error {
				if op != "part" {
					return nil
				}
				if parts.Add(1) == 5 {
					return errors.New("broken")
				}
				return nil
			}
			a := newAttempts(w, export.CompressionNone)
			inOrder := smallSettings()
			inOrder.Uploads = 1 // the checkpoint then has all parts before the fifth
			if _, err := a.next(testContext(t), inOrder); err == nil || a.obs.checkpoint.Parts != 4 {
				t.Fatalf("error %v at %+v", err, a.obs.checkpoint)
			}
			w.before = nil
			for u := range w.uploads {
				damage(u, a.obs.checkpoint)
			}
			got, err := a.next(testContext(t), smallSettings())
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(w.objects[got.Files[0].Key], want) {
				t.Error("the file differs")
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

// A hanging attempt may overwrite a part while a newer one completes. Then Complete or the
// verification fails, and the next attempt restarts the file.
func TestPartOfHangingAttempt(t *testing.T) {
	t.Parallel()
	docs := makeUsers(t, 100)
	want, _ := referenceRun(t, newTestEnv(docs), smallSettings(), export.CompressionNone)
	w := newTestEnv(docs)
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
	if _, err := a.next(testContext(t), smallSettings()); errs.CodeOf(err) != errs.CodeStorageUnavailable {
		t.Fatalf("error %v", err)
	}
	w.before = nil
	got, err := a.next(testContext(t), smallSettings())
	if err != nil || !bytes.Equal(w.objects[got.Files[0].Key], want) {
		t.Errorf("%v, the file has %d bytes instead of %d", err, len(w.objects[got.Files[0].Key]), len(want))
	}
}

// The reported bytes never decrease, even if an attempt starts after fewer bytes.
func TestProgressBytesNeverDecrease(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 200))
	a := newAttempts(w, export.CompressionNone)
	var last export.Progress
	for part := 3; part > 0; part-- {
		var stored atomic.Int64 // parts are uploaded at the same time
		w.before = func(_ context.Context, _ int, op string) error {
			if op == "part" && stored.Add(1) > int64(part) {
				return errors.New("broken")
			}
			return nil
		}
		if _, err := a.next(testContext(t), smallSettings()); err == nil {
			t.Fatal("no error")
		}
		last = checkNeverDecreases(t, last, a.obs.progressCalls)
	}
	w.before = nil
	if _, err := a.next(testContext(t), smallSettings()); err != nil {
		t.Fatal(err)
	}
	if last = checkNeverDecreases(t, last, a.obs.progressCalls); !last.Users.BytesTotalExact {
		t.Errorf("the end is not exact: %+v", last)
	}
}

// If a resumed file turns out to be different, the same attempt restarts it. The counts restart
// too, and are exact at the end.
func TestProgressOfRestartedFile(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 200))
	a := newAttempts(w, export.CompressionNone)
	var stored atomic.Int64 // parts are uploaded at the same time
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "part" {
			if stored.Add(1) == 6 {
				return errors.New("broken")
			}
		}
		return nil
	}
	if _, err := a.next(testContext(t), smallSettings()); err == nil {
		t.Fatal("no error")
	}
	w.before = nil
	w.corrupt = func(object []byte) []byte {
		w.corrupt = nil
		return append([]byte("x"), object[1:]...)
	}
	last := a.obs.progressCalls[len(a.obs.progressCalls)-1]
	got, err := a.next(testContext(t), smallSettings())
	if err != nil {
		t.Fatal(err)
	}
	checkNeverDecreases(t, last, a.obs.progressCalls)
	f, u := got.Files[0], got.Progress.Users
	if u != (export.FileProgress{Bytes: f.Bytes, BytesTotal: f.Bytes, BytesTotalExact: true, Rows: f.Rows, RowsTotal: f.Rows, Users: f.Users, UsersTotal: f.Users}) {
		t.Errorf("%+v of a file of %+v", u, f)
	}
}

// Throughput samples continue after the previous attempt, even before the next one has read
// anything.
func TestThroughputContinuesAcrossAttempts(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 300))
	w.before = func(_ context.Context, _ int, op string) error {
		if strings.HasPrefix(op, "complete") {
			return errors.New("not now")
		}
		return nil
	}
	a := newAttempts(w, export.CompressionNone)
	if _, err := a.next(testContext(t), smallSettings()); err == nil {
		t.Fatal("the first attempt succeeded")
	}
	first := a.obs.progressCalls[len(a.obs.progressCalls)-1].Throughput
	w.before = nil
	a.obs.checkpoint = nil // the next attempt restarts the file
	if _, err := a.next(testContext(t), smallSettings()); err != nil {
		t.Fatal(err)
	}
	for _, p := range a.obs.progressCalls {
		if p.Throughput == nil || p.Throughput.From != first.From {
			t.Fatalf("throughput %+v after %+v", p.Throughput, first)
		}
	}
	if last := a.obs.progressCalls[len(a.obs.progressCalls)-1].Throughput; sumOfRows(last) != 2*sumOfRows(first) {
		t.Errorf("%d rows after %d: rows that were read twice count twice", sumOfRows(last), sumOfRows(first))
	}
}

func checkNeverDecreases(t *testing.T, last export.Progress, all []export.Progress) export.Progress {
	t.Helper()
	for _, p := range all {
		if p.Users.Bytes < last.Users.Bytes || p.Percent < last.Percent || p.Users.Bytes > p.Users.BytesTotal {
			t.Errorf("fell from %+v to %+v", last, p)
		}
		last = p
	}
	return last
}
