package redis

import (
	"context"
	"strings"

	"github.com/egress-io/egress/internal/errs"
)

// serverRefusals maps a server's refusals to outages. It matches part of the text: asynq returns
// the text alone, and a script adds its own words to it.
var serverRefusals = []struct {
	patterns []string
	kind     errs.OutageKind
	message  string
	advice   string
}{
	{[]string{"OOM command not allowed"}, errs.OutageOutOfMemory, "Redis is out of memory.",
		"Raise its maxmemory, or remove other data from it."},
	{[]string{"NOAUTH "}, errs.OutageCredentialsRefused, "Redis requires a password.", "Put user and password into the URL."},
	{[]string{"WRONGPASS ", "ERR invalid password", "without any password configured", "no password is set"},
		errs.OutageCredentialsRefused, "Redis rejects the user name or password.", "Check them in the URL; special characters are percent-encoded."},
	{[]string{"NOPERM ", "The user executing the script can't run"}, errs.OutagePermissionMissing,
		"Redis does not permit the user a command that Egress needs.", "Give the user all commands on egress:* and asynq:*, and the channels egress:*."},
	{[]string{"DB index is out of range"}, errs.OutageSettingsRefused, "Redis does not have the database of the URL.", "Use a database number that exists, or none."},
	{[]string{"READONLY ", "NOREPLICAS ", "MISCONF ", "LOADING ", "MASTERDOWN ", "CLUSTERDOWN "},
		errs.OutageReadOnly, "Redis accepts no writes at the moment.", "The log of the Redis server says why."},
}

// asOutage returns an error of the server or the connection as an errs.OutageError. It returns err
// unchanged if the caller's context has ended.
func asOutage(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	text := err.Error()
	for _, r := range serverRefusals {
		for _, pattern := range r.patterns {
			if strings.Contains(text, pattern) {
				return &errs.OutageError{Kind: r.kind, Message: r.message, Advice: r.advice, Err: err}
			}
		}
	}
	if o := errs.TLSOutage("Redis", err); o != nil {
		return o
	}
	return &errs.OutageError{Kind: errs.OutageUnreachable, Message: "Redis does not answer.", Err: err}
}
