package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/egress-io/egress/bench/measure"
	"github.com/egress-io/egress/internal/embedded"
)

const gatewayBucket = "bench"

// gateway is the address of an embedded S3 in a child process.
type gateway struct {
	Endpoint, Region     string
	AccessKey, SecretKey string
	CPU                  float64 // seconds that its start took
}

// startGateway starts the embedded S3 in a process and a folder of its own. stop ends the process,
// removes the folder, and returns the CPU seconds since the start.
func (o flags) startGateway(ctx context.Context, profile string) (g gateway, stop func() (float64, error), err error) {
	dir, err := os.MkdirTemp(o.dir, "egress-bench-")
	if err != nil {
		return g, nil, err
	}
	cmd, err := newChildCommand(ctx)
	if err != nil {
		return g, nil, errors.Join(err, os.RemoveAll(dir))
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return g, nil, errors.Join(err, os.RemoveAll(dir))
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return g, nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := cmd.Start(); err != nil {
		return g, nil, errors.Join(err, os.RemoveAll(dir))
	}
	stop = func() (float64, error) {
		in.Close()
		err := cmd.Wait()
		return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds() - g.CPU, errors.Join(err, os.RemoveAll(dir))
	}
	err = json.NewEncoder(in).Encode(childSpec{Kind: kindGateway, Dir: dir, Profile: profile})
	if err == nil {
		err = json.NewDecoder(out).Decode(&g)
	}
	if err != nil {
		_, failed := stop()
		return g, nil, fmt.Errorf("start a gateway: %w", errors.Join(err, failed))
	}
	return g, stop, nil
}

// serveGateway serves until in is closed.
func serveGateway(ctx context.Context, s childSpec, in io.Reader, out io.Writer) (err error) {
	stack, err := embedded.Start(ctx, embedded.Options{Dir: s.Dir, S3: true, Bucket: gatewayBucket})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stack.Close()) }()
	g := gateway{Endpoint: stack.S3Endpoint(), Region: embedded.Region}
	g.AccessKey, g.SecretKey = stack.S3Credentials()
	if g.CPU, err = measure.CPU(); err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(g); err != nil { //nolint:gosec // to the parent, through a pipe
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}
