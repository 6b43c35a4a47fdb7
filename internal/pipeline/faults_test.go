package pipeline

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// countCalls returns the number of calls of a run without faults.
func countCalls(t *testing.T, users int) int {
	w := newTestEnv(makeUsers(t, users))
	if _, err := w.runner(smallSettings()).Run(testContext(t), testJob(), &recorder{}); err != nil {
		t.Fatal(err)
	}
	return len(w.calls)
}

// For every call of a run: if it fails, the run ends with a code and leaks nothing.
func TestRunWithEachCallFailing(t *testing.T) {
	t.Parallel()
	for n := 1; n <= countCalls(t, 40); n++ {
		w := newTestEnv(makeUsers(t, 40))
		w.before = func(_ context.Context, call int, _ string) error {
			if call == n {
				return errors.New("broken")
			}
			return nil
		}
		_, err := w.runner(smallSettings()).Run(testContext(t), testJob(), &recorder{})
		failed := w.calls[n-1]
		want := errs.CodeDatabaseUnavailable
		switch failed {
		case "create", "part", "complete", "head", "open", "body", "put":
			want = errs.CodeStorageUnavailable
		}
		if err == nil && (failed == "head" || failed == "open" || failed == "body") {
			continue // verifyFile reads again
		}
		if errs.CodeOf(err) != want {
			t.Errorf("call %d (%s): %v", n, failed, err)
		}
		w.checkLeaks(t)
	}
}

// For every call of a run: if it hangs, a cancel ends the run at once, and the run leaks nothing.
func TestCancelWithEachCallHanging(t *testing.T) {
	t.Parallel()
	for n := 1; n <= countCalls(t, 40); n++ {
		synctest.Test(t, func(t *testing.T) { // in fake time: the machine's speed does not matter
			w := newTestEnv(makeUsers(t, 40))
			ctx, cancel := context.WithCancel(testContext(t))
			defer cancel()
			var cancelled time.Time
			w.before = func(ctx context.Context, call int, _ string) error {
				if call != n {
					return nil
				}
				cancelled = time.Now()
				cancel()
				<-ctx.Done()
				return ctx.Err()
			}
			_, err := w.runner(smallSettings()).Run(ctx, testJob(), &recorder{})
			hanging := w.calls[n-1]
			if !errors.Is(err, context.Canceled) {
				t.Errorf("call %d (%s): %v", n, hanging, err)
			}
			if d := time.Since(cancelled); d > 2*time.Second {
				t.Errorf("call %d (%s): ended %v after the cancel", n, hanging, d)
			}
			for _, op := range w.calls[n:] {
				if op != "delete" && op != "next" && op != "accounts" && op != "part" {
					t.Errorf("call %d (%s) was cancelled, and %s called", n, hanging, op)
				}
			}
			w.checkLeaks(t)
		})
	}
}

// The response to Complete is lost. The run succeeds if the object is intact, and fails otherwise.
func TestCompleteWithLostResponse(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 10))
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "complete" {
			return errLate
		}
		return nil
	}
	if _, err := w.runner(smallSettings()).Run(testContext(t), testJob(), &recorder{}); err != nil || len(w.objects) != 2 || len(w.uploads) != 0 { // the manifest, too
		t.Errorf("error %v, %d objects, %d uploads", err, len(w.objects), len(w.uploads))
	}
	clear(w.objects)
	w.corrupt = func(o []byte) []byte { return o[1:] }
	if _, err := w.runner(smallSettings()).Run(testContext(t), testJob(), &recorder{}); errs.CodeOf(err) != errs.CodeStorageUnavailable {
		t.Errorf("error %v", err)
	}
	w.checkLeaks(t)
}

// If a reader fails, the run cancels uploads that hang.
func TestFailureCancelsPartsInFlight(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 40))
	blocked := make(chan struct{})
	w.before = func(ctx context.Context, call int, op string) error {
		switch {
		case op == "part":
			close(blocked) // once: no other part is uploaded
			<-ctx.Done()
			return ctx.Err()
		case op == "next" && call > 40:
			<-blocked
			return errors.New("broken")
		}
		return nil
	}
	s := smallSettings()
	s.Uploads = 1
	ctx := testContext(t)
	if _, err := w.runner(s).Run(ctx, testJob(), &recorder{}); errs.CodeOf(err) != errs.CodeDatabaseUnavailable || ctx.Err() != nil {
		t.Errorf("error %v, context %v", err, ctx.Err())
	}
	w.checkLeaks(t)
}

// A panic fails the run, not the process. The leak check of the package ensures that all goroutines
// end.
func TestPanicFailsOnlyTheRun(t *testing.T) {
	t.Parallel()
	for n := 2; n < 6; n++ {
		w := newTestEnv(makeUsers(t, 40))
		reports := 0
		_, err := w.runner(smallSettings()).Run(testContext(t), testJob(), &recorder{progress: func(export.Progress) {
			if reports++; reports == n {
				panic("bug")
			}
		}})
		if errs.CodeOf(err) != errs.CodeInternal || !strings.Contains(err.Error(), "panic: bug") {
			t.Errorf("the run ended with %v", err)
		}
		w.checkLeaks(t)
	}
}

func TestVerifyRetriesBrokenRead(t *testing.T) {
	t.Parallel()
	w := newTestEnv(makeUsers(t, 100))
	failed := 0
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "body" && failed < verifyTries-1 {
			failed++
			return errors.New("connection reset")
		}
		return nil
	}
	if _, err := w.runner(smallSettings()).Run(testContext(t), testJob(), &recorder{}); err != nil {
		t.Error(err)
	}
}

func TestLostCursorAddsHistoryEvent(t *testing.T) {
	t.Parallel()
	w, obs := newTestEnv(makeUsers(t, 50)), &recorder{}
	reads := 0
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "next" {
			if reads++; reads == 30 || reads == 31 {
				return ErrCursorLost
			}
		}
		return nil
	}
	if _, err := w.runner(smallSettings()).Run(testContext(t), testJob(), obs); err != nil {
		t.Fatal(err)
	}
	if len(obs.events) != 5 || obs.events[1] != "resumed: The database lost the cursor. Reading resumed after the last user." {
		t.Errorf("events %q", obs.events)
	}
}
