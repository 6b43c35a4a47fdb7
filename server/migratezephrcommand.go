package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/fromzephr"
	"github.com/egress-io/egress/internal/users/importer"
)

// migrateZephrHelp is the text of `egress migrate-zephr --help`, in addition to the flags.
const migrateZephrHelp = `
Copies the user schema, products, accounts and users with their extended profiles, foreign keys and grants from Zephr
into a tenant, through Zephr's Admin API, and compares the tenant with them. It only reads from Zephr.

  EGRESS_ZEPHR_SECRET_KEY=… egress migrate-zephr https://example.api.zephr.com --access-key KEY --tenant acme --create-tenant

The secret key is in the variable EGRESS_ZEPHR_SECRET_KEY, or in the file of --secret-file. Pages are stored while they are
downloaded: after an interruption, the same command resumes after the last page. When nothing differs, they are deleted.

Exit status: 0 nothing differs; 1 something differs, and the report lists it; 2 the command could not run to its end.`

// zephrSecretVariable is the environment variable of the secret key. It has no flag: other users of
// a machine can read the arguments of a process.
const zephrSecretVariable = "EGRESS_ZEPHR_SECRET_KEY" //nolint:gosec // the name of a variable

type migrateZephrCmd struct {
	URL          string `arg:"" help:"The address of Zephr's Admin API, like https://example.api.zephr.com."`
	AccessKey    string `required:"" placeholder:"KEY" help:"The access key of a key pair in Zephr."`
	SecretFile   string `type:"existingfile" placeholder:"FILE" help:"A file with its secret key, instead of the variable EGRESS_ZEPHR_SECRET_KEY."`
	Tenant       string `required:"" help:"The tenant in Egress."`
	CreateTenant bool   `help:"Create the tenant if it does not exist, after everything was downloaded."`
	AppIDs       string `name:"app-ids" default:"all" placeholder:"ID,…" help:"The app ids of the extended profiles to copy, or all."`
	Store        string `placeholder:"default" default:"default" help:"User store of users without one."`
	PageSize     int64  `default:"500" help:"Users per page."`
	EachUser     bool   `help:"Read each user by a request of its own as well, for foreign keys and other members that the export leaves out. Slow."`
	Dir          string `type:"path" help:"Where to store the pages and the report (default: a folder in the data directory)."`
	Restart      bool   `help:"Delete the pages of an earlier run, and download all of them again."`
	AllowHTTP    bool   `name:"allow-http" help:"Allow an address that begins with http:// and is not on this machine."`
}

// Help is shown with --help.
func (migrateZephrCmd) Help() string { return strings.TrimSpace(migrateZephrHelp) }

// errMigrationDiffers ends the command with exit status 1. The summary is printed already.
var errMigrationDiffers = errors.New("the tenant differs from Zephr")

// couldNotRunError ends a command with exit status 2.
type couldNotRunError struct{ error }

func (e couldNotRunError) Unwrap() error { return e.error }

// Run copies the users, verifies the copy, and prints what differs.
func (cmd *migrateZephrCmd) Run(ctx context.Context, cfg *config.Config, term terminal) error {
	err := cmd.run(ctx, cfg, term)
	switch {
	case err == nil || errors.Is(err, errMigrationDiffers):
		return err
	case ctx.Err() != nil:
		return couldNotRunError{errors.New("stopped; run the same command again to resume it")}
	default:
		return couldNotRunError{err}
	}
}

func (cmd *migrateZephrCmd) run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	bars := &stepBars{term: term}
	client, err := cmd.newClient(bars.retrying)
	if err != nil {
		return err
	}
	own := *cfg
	own.LogLevel = "warn" // the progress bar shows what goes well
	sys, err := openDatabase(ctx, &own, newLogger(&own, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	isNew, err := sys.findTenant(ctx, cmd.Tenant, cmd.CreateTenant)
	if err != nil {
		return err
	}
	if cmd.Dir == "" {
		cmd.Dir = filepath.Join(cfg.DataDir, "migrate-zephr", cmd.Tenant)
	}
	folder, err := fromzephr.OpenFolder(cmd.Dir, fromzephr.Source{URL: client.URL(), Tenant: cmd.Tenant, AppIDs: cmd.AppIDs, PageSize: cmd.PageSize}, cmd.Restart)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	if n := folder.Pages(); n > 0 {
		fmt.Fprintf(term.err, "Resuming after %d pages.\n", n)
	}
	defer bars.finish()
	if err := fromzephr.Download(ctx, client, folder, cmd.EachUser, bars.update); err != nil {
		return err
	}
	report, err := fromzephr.NewReport(folder.ReportPath())
	if err != nil {
		return err
	}
	m := zephrMigration{cmd: cmd, sys: sys, folder: folder, report: report, bars: bars, host: client.Host()}
	err = m.copy(ctx, isNew)
	if err = errors.Join(err, report.Close()); err != nil {
		return err
	}
	bars.finish()
	m.printSummary(term)
	if report.Differences() > 0 {
		return errMigrationDiffers
	}
	return folder.Clear()
}

// newClient checks the arguments before anything is opened.
func (cmd *migrateZephrCmd) newClient(retrying func(error, time.Duration)) (*fromzephr.Client, error) {
	const mostPerPage = 10_000
	switch {
	case cmd.PageSize < 1 || cmd.PageSize > mostPerPage:
		return nil, errs.Invalid("--page-size", "must be 1 to %d", mostPerPage)
	case auth.CheckTenantID(cmd.Tenant) != nil:
		return nil, auth.CheckTenantID(cmd.Tenant)
	}
	secret := os.Getenv(zephrSecretVariable)
	if cmd.SecretFile != "" {
		b, err := os.ReadFile(cmd.SecretFile)
		if err != nil {
			return nil, errs.Wrap(errs.CodeInvalidRequest, err, "--secret-file")
		}
		secret = strings.TrimSpace(string(b))
	}
	return fromzephr.NewClient(fromzephr.Options{URL: cmd.URL, AccessKey: cmd.AccessKey, SecretKey: secret, AllowHTTP: cmd.AllowHTTP, Retrying: retrying})
}

// zephrMigration copies the downloaded pages into the tenant.
type zephrMigration struct {
	cmd    *migrateZephrCmd
	sys    *system
	folder *fromzephr.Folder
	report *fromzephr.Report
	bars   *stepBars
	host   string // of Zephr

	prepared *fromzephr.Prepared
	imported importer.Report
	found    fromzephr.Counts
}

// copy imports the pages and verifies the tenant. Repeating it is harmless.
func (m *zephrMigration) copy(ctx context.Context, isNew bool) (err error) {
	if m.prepared, err = fromzephr.Prepare(ctx, m.folder, m.report); err != nil {
		return err
	}
	if isNew {
		if err := m.sys.ensureTenant(ctx, m.cmd.Tenant, m.cmd.Tenant); err != nil {
			return err
		}
	}
	err = m.importPages(ctx)
	words := fmt.Sprintf("egress migrate-zephr %s --tenant %s: %d read, %d new, %d updated, %d refused",
		m.host, m.cmd.Tenant, m.imported.Read, m.imported.Created, m.imported.Updated, m.imported.Refused)
	if err := m.sys.recordCommand(ctx, []string{m.cmd.Tenant}, words, err); err != nil {
		return err
	}
	renamed := fromzephr.Renamed{}
	for _, r := range m.imported.Renamed {
		if renamed[r.Kind] == nil {
			renamed[r.Kind] = map[string]string{}
		}
		renamed[r.Kind][r.From] = r.To
	}
	m.found, err = fromzephr.Verify(ctx, m.folder, m.prepared, &migratedTenant{m.sys, m.cmd.Tenant, nil}, renamed, m.cmd.Store, m.report, m.bars.update)
	return err
}

// importPages imports the schema, the products, the accounts and then the users.
func (m *zephrMigration) importPages(ctx context.Context) error {
	if err := fromzephr.ImportCatalog(ctx, m.folder, m.sys.stores.writer, m.cmd.Tenant, m.report); err != nil {
		return err
	}
	source, err := importer.File(m.prepared.Path)
	if err != nil {
		return err
	}
	if source.Size == 0 { // the importer refuses an empty file
		return nil
	}
	m.imported, err = importer.Run(ctx, m.sys.stores.writer, m.cmd.Tenant, source, importer.Options{
		ExtendSchema: true, DefaultStore: m.cmd.Store,
		OnRefusal: func(r importer.Refusal) {
			m.report.Add(fromzephr.Difference{Kind: "user", ID: r.UserID, Problem: fromzephr.Refused, Members: []string{r.Field}, Reason: r.Reason})
		},
		Progress: func(p importer.Progress) {
			m.bars.update("importing", int64(p.Pass-1)*p.BytesTotal+p.BytesRead, int64(p.Passes)*p.BytesTotal)
		},
	})
	return err
}
