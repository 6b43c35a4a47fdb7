package api

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// TestMain fails if the tests leave goroutines running.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, append(embeddedtest.KnownLeaks(),
		// fasthttp, under StorageProxy: a client closes idle connections after up to 10 s, and the
		// cleaner of its dialer's address cache never ends.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*TCPDialer).tcpAddrsClean"),
	)...)
}
