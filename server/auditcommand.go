package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"

	"github.com/egress-io/egress/internal/audit"
)

// operator names the account of the operating system that runs a command.
func operator() string {
	name := "the command line"
	if u, err := user.Current(); err == nil {
		name += " of " + u.Username
	}
	return name
}

// recordCommand appends a command to the audit logs of the tenants that it changed, or to the chain
// without a tenant. words is the text of the command and its result, without secrets and contents
// of files. A failed command is recorded as well, because it may have changed something.
// recordCommand returns failed, the error of the command, or the error of the append.
func (s *system) recordCommand(ctx context.Context, tenants []string, words string, failed error) error {
	if failed != nil {
		words += ": failed"
	}
	if len(tenants) == 0 {
		tenants = []string{""}
	}
	records := make([]audit.Record, len(tenants))
	for i, tenant := range tenants {
		records[i] = audit.Record{Kind: audit.CommandRun, Tenant: tenant, Words: words + " (" + operator() + ")"}
	}
	// The command has run: record it even if ctx is done.
	if err := s.audit.Append(context.WithoutCancel(ctx), records...); err != nil {
		return errors.Join(failed, fmt.Errorf("the command has run, but its audit record could not be stored: %w", err))
	}
	return failed
}

// tenantIDs returns the ids of all tenants.
func (s *system) tenantIDs(ctx context.Context) ([]string, error) {
	tenants, err := s.stores.admins.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(tenants))
	for i, t := range tenants {
		ids[i] = t.ID
	}
	return ids, nil
}
