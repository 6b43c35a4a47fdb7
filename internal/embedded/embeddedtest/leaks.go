package embeddedtest

import (
	"testing"

	"go.uber.org/goleak"
)

// Main runs the tests of a package and fails if goroutines are still running after them. Call it
// from TestMain.
func Main(m *testing.M) { goleak.VerifyTestMain(m, KnownLeaks()...) }

// KnownLeaks returns options for goroutines of libraries that keep running after the stack is closed.
func KnownLeaks() []goleak.Option {
	return []goleak.Option{
		// fasthttp, which the gateway uses: the cleaner of a closed server's workers sleeps for up
		// to 10 s, and the clock of its Date header runs as long as the process.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	}
}
