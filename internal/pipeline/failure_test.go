package pipeline

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// For every call of a run: if the dependency refuses it permanently, the run ends there with a code
// that is not retried, and the message contains the dependency's code.
func TestRunWithEachCallRefused(t *testing.T) {
	t.Parallel()
	for n := 1; n <= countCalls(t, 40); n++ {
		w := newTestEnv(makeUsers(t, 40))
		refusal := &DependencyError{Class: Denied, Code: "AccessDenied", Advice: "Check the bucket policy.", Err: errors.New("secret")}
		var want atomic.Value // the code of the dependency that refuses, from call n on
		w.before = func(_ context.Context, call int, op string) error {
			if call == n {
				want.Store(refusedCode(op))
			}
			if call >= n && want.Load() == refusedCode(op) {
				return refusal
			}
			return nil
		}
		_, err := w.runner(smallSettings()).Run(testContext(t), testJob(), &recorder{})
		op := w.calls[n-1]
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || e.Code != want.Load() || !strings.Contains(e.Message, "refused") || strings.Contains(e.Message, "secret") ||
			!strings.HasSuffix(e.Message, "(AccessDenied). Check the bucket policy. Then retry.") {
			t.Errorf("call %d (%s): %v", n, op, err)
		}
		repeats := 0
		for _, later := range w.calls[n:] {
			if later == op {
				repeats++
			}
		}
		if (op == "head" || op == "open" || op == "body") && repeats > 0 {
			t.Errorf("call %d: %s was repeated %d times", n, op, repeats)
		}
	}
}

// refusedCode returns the code of a run that ends because the dependency of a call refused it.
func refusedCode(op string) errs.Code {
	switch op {
	case "create", "part", "complete", "head", "open", "body", "put", "delete", "abortAll":
		return errs.CodeStorageRefused
	default:
		return errs.CodeDatabaseRefused
	}
}

// A transient failure keeps a code that is retried.
func TestTransientFailuresAreRetriable(t *testing.T) {
	t.Parallel()
	for _, class := range []FailureClass{Throttled, Unavailable} {
		w := newTestEnv(makeUsers(t, 10))
		w.before = func(_ context.Context, _ int, op string) error {
			if op == "part" {
				return &DependencyError{Class: class, Code: "SlowDown", Err: errors.New("cause")}
			}
			return nil
		}
		_, err := w.runner(smallSettings()).Run(testContext(t), testJob(), &recorder{})
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Code != errs.CodeStorageUnavailable || class == Throttled != strings.Contains(e.Message, "throttles requests (SlowDown)") {
			t.Errorf("%s: %v", class, err)
		}
	}
}

// A checkpoint has the checksums of exactly its parts, even if the first parts have none.
func TestCheckpointKeepsChecksums(t *testing.T) {
	t.Parallel()
	var last export.Checkpoint
	l := newCheckpointer(export.Checkpoint{}, nil, func(at export.Checkpoint) { last = at })
	for _, n := range []int{1, 4, 3, 2} {
		sum := ""
		if n > 2 {
			sum = string(rune('a' + n))
		}
		l.partStored(uploadedPart{part{checkpoint: export.Checkpoint{Parts: n}}, StoredPart{Number: n, ETag: "e", Checksum: sum}})
		if n == 1 && last.Checksums != nil {
			t.Errorf("of no checksum %q is kept", last.Checksums)
		}
	}
	if want := []string{"", "", "d", "e"}; last.Parts != 4 || !slices.Equal(last.Checksums, want) {
		t.Errorf("%d parts with %q, want %q", last.Parts, last.Checksums, want)
	}
}
