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
	"github.com/egress-io/egress/internal/export"
)

// exportHelp is what `egress export --help` says beside the flags.
const exportHelp = `
Asks for an export, follows it, and brings its file home. Without --server it works on the databases of this
machine's configuration, as the other commands do; with it, it asks that server and signs with a key pair.

  egress export --tenant meridian --attributes --grants --attr country.equals.GB -o users.csv
  EGRESS_ACCESS_KEY=… EGRESS_ACCESS_SECRET=… egress export --server https://egress.example.com --grants -o users.csv

The file appears under its name when it is whole and its SHA-256 is the job's. What was fetched before a connection
broke is kept beside it and gone on with; where the command itself was stopped, --job fetches the file later.

On a terminal there is a progress bar; elsewhere a line for every phase. Exit status: 0 the files are there; 1 the
export failed, was cancelled or could not be fetched; 2 what was asked for is wrong; 3 the users file is there and the
state events are not.`

type exportCmd struct {
	Server       string        `env:"EGRESS_SERVER" placeholder:"URL" help:"Ask this server (default: export here)."`
	AccessKey    string        `env:"EGRESS_ACCESS_KEY" placeholder:"KEY" help:"The access key of a key pair, with --server."`
	AccessSecret config.Secret `env:"EGRESS_ACCESS_SECRET" placeholder:"SECRET" help:"Its secret key; better in the environment, where other users do not see it."`
	Tenant       string        `help:"The tenant (needed without --server; with it, it is the key pair's)."`
	Job          string        `placeholder:"ID" xor:"what" help:"Fetch the files of this job instead of asking for a new one."`

	Output       string `short:"o" type:"path" placeholder:"FILE" help:"Where the file is to be (default: its own name, here)."`
	EventsOutput string `type:"path" placeholder:"FILE" help:"Where the file of state events is to be (default: its own name, beside the other)."`
	Force        bool   `short:"f" help:"Replace files that are there."`

	Definition       string   `type:"existingfile" xor:"what" placeholder:"FILE" help:"The definition, as JSON in a file, instead of the flags that follow."`
	Attributes       bool     `help:"Columns of attributes (what is exported where nothing is asked for)."`
	AppIDs           []string `name:"app-ids" placeholder:"ID,…" help:"Columns of extended profiles, by app id, or all."`
	OnlyMatching     bool     `help:"Only users who have one of these profiles."`
	ForeignKeys      bool     `help:"Columns of foreign keys."`
	Grants           bool     `help:"One row per subscription."`
	Store            string   `placeholder:"ID" help:"A user store (default: all)."`
	Filter           string   `xor:"filter" placeholder:"JSON" help:"A filter, as in a definition."`
	Attr             string   `xor:"filter" placeholder:"SLUG.OPERATION.VALUE,…" help:"Conditions on attributes, as in GET /v4/user-export."`
	Search           string   `placeholder:"WORDS" help:"Only users whom the search of the users screen finds."`
	Since            string   `placeholder:"TIME" help:"Only users updated at or after it."`
	RegisteredSince  string   `placeholder:"TIME" help:"Only users registered at or after it."`
	RegisteredBefore string   `placeholder:"TIME" help:"Only users registered before it."`
	StateEvents      bool     `help:"State events, in a second file; alone, where nothing else is asked for."`
	From             string   `placeholder:"TIME" help:"State events from then on."`
	To               string   `placeholder:"TIME" help:"State events up to then."`
	Dialect          string   `default:"rfc4180" enum:"rfc4180,spreadsheet" help:"rfc4180, or spreadsheet with a byte-order mark and guarded formulas."`
	Compression      string   `default:"none" enum:"none,gzip,zstd" help:"none, gzip or zstd."`
}

// Help is shown with --help.
func (exportCmd) Help() string { return strings.TrimSpace(exportHelp) }

// errEvents ends the command with status 3.
var errEvents = errors.New("the state events export failed; the users file is there")

// Run exports, and brings the files home.
func (cmd *exportCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	definition, err := cmd.definition()
	if err != nil {
		return cmd.inFlags(err)
	}
	for flag, path := range map[string]string{"--output": cmd.Output, "--events-output": cmd.EventsOutput} {
		if err := cmd.free(flag, path); err != nil {
			return err
		}
	}
	from, err := cmd.source(ctx, cfg, term)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	id := cmd.Job
	if id == "" {
		job, err := from.start(ctx, definition)
		if err != nil {
			return told(cmd.inFlags(err))
		}
		id = job.ID
		fmt.Fprintf(term.err, "Job %s: %s\n", id, job.Words)
		if job.StreamURL != "" {
			return told(cmd.stream(ctx, from, job, term))
		}
	}
	show := newFollower(term)
	job, err := apiclient.Follow(ctx, from, id, show.job)
	show.end()
	if ctx.Err() != nil {
		return fmt.Errorf("stopped; the export goes on: fetch it with --job %s", id)
	}
	if err == nil {
		err = job.Ended()
	}
	if err != nil {
		return told(err)
	}
	for i := range job.Files {
		if err := cmd.fetch(ctx, from, job, &job.Files[i], term); err != nil {
			return told(err)
		}
	}
	return cmd.whole(job, term)
}

// whole tells what a reader of the files should know, and where only the state events failed.
func (cmd *exportCmd) whole(job *apiclient.Job, term terminal) error {
	for _, w := range job.Warnings {
		fmt.Fprintln(term.err, "Note:", w.Message)
	}
	if job.Outcome == export.CompletedWithErrors {
		return errEvents
	}
	return nil
}

// fetch brings a file of a job home.
func (cmd *exportCmd) fetch(ctx context.Context, from source, job *apiclient.Job, file *apiclient.File, term terminal) error {
	path := cmd.path(file.Kind, file.Name)
	if err := cmd.free("--output", path); err != nil {
		return err
	}
	bar := newBar(term, file.Name, file.Bytes, progressbar.OptionShowBytes(true))
	_, err := apiclient.Download(ctx, from, job.ID, file.Kind, path, bar.set)
	bar.finish()
	if err != nil {
		return fmt.Errorf("%s: %w (what was fetched is kept: go on with --job %s)", file.Name, err, job.ID)
	}
	cmd.tell(term, path, file)
	return nil
}

func (cmd *exportCmd) tell(term terminal, path string, file *apiclient.File) {
	fmt.Fprintf(term.out, "%s: %s, %s, SHA-256 %s\n", path, export.Counted(file.Rows, "row", "rows"), export.Counted(file.Bytes, "byte", "bytes"), file.SHA256)
}

// path is where a file is to be.
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

// free refuses to replace a file that nobody said to replace.
func (cmd *exportCmd) free(flag, path string) error {
	if path == "" || cmd.Force {
		return nil
	}
	if _, err := os.Stat(path); err == nil {
		return export.Invalid(flag, "%s is there already; --force replaces it", path)
	}
	return nil
}

func (cmd *exportCmd) onlyEvents() bool { return cmd.StateEvents && !cmd.users() }

// users reports whether columns of a users file were asked for.
func (cmd *exportCmd) users() bool {
	return cmd.Attributes || len(cmd.AppIDs) > 0 || cmd.ForeignKeys || cmd.Grants
}

// definition is what the flags ask for, in the form of the API; nil where a job is there.
func (cmd *exportCmd) definition() (json.RawMessage, error) {
	if cmd.Job != "" {
		return nil, nil
	}
	text, err := cmd.definitionText()
	if err != nil {
		return nil, err
	}
	if _, err := export.Decode(text); err != nil {
		return nil, err
	}
	return text, nil
}

func (cmd *exportCmd) definitionText() ([]byte, error) {
	if cmd.Definition != "" {
		text, err := os.ReadFile(cmd.Definition)
		if err != nil {
			return nil, export.Wrap(export.CodeInvalid, err, "--definition")
		}
		return text, nil
	}
	include := map[string]any{"attributes": cmd.Attributes || !cmd.users() && !cmd.StateEvents, "foreignKeys": cmd.ForeignKeys, "grants": cmd.Grants}
	if len(cmd.AppIDs) > 0 {
		include["extendedProfiles"] = map[string]any{"appIds": cmd.AppIDs, "onlyMatching": cmd.OnlyMatching}
	} else if cmd.OnlyMatching {
		return nil, export.Invalid("--only-matching", "needs --app-ids")
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
		rule, err := export.ParseAttr(cmd.Attr)
		if err != nil {
			return nil, err
		}
		selection["filter"] = rule
	case cmd.Filter != "" && !json.Valid([]byte(cmd.Filter)):
		return nil, export.Invalid("--filter", "is not JSON")
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
		return nil, export.Invalid("--state-events", "is missing: --from and --to are those of the state events")
	}
	return json.Marshal(body)
}

// told is an error for the terminal: what a server refuses is a matter of what was asked, where it says so.
func told(err error) error {
	r, ok := errors.AsType[*apiclient.RefusalError](err)
	if ok && (r.Status == http.StatusBadRequest || r.Status == http.StatusNotFound || r.Status == http.StatusUnprocessableEntity) {
		return export.Errorf(export.CodeInvalid, "%s", r.Error())
	}
	return err
}

// flagOf is the flag that says what stands at a path of a definition.
var flagOf = map[string]string{
	"include.extendedProfiles": "--app-ids", "users.userStoreId": "--store", "users.search": "--search", "users.since": "--since",
	"users.registeredSince": "--registered-since", "users.registeredBefore": "--registered-before", "stateEvents.from": "--from", "stateEvents.to": "--to",
}

// inFlags names what is wrong by the flag that said it.
func (cmd *exportCmd) inFlags(err error) error {
	e, ok := errors.AsType[*export.Error](err)
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
