package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/egress-io/egress/internal/embedded"
)

const gatewayBucket = "bench"

// gateway is where the embedded S3 of a child listens.
type gateway struct {
	Endpoint, Region     string
	AccessKey, SecretKey string
	CPU                  float64 // seconds that starting took
}

// startGateway runs the embedded S3 in a process and a folder of its own. stop ends it, removes what it stored and returns
// the CPU seconds that it took to serve.
func (o settings) startGateway(ctx context.Context, profile string) (g gateway, stop func() (float64, error), err error) {
	dir, err := os.MkdirTemp(o.dir, "egress-bench-")
	if err != nil {
		return g, nil, err
	}
	cmd, err := command(ctx)
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
	err = json.NewEncoder(in).Encode(spec{Kind: kindGateway, Dir: dir, Profile: profile})
	if err == nil {
		err = json.NewDecoder(out).Decode(&g)
	}
	if err != nil {
		_, failed := stop()
		return g, nil, fmt.Errorf("start a gateway: %w", errors.Join(err, failed))
	}
	return g, stop, nil
}

// serveGateway serves until in ends.
func serveGateway(ctx context.Context, s spec, in io.Reader, out io.Writer) (err error) {
	stack, err := embedded.Start(ctx, embedded.Options{Dir: s.Dir, S3: true, Bucket: gatewayBucket})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stack.Close()) }()
	g := gateway{Endpoint: stack.S3Endpoint(), Region: embedded.Region}
	g.AccessKey, g.SecretKey = stack.S3Credentials()
	if g.CPU, err = spentCPU(); err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(g); err != nil { //nolint:gosec // to the parent, through a pipe
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}
