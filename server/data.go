package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/schollz/progressbar/v3"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/users/importer"
)

type seedCmd struct {
	Users int `default:"2500" help:"Users of each demo tenant."`
}

// Run makes the demo data. It may be run again.
func (cmd *seedCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	if cmd.Users < 0 {
		return export.Invalid("--users", "must be 0 or more")
	}
	sys, err := openDatabase(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	if err := sys.seed(ctx, cmd.Users, term); err != nil {
		return err
	}
	fmt.Fprintf(term.out, "Each demo tenant has %d users.\n", cmd.Users)
	return nil
}

type scanCmd struct {
	Tenant string `required:"" help:"The tenant."`
}

// Run rebuilds a tenant's registry.
func (cmd *scanCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	sys, err := openDatabase(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	if err := sys.requireTenant(ctx, cmd.Tenant); err != nil {
		return err
	}
	bar := newBar(term, "Scanning users", -1)
	registry, err := mongo.NewUserWriter(sys.db).Scan(ctx, cmd.Tenant, bar.set)
	bar.finish()
	if err != nil {
		return err
	}
	fmt.Fprintf(term.out, "%d foreign systems, %d app ids.\n", len(registry.ForeignSystems), len(registry.AppIDs))
	return nil
}

type importCmd struct {
	File         string `arg:"" type:"existingfile" help:"A JSON or NDJSON file; .gz is decompressed."`
	Tenant       string `required:"" help:"The tenant; it is made if it is missing."`
	Store        string `xor:"store" placeholder:"default" help:"User store of users that name none."`
	ExtendSchema bool   `xor:"schema" help:"Add fields for attributes that the tenant's user schema does not have."`
	StateEvents  bool   `xor:"store,schema" help:"The file holds state events instead of users."`
	Report       string `type:"path" help:"Write every refused record's line, field and reason to this file (NDJSON)."`
}

// shownRefusals is how many refused records are told on the terminal.
const shownRefusals = 20

// Run imports a file and says what it did. Where records were refused it ends with status 1.
func (cmd *importCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	source, err := importer.File(cmd.File)
	if err != nil {
		return export.Wrap(export.CodeInvalid, err, "FILE")
	}
	sys, err := openDatabase(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	refused, closeReport, err := cmd.refusals(term)
	if err != nil {
		return err
	}
	if sys.requireTenant(ctx, cmd.Tenant) != nil {
		fmt.Fprintf(term.out, "There is no tenant %q yet; it is made.\n", cmd.Tenant)
	}
	if err := sys.ensureTenant(ctx, cmd.Tenant, cmd.Tenant); err != nil {
		return errors.Join(err, closeReport())
	}
	bar := newBar(term, "Importing", 2*source.Size, progressbar.OptionShowBytes(true))
	options := importer.Options{
		ExtendSchema: cmd.ExtendSchema, DefaultStore: cmd.Store, Refused: refused,
		Progress: func(p importer.Progress) {
			n := p.BytesRead
			if p.Writing {
				n += p.BytesTotal
			}
			bar.set(n)
		},
	}
	var report importer.Report
	if w := mongo.NewUserWriter(sys.db); cmd.StateEvents {
		report, err = importer.RunEvents(ctx, w, cmd.Tenant, source, options)
	} else {
		report, err = importer.Run(ctx, w, cmd.Tenant, source, options)
	}
	bar.finish()
	if err := errors.Join(err, closeReport()); err != nil {
		return err
	}
	summarize(term, report)
	if report.Refused > 0 {
		return errRefused
	}
	return nil
}

// refusals tells refused records: the first few on the terminal, all of them in the report.
func (cmd *importCmd) refusals(term terminal) (hear func(importer.Refusal), done func() error, err error) {
	shown := 0
	show := func(r importer.Refusal) {
		if shown++; shown > shownRefusals {
			return
		}
		fmt.Fprintf(term.err, "line %d: %s %s\n", r.Line, r.Field, r.Reason)
	}
	if cmd.Report == "" {
		return show, func() error { return nil }, nil
	}
	f, err := os.OpenFile(cmd.Report, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, export.Wrap(export.CodeInvalid, err, "--report")
	}
	e := json.NewEncoder(f)
	var failed error
	hear = func(r importer.Refusal) {
		show(r)
		failed = errors.Join(failed, e.Encode(r))
	}
	return hear, func() error { return errors.Join(failed, f.Close()) }, nil
}

func summarize(term terminal, r importer.Report) {
	fmt.Fprintf(term.out, "%d read: %d new, %d updated, %d refused.\n", r.Read, r.Created, r.Updated, r.Refused)
	if r.Refused > shownRefusals {
		fmt.Fprintf(term.out, "The first %d refused records are above; --report FILE lists all.\n", shownRefusals)
	}
	for _, f := range r.Fields {
		fmt.Fprintf(term.out, "New field %s (%s).\n", f.Slug, f.Type)
	}
	if r.Stores+r.Products+r.Accounts > 0 {
		fmt.Fprintf(term.out, "Made since users name them: %d stores, %d products, %d accounts.\n", r.Stores, r.Products, r.Accounts)
	}
	if r.SecretsDropped > 0 {
		fmt.Fprintf(term.out, "%d values of password fields were not stored.\n", r.SecretsDropped)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Ignored)) {
		fmt.Fprintf(term.out, "Not known, left out: %s (%d times).\n", name, r.Ignored[name])
	}
}
