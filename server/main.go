// Command egress exports the users of a subscription business and their subscriptions into CSV
// files whose content is verified.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
)

// version is the version of this build. The linker sets it.
var version = "unknown"

// cli is the command line: the commands and the settings. Each setting is also an environment
// variable.
type cli struct {
	config.Config

	Serve        serveCmd        `cmd:"" default:"withargs" help:"Serve the console and the API, and run exports."`
	Worker       workerCmd       `cmd:"" help:"Run exports only, without the console and the API."`
	Seed         seedCmd         `cmd:"" help:"Create or reset the demo data."`
	Import       importCmd       `cmd:"" help:"Import users from JSON: Zephr's user export, or one user per line; or state events."`
	Admin        adminCmd        `cmd:"" help:"Add an admin, or reset a password."`
	Scan         scanCmd         `cmd:"" help:"Rebuild the list of foreign systems and app ids, and the folded text for searches, from a tenant's users."`
	Export       exportCmd       `cmd:"" help:"Export users, in this process or on a server, and download the files."`
	Verify       verifyCmd       `cmd:"" help:"Read a job's files from the storage and compare them with its receipt."`
	Backup       backupCmd       `cmd:"" help:"Write the embedded database and its secret key to an archive, also while Egress runs."`
	Restore      restoreCmd      `cmd:"" help:"Restore an archive into an empty data directory."`
	Audit        auditCmd        `cmd:"" help:"Verify the audit log."`
	Migrate      migrateCmd      `cmd:"" help:"Copy the embedded database to MongoDB, and verify the copy."`
	MigrateZephr migrateZephrCmd `cmd:"" help:"Copy the users of a Zephr tenant into a tenant of Egress, and verify the copy."`
	Embedded     embeddedCmd     `cmd:"" help:"Serve only the embedded Redis and S3, on loopback, for tests with several processes."`
	Version      versionCmd      `cmd:"" help:"Print the version."`
}

// terminal holds the standard output and the standard error of a command. Logs go to err.
type terminal struct{ out, err io.Writer }

// errPartialImport ends an import with exit status 1: the import ran and skipped values or records.
// The import prints its own summary, so this error is not printed.
var errPartialImport = errors.New("the import skipped values or records")

func main() { os.Exit(program(os.Args[1:], terminal{os.Stdout, os.Stderr})) }

// program runs one command and returns its exit status: 0 success, 1 failure or a partial import,
// 2 invalid input, 3 only the state events of an export failed.
func program(args []string, term terminal) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once

	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("egress"), kong.Writers(term.out, term.err), kong.UsageOnError(),
		kong.Description("Egress exports users and their subscriptions into CSV files whose content is verified."),
		kong.Exit(func(code int) { exit = code }))
	if err == nil {
		err = config.UnsetEmpty()
	}
	if err != nil {
		fmt.Fprintln(term.err, "egress:", err)
		return 1
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		fmt.Fprintln(term.err, "egress:", withVariableNames(parser, args, err))
		return 2
	}
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(&c.Config, term)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errPartialImport), errors.Is(err, errMigrationDiffers):
		return 1
	case errors.Is(err, errEvents):
		fmt.Fprintln(term.err, "egress:", err)
		return 3
	}
	printError(term.err, err)
	return status(err)
}

// printError prints an error, and what the operator can do about it.
func printError(w io.Writer, err error) {
	fmt.Fprintln(w, "egress:", err)
	if o, ok := errors.AsType[*errs.OutageError](err); ok && o.Advice != "" {
		fmt.Fprintln(w, o.Advice)
	}
}

type versionCmd struct{}

func (versionCmd) Run(term terminal) error {
	_, err := fmt.Fprintln(term.out, "egress", version)
	return err
}
