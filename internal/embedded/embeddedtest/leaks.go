package embeddedtest

import (
	"testing"

	"go.uber.org/goleak"
)

// Main runs a package's tests and then fails if they left goroutines behind. Call it from TestMain.
func Main(m *testing.M) { goleak.VerifyTestMain(m, Leaks()...) }

// Leaks are the goroutines that libraries of the stack leave behind, however orderly it is closed.
func Leaks() []goleak.Option {
	return []goleak.Option{
		// fasthttp, under the gateway: the janitor of a closed server's workers sleeps on for up to 10 s, and the clock of
		// its Date header runs as long as the process.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	}
}
