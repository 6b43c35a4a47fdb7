package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"strings"

	"github.com/egress-io/egress/bench/measure"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/pipeline"
)

// childSpec tells a child process what to do. The child reads it from standard input, not from its
// arguments: the URI may contain a password.
type childSpec struct {
	Kind                  string
	URI, Database, Tenant string
	Data                  tenantData
	Shape                 shape
	Readers               int
	Compression           export.Compression
	GOGC                  int    // 0: unchanged
	Profile               string // file for a CPU profile; "": none
	Out                   string // output file
	Dir                   string // of a gateway
	Gateway               gateway
}

// result is what a child reports about its run.
type result struct {
	Users, Rows, Bytes                      int64 // bytes of the file, or of the documents if there is no file
	Columns                                 int
	SHA256                                  string
	Prepare, Write, Complete, Verify, Total float64 // seconds
}

// measurement is the result of a child, and its resource usage according to the kernel.
type measurement struct {
	result
	measure.Usage

	gatewayCPU float64 // seconds of the gateway's process
}

// measure measures a scenario once.
func (o flags) measure(ctx context.Context, s scenario, l tenantData, round int) (measurement, error) {
	if s.kind == kindMongoexport {
		return runMongoexport(ctx, o, fields(l, s.shape))
	}
	sp := childSpec{Kind: s.kind, Data: l, Shape: s.shape, Readers: s.readers, Compression: s.compression, GOGC: cmp.Or(o.gogc, pipeline.GCPercent)}
	if s.kind == kindRaw {
		sp.GOGC = rawGOGC
	}
	sp.Profile = o.profilePath(s.name, round)
	var stopGateway func() (float64, error)
	if s.kind == kindWhole {
		g, stop, err := o.startGateway(ctx, o.profilePath(s.name+"/gateway", round))
		if err != nil {
			return measurement{}, err
		}
		sp.Gateway, stopGateway = g, stop
	}
	f, output, err := o.spawn(ctx, sp)
	if stopGateway != nil {
		var failed error
		if f.gatewayCPU, failed = stopGateway(); err == nil {
			err = failed
		}
	}
	if err != nil {
		return measurement{}, err
	}
	return f, json.Unmarshal(output, &f.result)
}

// profilePath returns the file for a CPU profile, "" without the flag -profile.
func (o flags) profilePath(name string, round int) string {
	if o.profile == "" {
		return ""
	}
	return filepath.Join(o.profile, fmt.Sprintf("%s-%d.pprof", strings.ReplaceAll(name, "/", "-"), round+1))
}

// newChildCommand returns the command that runs this program as a child.
func newChildCommand(ctx context.Context) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, childCommand) //nolint:gosec // it is this program
	cmd.Stderr = os.Stderr
	return cmd, nil
}

// spawn runs a child and waits for it. It returns the measurement and the child's output.
func (o flags) spawn(ctx context.Context, s childSpec) (measurement, []byte, error) {
	s.URI, s.Database, s.Tenant = o.uri, o.database, o.tenant
	text, err := json.Marshal(s)
	if err != nil {
		return measurement{}, nil, err
	}
	cmd, err := newChildCommand(ctx)
	if err != nil {
		return measurement{}, nil, err
	}
	var output bytes.Buffer
	cmd.Stdin, cmd.Stdout = bytes.NewReader(text), &output
	used, err := measure.Run(cmd)
	return measurement{Usage: used}, output.Bytes(), err
}

// runChild executes the childSpec on in, and writes the result to out.
func runChild(ctx context.Context, in io.Reader, out io.Writer) error {
	var s childSpec
	if err := json.NewDecoder(in).Decode(&s); err != nil {
		return fmt.Errorf("bench %s is an internal command of bench: %w", childCommand, err)
	}
	if s.Profile != "" {
		stop, err := startProfile(s.Profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	if s.Kind == kindGateway {
		return serveGateway(ctx, s, in, out)
	}
	if s.GOGC != 0 {
		debug.SetGCPercent(s.GOGC)
	}
	db, err := mongo.Connect(ctx, mongo.Options{URI: s.URI, Database: s.Database})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close(context.WithoutCancel(ctx)) }() // after the measurement
	output, err := runKind(ctx, s, db)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(output)
}

func runKind(ctx context.Context, s childSpec, db *mongo.DB) (any, error) {
	switch s.Kind {
	case kindInspect:
		return inspect(ctx, db, s.Tenant)
	case kindRaw:
		return readRaw(ctx, db, s)
	case kindPipeline:
		return runPipeline(ctx, db, s)
	case kindFile:
		return runFile(ctx, db, s)
	case kindWhole:
		return runWhole(ctx, db, s)
	default:
		return nil, fmt.Errorf("unknown kind of measurement %q", s.Kind)
	}
}

func startProfile(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}, nil
}
