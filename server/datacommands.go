package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users/importer"
)

type seedCmd struct {
	Users int `default:"2500" help:"Number of users in each demo tenant."`
}

// Run creates the demo data. A second run resets it.
func (cmd *seedCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	if cmd.Users < 0 {
		return errs.Invalid("--users", "must be 0 or more")
	}
	sys, err := openDatabase(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	err = sys.recordCommand(ctx, demoTenants(), fmt.Sprintf("egress seed --users %d", cmd.Users), sys.seed(ctx, cmd.Users, term))
	if err != nil {
		return err
	}
	fmt.Fprintf(term.out, "Each demo tenant has %d users.\n", cmd.Users)
	return nil
}

type scanCmd struct {
	Tenant string `required:"" help:"The tenant."`
}

// Run rebuilds a tenant's list of foreign systems and app ids, and its folded text.
func (cmd *scanCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	sys, err := openDatabase(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	if err := sys.requireTenant(ctx, cmd.Tenant); err != nil {
		return err
	}
	bar := newProgressBar(term, "Scanning users", -1)
	found, err := sys.stores.writer.Scan(ctx, cmd.Tenant, bar.set)
	bar.finish()
	counts := fmt.Sprintf("%d foreign systems, %d app ids, folded text of %d users and accounts corrected",
		len(found.ForeignSystems), len(found.AppIDs), found.Folded)
	auditText := fmt.Sprintf("egress scan --tenant %s: %s", cmd.Tenant, counts)
	if err := sys.recordCommand(ctx, []string{cmd.Tenant}, auditText, err); err != nil {
		return err
	}
	fmt.Fprintf(term.out, "%s.\n", counts)
	return nil
}

type importCmd struct {
	File         string `arg:"" type:"existingfile" help:"A JSON or NDJSON file; .gz is decompressed."`
	Tenant       string `required:"" help:"The tenant."`
	CreateTenant bool   `help:"Create the tenant if it does not exist, after the whole file was checked."`
	Store        string `xor:"store" placeholder:"default" help:"User store of users without one."`
	ExtendSchema bool   `xor:"schema" help:"Add fields for attributes that are not in the tenant's user schema, and widen the type of fields that values do not fit."`
	StateEvents  bool   `xor:"store,schema" help:"The file holds state events instead of users."`
	Products     bool   `xor:"store,schema" help:"The file holds products instead of users."`
	Accounts     bool   `xor:"store,schema" help:"The file holds accounts instead of users."`
	OnError      string `enum:"skip-value,skip-user,stop" default:"skip-value" help:"What to skip when a value cannot be imported: ${enum}. With stop, nothing is imported."`
	Report       string `type:"path" help:"Write the line, user id, field and reason of each skipped value or record to this file."`
	ReportFormat string `enum:"auto,json,ndjson" default:"auto" help:"json: one object with the skipped values and the counts; ndjson: one line per skipped value or record; auto: json if FILE ends in .json."`
}

// Run imports a file and prints a summary. The exit status is 1 if a value or record was skipped.
func (cmd *importCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	source, err := importer.File(cmd.File)
	if err != nil {
		return errs.Wrap(errs.CodeInvalidRequest, err, "FILE")
	}
	sys, err := openDatabase(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	out, err := newImportReport(cmd.Report, cmd.ReportFormat, term)
	if err != nil {
		return err
	}
	var report importer.Report
	defer func() { err = errors.Join(err, out.close(report, err)) }()
	options := importer.Options{
		ExtendSchema: cmd.ExtendSchema, DefaultStore: cmd.Store, OnError: importer.OnError(cmd.OnError), OnRefusal: out.refused,
	}
	isNew, err := sys.findTenant(ctx, cmd.Tenant, cmd.CreateTenant)
	if err != nil {
		return err
	}
	created := false
	if isNew {
		options.CreateTenant = func(ctx context.Context) error {
			err := sys.ensureTenant(ctx, cmd.Tenant, cmd.Tenant)
			created = err == nil
			return err
		}
	}
	passes := int64(2)
	if options.OnError == importer.Stop {
		passes++
	}
	bar := newProgressBar(term, "Importing", passes*source.Size, progressbar.OptionShowBytes(true))
	options.Progress = func(p importer.Progress) { bar.set(int64(p.Pass-1)*p.BytesTotal + p.BytesRead) }
	switch w := sys.stores.writer; {
	case cmd.StateEvents:
		report, err = importer.RunEvents(ctx, w, cmd.Tenant, source, options)
	case cmd.Products:
		report, err = importer.RunProducts(ctx, w, cmd.Tenant, source, options)
	case cmd.Accounts:
		report, err = importer.RunAccounts(ctx, w, cmd.Tenant, source, options)
	default:
		report, err = importer.Run(ctx, w, cmd.Tenant, source, options)
	}
	bar.finish()
	if created {
		fmt.Fprintf(term.out, "Created the tenant %q.\n", cmd.Tenant)
	}
	if isNew && !created {
		return err
	}
	if err := sys.recordCommand(ctx, []string{cmd.Tenant}, cmd.auditText(report), err); err != nil {
		return err
	}
	out.summarize(report)
	if report.Refused+report.SkippedValues > 0 {
		return errPartialImport
	}
	return nil
}

// auditText returns the text of the command and its result for the audit log.
func (cmd *importCmd) auditText(r importer.Report) string {
	words := []string{"egress import", filepath.Base(cmd.File), "--tenant", cmd.Tenant}
	for _, flag := range []struct {
		text string
		set  bool
	}{
		{"--create-tenant", cmd.CreateTenant}, {"--store " + cmd.Store, cmd.Store != ""}, {"--extend-schema", cmd.ExtendSchema},
		{"--state-events", cmd.StateEvents}, {"--products", cmd.Products}, {"--accounts", cmd.Accounts}, {"--on-error " + cmd.OnError, cmd.OnError != string(importer.SkipValue)},
	} {
		if flag.set {
			words = append(words, flag.text)
		}
	}
	result := fmt.Sprintf("%s: %d read, %d new, %d updated, %d refused", strings.Join(words, " "), r.Read, r.Created, r.Updated, r.Refused)
	if r.SkippedValues > 0 {
		result += fmt.Sprintf(", %d values skipped", r.SkippedValues)
	}
	parts := []string{result}
	for _, f := range r.Widened {
		parts = append(parts, fmt.Sprintf("field %s now %s", f.Slug, f.To))
	}
	return strings.Join(parts, ", ")
}
