// Command fanout measures live progress: many WebSockets that receive the states of many jobs, from
// Redis through the server to the client. It compares Egress with the library centrifuge.
//
//	make bench-fanout
//	make bench-fanout BENCH='-loads 4000/200 -runs 1'
//
// Both servers, redis-server and the clients run on this machine, on loopback. Docs/benchmarks.md says
// what is measured.
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
	"strings"
	"syscall"
	"time"

	"github.com/egress-io/egress/bench/measure"
)

// The limits of a load.
const (
	maxSockets        = 20_000
	maxSocketsPerJob  = 20 // Egress closes the oldest socket of an admin who has more
	maxRate           = 20
	maxDuration       = 5 * time.Minute
	maxRuns           = 20
	defaultLoads      = "1000/50,4000/200,9000/450"
	defaultEgress     = "bin/egress"
	defaultCentrifuge = "bin/bench-centrifuge"
)

// load is a number of sockets and of the jobs whose states they receive. Each socket belongs to one
// job.
type load struct{ sockets, jobs int }

// flags are the command-line flags.
type flags struct {
	loads      []load
	rate       int // states per second of a job
	duration   time.Duration
	runs       int
	users      int
	exportRuns int
	program    string // the path of egress
	centrifuge string // the path of bench/fanout/centrifuge; "" for none
	dir        string
	faults     bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 4 && os.Args[1] == publishArgument {
		if err := publishLines(ctx, os.Args[2], os.Args[3] == "true", os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, "bench: publish:", err)
			os.Exit(1)
		}
		return
	}
	f, err := parse(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(2) // parse has printed the error
	}
	switch err := bench(ctx, f, os.Stdout); {
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "bench: interrupted")
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// parse parses the command line. It prints an error to out.
func parse(args []string, out io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("fanout", flag.ContinueOnError)
	set.SetOutput(out)
	loads := set.String("loads", defaultLoads, "numbers of sockets and jobs: SOCKETS/JOBS,…")
	set.IntVar(&f.rate, "rate", 4, "states per second of a job")
	set.DurationVar(&f.duration, "duration", 20*time.Second, "how long states are published before the exports begin")
	set.IntVar(&f.runs, "runs", 3, "number of rounds of each load")
	set.IntVar(&f.users, "users", 100_000, "number of users in the exports")
	set.IntVar(&f.exportRuns, "exports", 3, "number of exports to measure in each turn; 0: none")
	set.StringVar(&f.program, "egress", defaultEgress, "the program to measure")
	set.StringVar(&f.centrifuge, "centrifuge", defaultCentrifuge, "the program of bench/fanout/centrifuge; empty: measure only Egress")
	set.BoolVar(&f.faults, "faults", false, "only measure what Egress does while Redis fails")
	set.StringVar(&f.dir, "dir", "", "a folder for the data; default: the system's folder for temporary files")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	var err error
	if f.loads, err = parseLoads(*loads); err == nil {
		err = f.check()
	}
	if err != nil {
		fmt.Fprintln(out, "bench:", err)
	}
	return f, err
}

func parseLoads(text string) ([]load, error) {
	var loads []load
	for pair := range strings.SplitSeq(text, ",") {
		var l load
		var rest string
		if n, _ := fmt.Sscanf(pair, "%d/%d%s", &l.sockets, &l.jobs, &rest); n != 2 {
			return nil, fmt.Errorf("-loads: %q is not SOCKETS/JOBS", pair)
		}
		if l.jobs < 1 || l.sockets < l.jobs || l.sockets > maxSockets {
			return nil, fmt.Errorf("-loads: %q must have 1 to %d sockets, and at least one for each job", pair, maxSockets)
		}
		if l.sockets > maxSocketsPerJob*l.jobs {
			return nil, fmt.Errorf("-loads: %q has more than %d sockets for a job, and Egress allows no admin more", pair, maxSocketsPerJob)
		}
		loads = append(loads, l)
	}
	return loads, nil
}

// check checks the flags, and makes the paths of programs absolute.
func (f *flags) check() error {
	switch {
	case f.rate < 1 || f.rate > maxRate:
		return fmt.Errorf("-rate must be 1 to %d", maxRate)
	case f.duration < time.Second || f.duration > maxDuration:
		return fmt.Errorf("-duration must be 1s to %s", maxDuration)
	case f.runs < 1 || f.runs > maxRuns:
		return fmt.Errorf("-runs must be 1 to %d", maxRuns)
	case f.exportRuns < 0 || f.exportRuns > maxRuns:
		return fmt.Errorf("-exports must be 0 to %d", maxRuns)
	case f.users < 1:
		return errors.New("-users must be 1 or more")
	}
	for _, program := range []*string{&f.program, &f.centrifuge} {
		if *program == "" {
			continue
		}
		path, err := filepath.Abs(*program)
		if err != nil {
			return err
		}
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("%w (make bench-fanout builds it)", err)
		}
		*program = path
	}
	if f.program == "" {
		return errors.New("-egress must name a program")
	}
	return nil
}

// bench measures, and writes the report to out.
func bench(ctx context.Context, f flags, out io.Writer) (err error) {
	if !measure.HasProc() {
		return errors.New("this benchmark needs Linux: it reads /proc")
	}
	sockets, jobs := 0, 0
	for _, l := range f.loads {
		sockets, jobs = max(sockets, l.sockets), max(jobs, l.jobs)
	}
	if err := allowFiles(sockets); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(f.dir, "egress-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	redis, err := startRedis(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.stop()) }()
	fmt.Fprintln(os.Stderr, "create users, admins and sessions")
	e, err := install(ctx, f, jobs, dir, redis)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s. %d states per second of a job, for %s and during %d exports of %d users; %d rounds.\n",
		measure.Machine(), f.rate, f.duration, f.exportRuns, f.users, f.runs)
	for _, l := range f.loads {
		s := &series{flags: f, load: l, egress: e, results: map[string]values{}}
		if f.centrifuge != "" {
			s.peer = &peer{program: f.centrifuge, dir: dir, redis: redis}
		}
		if f.faults {
			if err := s.measureFaults(ctx); err != nil {
				return err
			}
			continue
		}
		if err := s.run(ctx); err != nil {
			return err
		}
		var text strings.Builder
		writeReport(&text, s.results[egressName], s.results[peerName])
		fmt.Fprintf(out, "\n%d sockets, %d jobs:\n\n%s", l.sockets, l.jobs, &text)
	}
	return nil
}
