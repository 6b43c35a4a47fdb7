// Command bench measures the engine of Egress against any MongoDB, beside two yardsticks that run in the same go: a cursor
// of the driver that only counts bytes, and mongoexport where it is on the PATH.
//
//	EGRESS_MONGODB_URI=mongodb://127.0.0.1:27017 go run ./bench -tenant acme
//
// It reads the collection users of the tenant's database (egress_t_bench unless -tenant and EGRESS_MONGODB_DATABASE say
// otherwise) and changes nothing there. Schema, products and accounts are the tenant's own; where it has none, as on a server
// that only has users, they are made up from the first thousand users.
//
// Every measurement is a process of its own, so that CPU seconds and peak memory are what the kernel says of it (wait4).
// The measurements take turns, round after round: what else the machine does hits all of them alike. -only picks some by
// their names, -profile keeps a CPU profile of each, and -cmp compares every value of the file with mongoexport's instead of
// measuring.
//
// docs/benchmarks.md says how the figures are to be read.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
)

// childCommand is the hidden command with which bench runs itself.
const childCommand = "child"

// settings are the flags.
type settings struct {
	uri, database, tenant string

	runs    int
	only    *regexp.Regexp
	profile string
	dir     string
	gogc    int
	compare bool
}

var errDiffers = errors.New("the files differ")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 2 && os.Args[1] == childCommand {
		os.Exit(status(child(ctx, os.Stdin, os.Stdout)))
	}
	o, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2) // the flag package has said why
	}
	os.Exit(status(bench(ctx, o, os.Stdout)))
}

func status(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	return 1
}

func parse(args []string) (settings, error) {
	o := settings{uri: os.Getenv("EGRESS_MONGODB_URI"), database: cmp.Or(os.Getenv("EGRESS_MONGODB_DATABASE"), "egress")}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.tenant, "tenant", "bench", "the tenant whose users are read: those of the database <EGRESS_MONGODB_DATABASE>_t_<tenant>")
	f.IntVar(&o.runs, "runs", 3, "how often everything is measured")
	only := f.String("only", "", "measure only what has a name that this regular expression matches")
	f.StringVar(&o.profile, "profile", "", "a folder for CPU profiles of the measured processes")
	f.StringVar(&o.dir, "dir", "", "a folder for the stored files; the system's own for temporary files unless set")
	f.IntVar(&o.gogc, "gogc", 0, "GOGC of the engine's processes; 30, which a worker sets itself, unless set")
	f.BoolVar(&o.compare, "cmp", false, "compare the file with mongoexport's, value by value, and measure nothing")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	var err error
	if o.only, err = regexp.Compile(*only); err == nil && o.uri == "" {
		err = errors.New("EGRESS_MONGODB_URI is not set: it says where the users are")
	}
	if err == nil && o.runs < 1 {
		err = errors.New("-runs must be 1 or more")
	}
	if err == nil && o.profile != "" {
		if o.profile, err = filepath.Abs(o.profile); err == nil { // a gateway changes its working directory
			err = os.MkdirAll(o.profile, 0o750)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	return o, err
}

// bench measures or compares, and writes what it found.
func bench(ctx context.Context, o settings, out io.Writer) error {
	var l layout
	if err := o.ask(ctx, spec{Kind: kindLook}, &l); err != nil {
		return fmt.Errorf("look at the users: %w", err)
	}
	if o.compare {
		return compare(ctx, o, l, out)
	}
	fmt.Fprintf(out, "%s\n\n", machine())
	all, err := measure(ctx, o, l)
	if err != nil {
		return err
	}
	report(out, all)
	return nil
}

// measure runs all scenarios in turns.
func measure(ctx context.Context, o settings, l layout) ([]series, error) {
	var all []series
	for _, s := range scenarios() {
		if o.only.MatchString(s.name) {
			all = append(all, series{scenario: s})
		}
	}
	for round := range o.runs {
		for i := range all {
			s := &all[i]
			if s.skipped != "" {
				continue
			}
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, o.runs, s.name)
			got, err := o.run(ctx, s.scenario, l, round)
			switch {
			case ctx.Err() != nil:
				return nil, context.Cause(ctx)
			case errors.Is(err, errNotHere):
				s.skipped = err.Error()
			case err != nil:
				return nil, fmt.Errorf("%s: %w", s.name, err)
			default:
				s.runs = append(s.runs, got)
			}
		}
	}
	return all, nil
}

// ask runs a child that measures nothing, and decodes what it answers into v.
func (o settings) ask(ctx context.Context, s spec, v any) error {
	_, answer, err := o.spawn(ctx, s)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, v)
}
