package s3

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/pipeline/pipelinetest"
)

// throttlingTransport refuses four of five requests, in the ways of storages and their proxies.
type throttlingTransport struct {
	mu      sync.Mutex
	random  *rand.Rand
	refused int
	passed  int
}

func (th *throttlingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	th.mu.Lock()
	refuse, way := th.random.IntN(5) > 0, th.random.IntN(3)
	if refuse {
		th.refused++
	} else {
		th.passed++
	}
	th.mu.Unlock()
	if !refuse {
		return http.DefaultTransport.RoundTrip(r)
	}
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	switch way {
	case 0:
		return errorResponse(r, http.StatusServiceUnavailable, "SlowDown"), nil
	case 1:
		return errorResponse(r, http.StatusServiceUnavailable, ""), nil
	default:
		return errorResponse(r, http.StatusTooManyRequests, ""), nil
	}
}

// noopObserver is an observer that does nothing.
type noopObserver struct{}

func (noopObserver) Prepared(context.Context, export.FileKind, []export.Column, export.Progress) error {
	return nil
}
func (noopObserver) Uploading(context.Context, string) error                       { return nil }
func (noopObserver) Checkpoint(export.Checkpoint)                                  {}
func (noopObserver) Completing(context.Context, export.Checkpoint) error           { return nil }
func (noopObserver) Finished(context.Context, export.File, []export.Warning) error { return nil }
func (noopObserver) Progress(export.Progress)                                      {}
func (noopObserver) Event(string, string)                                          {}

// The first attempt of an export succeeds even if the storage refuses four of five requests.
func TestExportThroughThrottling(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		o, c := gatewayOptions(t), &clock{}
		th := &throttlingTransport{random: rand.New(rand.NewPCG(seed, 1))}
		o.transport, o.sleep, o.now = th, c.sleep, nil
		s, ctx := openStorage(t, o)
		tenant := pipelinetest.NewTenant(pipelinetest.MakeUsers(t, 50))
		job := &export.Job{ID: embeddedtest.Prefix(t) + "job", Tenant: "acme", Attempt: 1, Definition: export.Definition{
			Include: export.Include{Attributes: true}, File: export.FileFormat{Dialect: export.DialectRFC4180},
		}}
		runner := pipeline.New(pipeline.Options{Planner: tenant, Accounts: tenant, Users: tenant, Storage: s})
		got, err := runner.Run(ctx, job, noopObserver{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got.Files[0].Users != 50 || th.refused < th.passed {
			t.Errorf("seed %d: %+v; %d refused, %d passed", seed, got.Files[0], th.refused, th.passed)
		}
	}
}
