package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3api"
	"github.com/versity/versitygw/s3api/middlewares"
)

// Region is the region of the embedded S3.
const Region = "us-east-1"

const (
	maxConnections = 1024
	maxParts       = 10_000 // of one upload, as Amazon S3 has it
)

// gatewayRuns guards the one gateway that a process can have: it has state in package variables, and works in the
// process's working directory.
var gatewayRuns atomic.Bool

var errGatewayRuns = errors.New("another one runs in this process")

// keyPair signs requests to the gateway.
type keyPair struct{ access, secret string }

// keepKeyPair returns the key pair of the data directory, which is made once: links that it signed outlive a restart.
func keepKeyPair(path string) (keyPair, error) {
	text, _, err := keep(path, func() string { return rand.Text()[:20] + ":" + rand.Text() + rand.Text() })
	if err != nil {
		return keyPair{}, err
	}
	access, secret, ok := strings.Cut(text, ":")
	if !ok || access == "" || secret == "" {
		return keyPair{}, fmt.Errorf("%s holds no key pair; remove it to have a new one made", path)
	}
	return keyPair{access, secret}, nil
}

// gateway is the Versity S3 Gateway over plain files: objects in one directory, what S3 knows of them in another.
type gateway struct {
	endpoint    string
	credentials keyPair

	files  backend.Backend
	server *s3api.S3ApiServer
	front  *forwarder
	done   chan error // one value, when serving has ended
}

func startGateway(ctx context.Context, dir, bucket string, sockets *sockets, logger *slog.Logger) (_ *gateway, err error) {
	if !gatewayRuns.CompareAndSwap(false, true) {
		return nil, errGatewayRuns
	}
	g := &gateway{}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.Close())
		}
	}()

	if g.credentials, err = keepKeyPair(filepath.Join(dir, "s3-credentials")); err != nil {
		return nil, err
	}
	if g.files, err = openFiles(dir, logger); err != nil {
		return nil, err
	}
	socket, err := sockets.path("s3.sock")
	if err != nil {
		return nil, err
	}
	if err := g.serve(socket); err != nil {
		return nil, err
	}
	if err := g.makeBucket(ctx, bucket); err != nil {
		return nil, err
	}
	return g, nil
}

// serve runs the gateway behind a forwarder, and returns once it listens.
func (g *gateway) serve(socket string) error {
	root := auth.Account{Access: g.credentials.access, Secret: g.credentials.secret, Role: auth.RoleAdmin}
	listening := make(chan struct{})
	server, err := s3api.New(g.files,
		middlewares.RootUserConfig{Access: root.Access, Secret: root.Secret}, Region, auth.NewIAMServiceSingle(root),
		nil, nil, nil, nil,
		s3api.WithQuiet(),
		s3api.WithKeepAlive(),
		s3api.WithConcurrencyLimiter(maxConnections, maxConnections),
		s3api.WithMpMaxParts(maxParts),
		s3api.WithOnListen(func() { close(listening) }),
	)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- server.ServeMultiPort([]string{socket}) }()
	select {
	case <-listening:
		g.server, g.done = server, done
	case err := <-done:
		return err
	}
	if g.front, err = forward(socket); err != nil {
		return err
	}
	g.endpoint = "http://" + g.front.addr()
	return nil
}

func (g *gateway) makeBucket(ctx context.Context, bucket string) error {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections() // or the gateway would wait for them when it ends
	client := s3.New(s3.Options{
		HTTPClient:   &http.Client{Transport: transport},
		Region:       Region,
		BaseEndpoint: aws.String(g.endpoint),
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(g.credentials.access, g.credentials.secret, ""),
	})
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket})
	if _, owned := errors.AsType[*types.BucketAlreadyOwnedByYou](err); err != nil && !owned {
		return fmt.Errorf("make the bucket %s: %w", bucket, err)
	}
	return nil
}

// Close waits for requests under way, cuts them off after ten seconds, and lets another gateway start.
func (g *gateway) Close() error {
	var errs []error
	if g.front != nil {
		errs = append(errs, g.front.stopListening())
	}
	if g.server != nil {
		if err := g.server.ShutDown(); !errors.Is(err, context.DeadlineExceeded) {
			errs = append(errs, err)
		}
		<-g.done //nolint:errcheck // what it says is that its listener was closed
	}
	if g.front != nil {
		g.front.Close()
	}
	if g.files != nil {
		g.files.Shutdown()
	}
	gatewayRuns.Store(false)
	return errors.Join(errs...)
}
