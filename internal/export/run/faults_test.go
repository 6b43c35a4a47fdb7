package run

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// calls counts the calls of an undisturbed run.
func calls(t *testing.T, users int) int {
	w := newWorld(makeUsers(t, users))
	if _, err := w.runner(small()).Run(testContext(t), testJob(), &watcher{}); err != nil {
		t.Fatal(err)
	}
	return len(w.calls)
}

// Whatever call fails, from the first to the last, the run ends with a code and leaves nothing behind.
func TestEveryCallMayFail(t *testing.T) {
	t.Parallel()
	for n := 1; n <= calls(t, 40); n++ {
		w := newWorld(makeUsers(t, 40))
		w.before = func(_ context.Context, call int, _ string) error {
			if call == n {
				return errors.New("broken")
			}
			return nil
		}
		_, err := w.runner(small()).Run(testContext(t), testJob(), &watcher{})
		broken := w.calls[n-1]
		want := export.CodeDatabase
		switch broken {
		case "create", "part", "complete", "head", "open", "body", "put":
			want = export.CodeStorage
		}
		if err == nil && (broken == "head" || broken == "open" || broken == "body") {
			continue // read back once more
		}
		if export.CodeOf(err) != want {
			t.Errorf("call %d (%s): %v", n, broken, err)
		}
		w.clean(t)
	}
}

// Whatever call hangs, a cancel ends the run at once and leaves nothing behind.
func TestEveryCallMayHangAndBeCancelled(t *testing.T) {
	t.Parallel()
	for n := 1; n <= calls(t, 40); n++ {
		w := newWorld(makeUsers(t, 40))
		ctx, cancel := context.WithCancel(testContext(t))
		w.before = func(ctx context.Context, call int, _ string) error {
			if call != n {
				return nil
			}
			cancel()
			<-ctx.Done()
			return ctx.Err()
		}
		begin := time.Now()
		_, err := w.runner(small()).Run(ctx, testJob(), &watcher{})
		hung := w.calls[n-1]
		if !errors.Is(err, context.Canceled) {
			t.Errorf("call %d (%s): %v", n, hung, err)
		}
		if d := time.Since(begin); d > 2*time.Second {
			t.Errorf("call %d (%s): ended after %v", n, hung, d)
		}
		after := len(w.calls)
		for _, op := range w.calls[n:after] {
			if op != "delete" && op != "next" && op != "accounts" && op != "part" {
				t.Errorf("call %d (%s) was cancelled, and %s called", n, hung, op)
			}
		}
		w.clean(t)
		cancel()
	}
}

// The answer to Complete is lost, but the object is there and proven: the run went well. Where it is not as written, the run failed.
func TestCompleteWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(makeUsers(t, 10))
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "complete" {
			return errLate
		}
		return nil
	}
	if _, err := w.runner(small()).Run(testContext(t), testJob(), &watcher{}); err != nil || len(w.objects) != 2 || len(w.uploads) != 0 { // the manifest, too
		t.Errorf("error %v, %d objects, %d uploads", err, len(w.objects), len(w.uploads))
	}
	clear(w.objects)
	w.stored = func(o []byte) []byte { return o[1:] }
	if _, err := w.runner(small()).Run(testContext(t), testJob(), &watcher{}); export.CodeOf(err) != export.CodeStorage {
		t.Errorf("error %v", err)
	}
	w.clean(t)
}

// A reader that fails does not wait for parts that hang: they are given up.
func TestFailureEndsPartsInFlight(t *testing.T) {
	t.Parallel()
	w := newWorld(makeUsers(t, 40))
	hangs := make(chan struct{})
	w.before = func(ctx context.Context, call int, op string) error {
		switch {
		case op == "part":
			close(hangs) // the only one: nothing else is stored meanwhile
			<-ctx.Done()
			return ctx.Err()
		case op == "next" && call > 40:
			<-hangs
			return errors.New("broken")
		}
		return nil
	}
	s := small()
	s.Uploads = 1
	ctx := testContext(t)
	if _, err := w.runner(s).Run(ctx, testJob(), &watcher{}); export.CodeOf(err) != export.CodeDatabase || ctx.Err() != nil {
		t.Errorf("error %v, context %v", err, ctx.Err())
	}
	w.clean(t)
}

// A panic ends the run, not the process in which it runs. The check for leaks sees that it ends all of it.
func TestPanicEndsTheRunOnly(t *testing.T) {
	t.Parallel()
	for n := 2; n < 6; n++ {
		w := newWorld(makeUsers(t, 40))
		reports := 0
		_, err := w.runner(small()).Run(testContext(t), testJob(), &watcher{progress: func(export.Progress) {
			if reports++; reports == n {
				panic("bug")
			}
		}})
		if export.CodeOf(err) != export.CodeInternal || !strings.Contains(err.Error(), "panic: bug") {
			t.Errorf("the run ended with %v", err)
		}
		w.clean(t)
	}
}

func TestProofIsTakenAgainWhereReadingBreaksOff(t *testing.T) {
	t.Parallel()
	w := newWorld(makeUsers(t, 100))
	broken := 0
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "body" && broken < proofs-1 {
			broken++
			return errors.New("connection reset")
		}
		return nil
	}
	if _, err := w.runner(small()).Run(testContext(t), testJob(), &watcher{}); err != nil {
		t.Error(err)
	}
}

func TestLostCursorIsHistory(t *testing.T) {
	t.Parallel()
	w, obs := newWorld(makeUsers(t, 50)), &watcher{}
	reads := 0
	w.before = func(_ context.Context, _ int, op string) error {
		if op == "next" {
			if reads++; reads == 30 || reads == 31 {
				return ErrCursorLost
			}
		}
		return nil
	}
	if _, err := w.runner(small()).Run(testContext(t), testJob(), obs); err != nil {
		t.Fatal(err)
	}
	if len(obs.events) != 5 || obs.events[1] != "resumed: The database lost the cursor; reading went on after the last user." {
		t.Errorf("events %q", obs.events)
	}
}
