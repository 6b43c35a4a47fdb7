package api

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/egress-io/egress/internal/auth"
)

// arrivalReads is calls of share whose reads wait.
type arrivalReads struct {
	*arrivals
	goOn    chan struct{}
	calls   sync.WaitGroup
	mu      sync.Mutex
	reads   map[string]int // by token
	running int
	callers map[string]map[*caller]int // by token
}

func newArrivalReads() *arrivalReads {
	return &arrivalReads{arrivals: newArrivals(), goOn: make(chan struct{}), reads: map[string]int{}, callers: map[string]map[*caller]int{}}
}

func (a *arrivalReads) call(token, tenant string) {
	a.calls.Go(func() {
		who, err := a.share(token, tenant, func() (*caller, error) {
			a.mu.Lock()
			a.reads[token]++
			a.running++
			a.mu.Unlock()
			<-a.goOn
			a.mu.Lock()
			defer a.mu.Unlock()
			a.running--
			if token == "ended" {
				return nil, auth.ErrNoTenant
			}
			return &caller{tenant: auth.Tenant{ID: tenant}}, nil
		})
		a.mu.Lock()
		defer a.mu.Unlock()
		if (err != nil) != (token == "ended") || err == nil && who.tenant.ID != tenant {
			panic("the call got the result of another")
		}
		if a.callers[token] == nil {
			a.callers[token] = map[*caller]int{}
		}
		a.callers[token][who]++
	})
}

// The tabs of one session in one tenant share a read, and few reads run at a time.
func TestArrivalsShareReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newArrivalReads()
		for _, token := range []string{"a", "b", "c", "d"} {
			a.call(token, "meridian")
		}
		synctest.Wait()
		for range 100 {
			a.call("e", "meridian")
			a.call("e", "orion")
			a.call("ended", "meridian")
		}
		synctest.Wait()
		if a.running != maxArrivalReads || a.reads["e"] != 0 {
			t.Errorf("%d reads run, %v", a.running, a.reads)
		}
		close(a.goOn)
		a.calls.Wait()
		if a.reads["e"] != 2 || a.reads["ended"] != 1 || len(a.callers["e"]) != 2 {
			t.Errorf("%v reads, %d callers", a.reads, len(a.callers["e"]))
		}
		for _, calls := range a.callers["e"] {
			if calls != 100 {
				t.Errorf("%d calls share a read, want 100", calls)
			}
		}
	})
}

// A call does not share a read that has begun: the session may have changed since.
func TestArrivalsReadAfterTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newArrivalReads()
		for n := range 3 {
			a.call("e", "meridian")
			synctest.Wait()
			if a.reads["e"] != n+1 {
				t.Errorf("%d reads after %d calls one after another", a.reads["e"], n+1)
			}
		}
		close(a.goOn)
		a.calls.Wait()
	})
}

// While the reads for new sockets take long, a socket with a signature is refused as ever, and other
// requests are answered.
func TestSocketsWaitForReads(t *testing.T) {
	t.Parallel()
	entered, goOn := make(chan struct{}, 100), make(chan struct{})
	l := startLive(t, func(b *testServer) {
		b.auth.authenticating = func(token string) {
			if token != "exporter" {
				entered <- struct{}{}
				<-goOn
			}
		}
	})
	statuses := make(chan int, 100)
	dial := func(token, query string) {
		go func() {
			_, status := l.dial(token, query)
			statuses <- status
		}()
	}
	dials := 0
	for _, token := range []string{"viewer", "owner"} {
		for _, query := range []string{"", "?tenant=meridian"} {
			dial(token, query)
			dials++
		}
	}
	for range maxArrivalReads {
		<-entered
	}
	dial("exporter", "")
	dials++
	if _, status := l.dial("exporter", "", "Authorization", "BLAIZE-HMAC-SHA256 x:1:2:3"); status != 403 {
		t.Errorf("with a signature: %d, want 403", status)
	}
	l.call("exporter", "GET", "/v4/me", "").expect(200, "", "")
	if len(statuses) > 0 || len(entered) > 0 {
		t.Error("a socket did not wait for its read")
	}
	close(goOn)
	for range dials {
		if status := <-statuses; status != 101 {
			t.Errorf("%d, want 101", status)
		}
	}
}
