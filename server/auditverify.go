package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that no audit record was changed, removed, inserted or reordered."`
}

type auditVerifyCmd struct {
	Tenant   string `xor:"chain" help:"Only this tenant's chain (default: every chain)."`
	NoTenant bool   `xor:"chain" help:"Only the chain of the records without a tenant."`
	Expect   string `placeholder:"SEQ:HASH" help:"A head that an earlier run printed. The chain must still contain it. Needs --tenant or --no-tenant."`
}

// errBrokenChain ends the command with exit status 1.
var errBrokenChain = errors.New("verification failed: the audit log is damaged or was changed outside Egress")

// Run verifies the chains of the audit log. The exit status is 1 if a chain is broken, and 2 if no
// chain has a record or the command line is invalid.
func (cmd *auditVerifyCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	expect, err := cmd.anchor()
	if err != nil {
		return err
	}
	sys, err := openDatabase(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	tenants := []string{cmd.Tenant}
	if cmd.Tenant == "" && !cmd.NoTenant {
		if tenants, err = sys.stores.auditLog.Tenants(ctx); err != nil {
			return err
		}
	}
	checked, broken := 0, false
	for _, tenant := range tenants {
		r, err := sys.stores.auditLog.Verify(ctx, tenant, expect)
		if err != nil {
			return err
		}
		if r.Fault == nil && r.Records+r.RecordsBefore == 0 {
			continue // a head without a record: the process ended before it stored the first record
		}
		checked++
		broken = broken || r.Fault != nil
		printReport(term, r)
	}
	switch {
	case broken:
		return errBrokenChain
	case checked == 0:
		return errs.Errorf(errs.CodeNotFound, "no audit record exists for this selection")
	}
	return nil
}

// anchor parses --expect. It returns nil without the flag.
func (cmd *auditVerifyCmd) anchor() (*audit.Anchor, error) {
	if cmd.Expect == "" {
		return nil, nil //nolint:nilnil // --expect is optional
	}
	if cmd.Tenant == "" && !cmd.NoTenant {
		return nil, errs.Invalid("--expect", "is the head of one chain: add --tenant or --no-tenant")
	}
	a, err := audit.ParseAnchor(cmd.Expect)
	if err != nil {
		return nil, errs.Wrap(errs.CodeInvalidRequest, err, "--expect")
	}
	return &a, nil
}

func printReport(term terminal, r audit.Report) {
	name := r.Tenant
	if name == "" {
		name = "(no tenant)"
	}
	if r.RecordsBefore > 0 {
		fmt.Fprintf(term.out, "%s: %s before the chain began.\n", name, export.Pluralize(r.RecordsBefore, "record", "records"))
	}
	if r.Records > 0 {
		fmt.Fprintf(term.out, "%s: %s, 1 to %d, %s to %s.\n", name, export.Pluralize(r.Records, "record", "records"), r.End.Seq,
			r.First.Format(export.TimeFormat), r.Last.Format(export.TimeFormat))
	}
	if r.Ahead > 0 {
		fmt.Fprintf(term.out, "%s: the chain is %s longer than its head says. These records are authentic: "+
			"a process stopped while it appended, or is appending now.\n", name, export.Pluralize(r.Ahead, "record", "records"))
	}
	switch f := r.Fault; {
	case f == nil && r.Records > 0:
		fmt.Fprintf(term.out, "%s: good. Head %s\n", name, r.End)
	case f == nil:
	case f.Seq == 0:
		fmt.Fprintf(term.out, "%s: BROKEN (%s): %s\n", name, f.Damage, f.Detail)
	default:
		fmt.Fprintf(term.out, "%s: BROKEN at record %d (%s): %s\n", name, f.Seq, f.Damage, f.Detail)
	}
}
