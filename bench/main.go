// Command bench measures the export pipeline of Egress against any MongoDB, next to two references
// that run in the same rounds: a driver cursor that only counts bytes, and mongoexport if it is on
// the PATH.
//
//	EGRESS_MONGODB_URI=mongodb://127.0.0.1:27017 go run ./bench -tenant acme
//
// It only reads the collection users of the tenant's database (egress_t_bench by default; see
// -tenant and EGRESS_MONGODB_DATABASE). Schema, products and accounts come from the tenant. If the
// tenant has none, bench derives them from the first thousand users.
//
// Every measurement runs in its own process, so CPU seconds and peak memory come from the kernel
// (wait4). The measurements run in rounds, so that other load on the machine affects all of them
// equally. -only selects measurements by name, -profile writes a CPU profile of each, and -cmp
// compares every value of the file with mongoexport's instead of measuring.
//
// docs/benchmarks.md explains how to read the figures.
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

	"github.com/egress-io/egress/bench/measure"
)

// childCommand is the hidden command for child processes.
const childCommand = "child"

// flags are the command-line flags and environment variables.
type flags struct {
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
		os.Exit(status(runChild(ctx, os.Stdin, os.Stdout)))
	}
	o, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2) // parse has printed the error
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

func parse(args []string) (flags, error) {
	o := flags{uri: os.Getenv("EGRESS_MONGODB_URI"), database: cmp.Or(os.Getenv("EGRESS_MONGODB_DATABASE"), "egress")}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.tenant, "tenant", "bench", "the tenant whose users are read, from the database <EGRESS_MONGODB_DATABASE>_t_<tenant>")
	f.IntVar(&o.runs, "runs", 3, "number of rounds")
	only := f.String("only", "", "measure only scenarios whose name matches this regular expression")
	f.StringVar(&o.profile, "profile", "", "a folder for CPU profiles of the measured processes")
	f.StringVar(&o.dir, "dir", "", "a folder for the stored files; default: the system's folder for temporary files")
	f.IntVar(&o.gogc, "gogc", 0, "GOGC of the export processes; default: 30, as in a worker")
	f.BoolVar(&o.compare, "cmp", false, "compare the file with mongoexport's, value by value, instead of measuring")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	var err error
	if o.only, err = regexp.Compile(*only); err == nil && o.uri == "" {
		err = errors.New("EGRESS_MONGODB_URI is not set: set it to the address of the MongoDB with the users")
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

// bench measures or compares, and writes the report to out.
func bench(ctx context.Context, o flags, out io.Writer) error {
	var l tenantData
	if err := o.query(ctx, childSpec{Kind: kindInspect}, &l); err != nil {
		return fmt.Errorf("inspect the tenant: %w", err)
	}
	if o.compare {
		return compare(ctx, o, l, out)
	}
	fmt.Fprintf(out, "%s\n\n", measure.Machine())
	all, err := measureAll(ctx, o, l)
	if err != nil {
		return err
	}
	report(out, all)
	return nil
}

// measureAll runs all scenarios, round by round.
func measureAll(ctx context.Context, o flags, l tenantData) ([]series, error) {
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
			got, err := o.measure(ctx, s.scenario, l, round)
			switch {
			case ctx.Err() != nil:
				return nil, context.Cause(ctx)
			case errors.Is(err, errUnavailable):
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

// query runs a child without measuring it, and decodes its output into v.
func (o flags) query(ctx context.Context, s childSpec, v any) error {
	_, output, err := o.spawn(ctx, s)
	if err != nil {
		return err
	}
	return json.Unmarshal(output, v)
}
