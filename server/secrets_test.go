package main

import (
	"regexp"
	"strings"
	"testing"
)

// unsayable is what no line of a log may hold: e-mail addresses, links that are signed, sessions, signatures and the passwords
// of these tests.
var unsayable = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}|X-Amz-(Signature|Credential)|egress_session|HMAC-SHA256 |correct horse`)

// scanLog fails the test where a process has logged what it may not. It sees the log of every process of every test.
func scanLog(t testing.TB, log string) {
	t.Helper()
	for line := range strings.SplitSeq(log, "\n") {
		if found := unsayable.FindString(line); found != "" {
			t.Errorf("the log has %q in a line: %s", found, line)
		}
	}
}

func TestUnsayable(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		`level=INFO msg=request route=/v4/users/:userId status=200`:           false,
		`error="find amelia.hart+x@example.co.uk: timeout"`:                   true,
		`url=http://127.0.0.1/exports/k?X-Amz-Algorithm=a&X-Amz-Signature=0a`: true,
		`cookie="egress_session=abc"`:                                         true,
		`authorization="ZEPHR-HMAC-SHA256 AK:1:n:00"`:                         true,
		`go.mongodb.org/mongo-driver/v2@v2.7.0/x/network.go:12`:               false,
	} {
		if got := unsayable.MatchString(line); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}
