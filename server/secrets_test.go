package main

import (
	"regexp"
	"strings"
	"testing"
)

// forbiddenInLogs matches what no log line may contain: e-mail addresses, presigned URLs, sessions,
// signatures and the passwords of these tests.
var forbiddenInLogs = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}|X-Amz-(Signature|Credential)|egress_(session|device)|(blaize|zephr)_admin_session|HMAC-SHA256 |correct horse`)

// scanLog fails the test if a log contains a secret. It checks the logs of all processes of all
// tests.
func scanLog(t testing.TB, log string) {
	t.Helper()
	for line := range strings.SplitSeq(log, "\n") {
		if found := forbiddenInLogs.FindString(line); found != "" {
			t.Errorf("the log has %q in a line: %s", found, line)
		}
	}
}

func TestForbiddenInLogs(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		`level=INFO msg=request route=/v4/users/:userId status=200`:           false,
		`error="find amelia.hart+x@example.co.uk: timeout"`:                   true,
		`url=http://127.0.0.1/exports/k?X-Amz-Algorithm=a&X-Amz-Signature=0a`: true,
		`cookie="egress_session=abc"`:                                         true,
		`authorization="ZEPHR-HMAC-SHA256 AK:1:n:00"`:                         true,
		`go.mongodb.org/mongo-driver/v2@v2.7.0/x/network.go:12`:               false,
	} {
		if got := forbiddenInLogs.MatchString(line); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}
