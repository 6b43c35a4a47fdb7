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
	"syscall"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/mongo"
)

// spec tells a child what to do. It comes on standard input: an address may hold a password.
type spec struct {
	Kind                  string
	URI, Database, Tenant string
	Layout                layout
	Shape                 shape
	Readers               int
	Compression           export.Compression
	GOGC                  int    // 0: as it is
	Profile               string // the file for a CPU profile; "": none
	Out                   string // the file to write
	Dir                   string // of a gateway
	Gateway               gateway
}

// outcome is what a child says of its measurement.
type outcome struct {
	Users, Rows, Bytes                        int64 // bytes of the file, or of the documents where there is none
	Columns                                   int
	SHA256                                    string
	Prepare, Write, Complete, Prove, Together float64 // seconds
}

// figures are one measurement: what the child says, and what the kernel says of it.
type figures struct {
	outcome
	wall, cpu  float64 // seconds; wall is that of the process, its start included
	memory     float64 // the peak of resident memory in MiB
	gatewayCPU float64 // seconds, of the gateway's process
}

// run measures a scenario once.
func (o settings) run(ctx context.Context, s scenario, l layout, round int) (figures, error) {
	if s.kind == kindMongoexport {
		return runMongoexport(ctx, o, fields(l, s.shape))
	}
	sp := spec{Kind: s.kind, Layout: l, Shape: s.shape, Readers: s.readers, Compression: s.compression, GOGC: cmp.Or(o.gogc, run.GCPercent)}
	if s.kind == kindRaw {
		sp.GOGC = rawGOGC
	}
	sp.Profile = o.profileOf(s.name, round)
	var spent func() (float64, error)
	if s.kind == kindWhole {
		g, stop, err := o.startGateway(ctx, o.profileOf(s.name+"/gateway", round))
		if err != nil {
			return figures{}, err
		}
		sp.Gateway, spent = g, stop
	}
	f, answer, err := o.spawn(ctx, sp)
	if spent != nil {
		var failed error
		if f.gatewayCPU, failed = spent(); err == nil {
			err = failed
		}
	}
	if err != nil {
		return figures{}, err
	}
	return f, json.Unmarshal(answer, &f.outcome)
}

// profileOf names the file for a profile; "" where none is wanted.
func (o settings) profileOf(name string, round int) string {
	if o.profile == "" {
		return ""
	}
	return filepath.Join(o.profile, fmt.Sprintf("%s-%d.pprof", strings.ReplaceAll(name, "/", "-"), round+1))
}

// command is bench itself as a child.
func command(ctx context.Context) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, childCommand) //nolint:gosec // it is this program
	cmd.Stderr = os.Stderr
	return cmd, nil
}

// spawn runs a child to its end.
func (o settings) spawn(ctx context.Context, s spec) (figures, []byte, error) {
	s.URI, s.Database, s.Tenant = o.uri, o.database, o.tenant
	text, err := json.Marshal(s)
	if err != nil {
		return figures{}, nil, err
	}
	cmd, err := command(ctx)
	if err != nil {
		return figures{}, nil, err
	}
	var answer bytes.Buffer
	cmd.Stdin, cmd.Stdout = bytes.NewReader(text), &answer
	f, err := timed(cmd)
	return f, answer.Bytes(), err
}

// timed runs a command and returns what it took.
func timed(cmd *exec.Cmd) (figures, error) {
	began := time.Now()
	err := cmd.Run()
	f := figures{wall: time.Since(began).Seconds()}
	if err != nil {
		return f, err
	}
	f.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		f.memory = mebibytes(usage)
	}
	return f, nil
}

// child does what the parent asks for on in, and answers on out.
func child(ctx context.Context, in io.Reader, out io.Writer) error {
	var s spec
	if err := json.NewDecoder(in).Decode(&s); err != nil {
		return fmt.Errorf("bench %s is for bench itself: %w", childCommand, err)
	}
	if s.Profile != "" {
		stop, err := profile(s.Profile)
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
	defer func() { _ = db.Close(context.WithoutCancel(ctx)) }() // it has been measured already
	answer, err := do(ctx, s, db)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(answer)
}

func do(ctx context.Context, s spec, db *mongo.DB) (any, error) {
	switch s.Kind {
	case kindLook:
		return look(ctx, db, s.Tenant)
	case kindRaw:
		return readRaw(ctx, db, s)
	case kindPipeline:
		return runPipeline(ctx, db, s)
	case kindFile:
		return runFile(ctx, db, s)
	case kindWhole:
		return runWhole(ctx, db, s)
	default:
		return nil, fmt.Errorf("%q is nothing that can be measured", s.Kind)
	}
}

func profile(path string) (stop func(), err error) {
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
