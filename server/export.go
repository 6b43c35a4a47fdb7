package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"

	"github.com/egress-io/egress/internal/apiclient"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
)

// exportHelp is the text of `egress export --help`, in addition to the flags.
const exportHelp = `
Starts an export, follows it, and downloads its file. Without --server it works on the databases of this machine's
configuration, as the other commands do; with --server it calls that server and signs requests with a key pair.

  egress export --tenant meridian --attributes --grants --attr country.equals.GB -o users.csv
  EGRESS_ACCESS_KEY=… EGRESS_ACCESS_SECRET=… egress export --server https://egress.example.com --grants -o users.csv

The file appears under its name when it is complete and its SHA-256 equals the job's. After a lost connection, the
download resumes from the bytes that were kept; after the command itself was stopped, --job fetches the file.

On a terminal the command shows a progress bar; elsewhere it prints a line for each phase. Exit status: 0 the files were
downloaded; 1 the export failed, was cancelled or could not be downloaded; 2 the request is invalid; 3 the users file was
downloaded and the state events failed.`

type exportCmd struct {
	Server       string        `env:"EGRESS_SERVER" placeholder:"URL" help:"Call this server (default: export in this process)."`
	AccessKey    string        `env:"EGRESS_ACCESS_KEY" placeholder:"KEY" help:"The access key of a key pair, with --server."`
	AccessSecret config.Secret `env:"EGRESS_ACCESS_SECRET" placeholder:"SECRET" help:"Its secret key. Set it in the environment, where other users cannot read it."`
	Tenant       string        `help:"The tenant (required without --server; with it, the key pair's)."`
	Job          string        `placeholder:"ID" xor:"what" help:"Download the files of this job instead of starting one."`

	Output       string `short:"o" type:"path" placeholder:"FILE" help:"Where to store the file (default: its own name in this directory)."`
	EventsOutput string `type:"path" placeholder:"FILE" help:"Where to store the state events file (default: its own name, next to the other file)."`
	Force        bool   `short:"f" help:"Replace existing files."`

	Definition       string   `type:"existingfile" xor:"what" placeholder:"FILE" help:"A JSON file with the definition, instead of the following flags."`
	Attributes       bool     `help:"Columns of attributes (the default if no columns are selected)."`
	AppIDs           []string `name:"app-ids" placeholder:"ID,…" help:"Columns of extended profiles, by app id, or all."`
	OnlyMatching     bool     `help:"Only users who have one of these profiles."`
	ForeignKeys      bool     `help:"Columns of foreign keys."`
	Grants           bool     `help:"One row per subscription."`
	Store            string   `placeholder:"ID" help:"A user store (default: all)."`
	Filter           string   `xor:"filter" placeholder:"JSON" help:"A filter, as in a definition."`
	Attr             string   `xor:"filter" placeholder:"SLUG.OPERATION.VALUE,…" help:"Conditions on attributes, as in GET /v4/user-export."`
	Search           string   `placeholder:"WORDS" help:"Only users that the search of the users screen finds."`
	Since            string   `placeholder:"TIME" help:"Only users updated at or after it."`
	RegisteredSince  string   `placeholder:"TIME" help:"Only users registered at or after it."`
	RegisteredBefore string   `placeholder:"TIME" help:"Only users registered before it."`
	StateEvents      bool     `help:"State events, in a second file; the only file if no columns are selected."`
	From             string   `placeholder:"TIME" help:"State events from this time on."`
	To               string   `placeholder:"TIME" help:"State events up to this time."`
	Dialect          string   `default:"rfc4180" enum:"rfc4180,spreadsheet" help:"rfc4180, or spreadsheet with a byte-order mark and guarded formulas."`
	Compression      string   `default:"none" enum:"none,gzip,zstd" help:"none, gzip or zstd."`
}

// Help is shown with --help.
func (exportCmd) Help() string { return strings.TrimSpace(exportHelp) }

// errEvents ends the command with status 3.
var errEvents = errors.New("the state events export failed; the users file was downloaded")

// Run exports users and downloads the files.
func (cmd *exportCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	definition, err := cmd.definition()
	if err != nil {
		return cmd.inFlags(err)
	}
	for flag, path := range map[string]string{"--output": cmd.Output, "--events-output": cmd.EventsOutput} {
		if err := cmd.refuseOverwrite(flag, path); err != nil {
			return err
		}
	}
	from, err := cmd.openSource(ctx, cfg, term)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	id := cmd.Job
	if id == "" {
		job, err := from.start(ctx, definition)
		if err != nil {
			return asUsageError(cmd.inFlags(err))
		}
		id = job.ID
		fmt.Fprintf(term.err, "Job %s: %s\n", id, job.Words)
		if job.StreamURL != "" {
			return asUsageError(cmd.stream(ctx, from, job, term))
		}
	}
	progress := newJobProgress(term)
	job, err := apiclient.Follow(ctx, from, id, progress.update)
	progress.finish()
	if ctx.Err() != nil {
		return fmt.Errorf("stopped; the export continues: fetch it with --job %s", id)
	}
	if err == nil {
		err = job.Ended()
	}
	if err != nil {
		return asUsageError(err)
	}
	for i := range job.Files {
		if err := cmd.fetch(ctx, from, job, &job.Files[i], term); err != nil {
			return asUsageError(err)
		}
	}
	return cmd.reportWarnings(job, term)
}

// reportWarnings prints the warnings of a job. It returns errEvents if only the state events
// failed.
func (cmd *exportCmd) reportWarnings(job *apiclient.Job, term terminal) error {
	for _, w := range job.Warnings {
		fmt.Fprintln(term.err, "Note:", w.Message)
	}
	if job.Outcome == export.CompletedWithErrors {
		return errEvents
	}
	return nil
}

// stream receives the files of a sync job while they are made.
func (cmd *exportCmd) stream(ctx context.Context, from exportSource, job *apiclient.Job, term terminal) error {
	for job.StreamURL != "" {
		kind := export.UsersFile
		if cmd.onlyEvents() || job.File(export.UsersFile) != nil {
			kind = export.StateEventsFile
		}
		path := cmd.path(kind, string(kind)+"_"+job.ID+".csv"+export.Compression(cmd.Compression).Suffix())
		if err := cmd.refuseOverwrite("--output", path); err != nil {
			return err
		}
		bar := newProgressBar(term, string(kind), -1, progressbar.OptionShowBytes(true))
		after, err := apiclient.Stream(ctx, from, job, kind, path, bar.set)
		bar.finish()
		if err != nil && kind == export.StateEventsFile && job.File(export.UsersFile) != nil {
			return errEvents
		}
		if err != nil {
			return err
		}
		cmd.reportFile(term, path, after.File(kind))
		job = after
	}
	return cmd.reportWarnings(job, term)
}

// fetch downloads a file of a job.
func (cmd *exportCmd) fetch(ctx context.Context, from exportSource, job *apiclient.Job, file *apiclient.File, term terminal) error {
	path := cmd.path(file.Kind, file.Name)
	if err := cmd.refuseOverwrite("--output", path); err != nil {
		return err
	}
	bar := newProgressBar(term, file.Name, file.Bytes, progressbar.OptionShowBytes(true))
	_, err := apiclient.Download(ctx, from, job.ID, file.Kind, path, bar.set)
	bar.finish()
	if err != nil {
		return fmt.Errorf("%s: %w (the downloaded bytes are kept: resume with --job %s)", file.Name, err, job.ID)
	}
	cmd.reportFile(term, path, file)
	return nil
}

func (cmd *exportCmd) reportFile(term terminal, path string, file *apiclient.File) {
	fmt.Fprintf(term.out, "%s: %s, %s, SHA-256 %s\n", path, export.Pluralize(file.Rows, "row", "rows"), export.Pluralize(file.Bytes, "byte", "bytes"), file.SHA256)
}

// path returns where to store a file.
func (cmd *exportCmd) path(kind export.FileKind, name string) string {
	switch {
	case kind == export.StateEventsFile && cmd.EventsOutput != "":
		return cmd.EventsOutput
	case kind == export.StateEventsFile && cmd.Output != "" && !cmd.onlyEvents():
		return filepath.Join(filepath.Dir(cmd.Output), filepath.Base(name))
	case cmd.Output != "":
		return cmd.Output
	default:
		return filepath.Base(name)
	}
}

// refuseOverwrite returns an error if the file exists and --force is not set.
func (cmd *exportCmd) refuseOverwrite(flag, path string) error {
	if path == "" || cmd.Force {
		return nil
	}
	if _, err := os.Stat(path); err == nil {
		return errs.Invalid(flag, "%s exists already; --force replaces it", path)
	}
	return nil
}

func (cmd *exportCmd) onlyEvents() bool { return cmd.StateEvents && !cmd.users() }

// users reports whether the flags select columns of a users file.
func (cmd *exportCmd) users() bool {
	return cmd.Attributes || len(cmd.AppIDs) > 0 || cmd.ForeignKeys || cmd.Grants
}

// definition returns the definition that the flags describe, as JSON; nil with --job.
func (cmd *exportCmd) definition() (json.RawMessage, error) {
	if cmd.Job != "" {
		return nil, nil
	}
	text, err := cmd.definitionText()
	if err != nil {
		return nil, err
	}
	if _, err := decode.Definition(text); err != nil {
		return nil, err
	}
	return text, nil
}

func (cmd *exportCmd) definitionText() ([]byte, error) {
	if cmd.Definition != "" {
		text, err := os.ReadFile(cmd.Definition)
		if err != nil {
			return nil, errs.Wrap(errs.CodeInvalidRequest, err, "--definition")
		}
		return text, nil
	}
	include := map[string]any{"attributes": cmd.Attributes || !cmd.users() && !cmd.StateEvents, "foreignKeys": cmd.ForeignKeys, "grants": cmd.Grants}
	if len(cmd.AppIDs) > 0 {
		include["extendedProfiles"] = map[string]any{"appIds": cmd.AppIDs, "onlyMatching": cmd.OnlyMatching}
	} else if cmd.OnlyMatching {
		return nil, errs.Invalid("--only-matching", "needs --app-ids")
	}
	selection := map[string]any{}
	for member, value := range map[string]string{
		"userStoreId": cmd.Store, "search": cmd.Search, "since": cmd.Since, "registeredSince": cmd.RegisteredSince, "registeredBefore": cmd.RegisteredBefore,
	} {
		if value != "" {
			selection[member] = value
		}
	}
	switch {
	case cmd.Attr != "":
		rule, err := decode.Attr(cmd.Attr)
		if err != nil {
			return nil, err
		}
		selection["filter"] = rule
	case cmd.Filter != "" && !json.Valid([]byte(cmd.Filter)):
		return nil, errs.Invalid("--filter", "is not valid JSON")
	case cmd.Filter != "":
		selection["filter"] = json.RawMessage(cmd.Filter)
	}
	body := map[string]any{"include": include, "users": selection, "file": map[string]any{"dialect": cmd.Dialect, "compression": cmd.Compression}}
	switch {
	case cmd.StateEvents:
		events := map[string]any{}
		if cmd.From != "" {
			events["from"] = cmd.From
		}
		if cmd.To != "" {
			events["to"] = cmd.To
		}
		body["stateEvents"] = events
	case cmd.From != "" || cmd.To != "":
		return nil, errs.Invalid("--state-events", "is missing: --from and --to are those of the state events")
	}
	return json.Marshal(body)
}

// asUsageError returns an invalid request that a server refused as an error of the command line.
func asUsageError(err error) error {
	r, ok := errors.AsType[*apiclient.RefusalError](err)
	if ok && (r.Status == http.StatusBadRequest || r.Status == http.StatusNotFound || r.Status == http.StatusUnprocessableEntity) {
		return errs.Errorf(errs.CodeInvalidRequest, "%s", r.Error())
	}
	return err
}

// flagOf maps paths of a definition to flags.
var flagOf = map[string]string{
	"include.extendedProfiles": "--app-ids", "users.userStoreId": "--store", "users.search": "--search", "users.since": "--since",
	"users.registeredSince": "--registered-since", "users.registeredBefore": "--registered-before", "stateEvents.from": "--from", "stateEvents.to": "--to",
}

// inFlags replaces the path of an invalid field by the flag that sets it.
func (cmd *exportCmd) inFlags(err error) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || cmd.Definition != "" {
		return err
	}
	named := *e
	if strings.HasPrefix(e.Field, "users.filter") || e.Field == "attr" {
		named.Field = "--filter"
		if cmd.Attr != "" {
			named.Field = "--attr"
		}
		return &named
	}
	for path, flag := range flagOf {
		if strings.HasPrefix(e.Field, path) {
			named.Field = flag
			return &named
		}
	}
	return err
}
