package live

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if the tests leave goroutines running.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp: the clock of the Date header never ends, and a worker pool that was stopped ends
		// within 10 s.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		// Connections of http.DefaultClient that are kept alive, until they are idle for too long.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
	)
}
