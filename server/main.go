// Command egress exports the users of a subscription business, and what they bought, into files that can be trusted.
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
)

// version is set by the linker.
var version = "unknown"

// cli is the command line: the settings, which are environment variables too, and the commands.
type cli struct {
	config.Config

	Serve    serveCmd    `cmd:"" default:"withargs" help:"Serve the console and the API, and work on exports."`
	Worker   workerCmd   `cmd:"" help:"Work on exports only."`
	Seed     seedCmd     `cmd:"" help:"Make demo data."`
	Import   importCmd   `cmd:"" help:"Import users from JSON: Zephr's user export, or one user per line; or state events."`
	Admin    adminCmd    `cmd:"" help:"Add an admin, and print the password."`
	Scan     scanCmd     `cmd:"" help:"Rebuild the list of foreign systems and app ids from a tenant's users."`
	Export   exportCmd   `cmd:"" help:"Export users, here or on a server, and bring the file home."`
	Verify   verifyCmd   `cmd:"" help:"Read a job's files again, and compare them with its receipt."`
	Embedded embeddedCmd `cmd:"" help:"Serve only the embedded database, Redis and S3 on loopback, for tests of several processes."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// terminal is where a command speaks to whoever typed it. Logs go elsewhere.
type terminal struct{ out, err io.Writer }

// errRefused ends a command with status 1: it worked, but not everything was taken.
var errRefused = errors.New("not everything was taken")

func main() { os.Exit(program(os.Args[1:], terminal{os.Stdout, os.Stderr})) }

// program runs one command and returns its exit status: 0, 1 where it failed, 2 where what it was given is wrong.
func program(args []string, term terminal) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once

	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("egress"), kong.Writers(term.out, term.err), kong.UsageOnError(),
		kong.Description("Egress exports users, and what they bought, into files that can be trusted."),
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
		fmt.Fprintln(term.err, "egress:", err)
		return 2
	}
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(&c.Config, term)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errRefused):
		return 1
	case errors.Is(err, errEvents):
		fmt.Fprintln(term.err, "egress:", err)
		return 3
	}
	fmt.Fprintln(term.err, "egress:", err)
	return status(err)
}

type versionCmd struct{}

func (versionCmd) Run(term terminal) error {
	_, err := fmt.Fprintln(term.out, "egress", version)
	return err
}
