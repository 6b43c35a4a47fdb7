package faults_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/faults"
	"github.com/egress-io/egress/internal/pipeline/pipelinetest"
)

func TestDelayedCallRunsAfterOthers(t *testing.T) {
	t.Parallel()
	plan := faults.New(time.Second, faults.Fault{Port: faults.Storage, Kind: faults.Delays, Call: 1})
	inner := pipelinetest.NewStorage()
	s := plan.Storage(inner)
	done := make(chan error, 1)
	go func() { done <- s.Put(t.Context(), "delayed", "", []byte("x")) }()
	eventually(t, "the call is counted", func() bool { return plan.Counts()[faults.Storage][faults.Fails] == 1 })
	for i := range 5 {
		if inner.Object("delayed") != nil {
			t.Errorf("done before the %d. other call", i+1)
		}
		if err := s.Put(t.Context(), "other", "", nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := receive(t, done, "the delayed call"); err != nil || inner.Object("delayed") == nil {
		t.Errorf("error %v, object %q", err, inner.Object("delayed"))
	}
}

func TestLateCallRunsEventually(t *testing.T) {
	t.Parallel()
	fault := faults.Fault{Port: faults.Storage, Kind: faults.Late, Op: "put", Call: 2}
	plan := faults.New(time.Second, fault)
	inner := pipelinetest.NewStorage()
	s := plan.Storage(inner)
	first, late := s.Put(t.Context(), "first", "", []byte("x")), s.Put(t.Context(), "late", "", []byte("x"))
	if first != nil || !errors.Is(late, faults.ErrBroken) || plan.Met(fault) != "put" || inner.Object("late") != nil {
		t.Errorf("%v, %v, met %q, object %q", first, late, plan.Met(fault), inner.Object("late"))
	}
	plan.Settle()
	if inner.Object("late") == nil {
		t.Error("never done")
	}
}

func TestHungCallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	plan := faults.New(time.Second, faults.Fault{Port: faults.Storage, Kind: faults.Hangs, Call: 1})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- plan.Storage(pipelinetest.NewStorage()).Delete(ctx, "x") }()
	eventually(t, "the call is counted", func() bool { return plan.Counts()[faults.Storage][faults.Hangs] == 1 })
	select {
	case err := <-done:
		t.Errorf("ended with %v", err)
	default:
	}
	cancel()
	if err := receive(t, done, "the end of the call"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
