// Command embedded measures Egress with its embedded store, end to end: the program itself, with
// files, processes and HTTP requests, as an operator runs it.
//
//	make bench-embedded
//	go run ./bench/embedded -users 1000000 -runs 1
//
// Every round imports the same generated users into a new data directory, imports them again, starts
// the server, sends requests and runs an export. The table shows the targets of docs/benchmarks.md
// next to the results, for the numbers of users that have targets.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/egress-io/egress/bench/measure"
)

// flags are the command-line flags.
type flags struct {
	users, runs int
	only        *regexp.Regexp
	dir         string
	program     string // the path of egress
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2) // parse has printed the error
	}
	if err := bench(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (flags, error) {
	var o flags
	f := flag.NewFlagSet("embedded", flag.ContinueOnError)
	f.IntVar(&o.users, "users", 100_000, "number of users, about 1 kB each")
	f.IntVar(&o.runs, "runs", 3, "number of rounds")
	only := f.String("only", "", "run only the steps whose name matches this regular expression: again, requests, page, export; import and start always run")
	f.StringVar(&o.dir, "dir", "", "a folder for the data; default: the system's folder for temporary files")
	f.StringVar(&o.program, "egress", "bin/egress", "the program to measure")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	var err error
	if o.only, err = regexp.Compile(*only); err == nil && (o.runs < 1 || o.users < 1) {
		err = errors.New("-runs and -users must be 1 or more")
	}
	if err == nil {
		if o.program, err = filepath.Abs(o.program); err == nil {
			_, err = os.Stat(o.program)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	return o, err
}

// bench measures, and writes the report to out.
func bench(ctx context.Context, o flags, out io.Writer) (err error) {
	dir, err := os.MkdirTemp(o.dir, "egress-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	data := newDataSet(o.users, time.Now())
	if err := data.write(filepath.Join(dir, "users.ndjson")); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s. %d users, %.0f MB of NDJSON.\n\n", measure.Machine(), o.users, float64(data.bytes)/1e6)
	r := newReport(o.users)
	for n := range o.runs {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", n+1, o.runs)
		rd := &round{flags: o, dir: filepath.Join(dir, fmt.Sprint(n)), data: data, report: r}
		if err := rd.run(ctx); err != nil {
			return err
		}
	}
	_, err = io.WriteString(out, r.String())
	return err
}
