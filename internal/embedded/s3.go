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
	maxParts       = 10_000 // parts of an upload, as in Amazon S3
)

// gatewayRunning ensures that the process has at most one gateway: it keeps state in package
// variables and uses the working directory of the process.
var gatewayRunning atomic.Bool

var errGatewayRunning = errors.New("this process already runs an embedded S3")

// keyPair is the credential for the gateway.
type keyPair struct{ access, secret string }

// loadKeyPair returns the key pair in the data directory and creates it at the first start. It
// stays the same, so presigned URLs survive restarts.
func loadKeyPair(path string) (keyPair, error) {
	text, _, err := loadOrCreate(path, func() string { return rand.Text()[:20] + ":" + rand.Text() + rand.Text() })
	if err != nil {
		return keyPair{}, err
	}
	access, secret, ok := strings.Cut(text, ":")
	if !ok || access == "" || secret == "" {
		return keyPair{}, fmt.Errorf("%s contains no valid key pair; delete the file to create a new key pair", path)
	}
	return keyPair{access, secret}, nil
}

// gateway is the Versity S3 Gateway over plain files: the objects in one directory, their metadata
// in another.
type gateway struct {
	endpoint    string
	credentials keyPair

	backend   backend.Backend
	server    *s3api.S3ApiServer
	forwarder *forwarder
	done      chan error // receives the result when the server has stopped
}

func startGateway(ctx context.Context, dir, bucket string, sockets *socketDir, logger *slog.Logger) (_ *gateway, err error) {
	if !gatewayRunning.CompareAndSwap(false, true) {
		return nil, errGatewayRunning
	}
	g := &gateway{}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.Close())
		}
	}()

	if g.credentials, err = loadKeyPair(filepath.Join(dir, "s3-credentials")); err != nil {
		return nil, err
	}
	if g.backend, err = openBackend(dir, logger); err != nil {
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

// serve starts the gateway and its forwarder. It returns when the gateway listens.
func (g *gateway) serve(socket string) error {
	root := auth.Account{Access: g.credentials.access, Secret: g.credentials.secret, Role: auth.RoleAdmin}
	listening := make(chan struct{})
	server, err := s3api.New(g.backend,
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
	if g.forwarder, err = startForwarder(socket); err != nil {
		return err
	}
	g.endpoint = "http://" + g.forwarder.addr()
	return nil
}

func (g *gateway) makeBucket(ctx context.Context, bucket string) error {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections() // otherwise the gateway would wait for them on shutdown
	client := s3.New(s3.Options{
		HTTPClient:   &http.Client{Transport: transport},
		Region:       Region,
		BaseEndpoint: aws.String(g.endpoint),
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(g.credentials.access, g.credentials.secret, ""),
	})
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket})
	if _, owned := errors.AsType[*types.BucketAlreadyOwnedByYou](err); err != nil && !owned {
		return fmt.Errorf("create the bucket %s: %w", bucket, err)
	}
	return nil
}

// Close waits up to ten seconds for requests in progress and stops the gateway. Another gateway may
// start afterwards.
func (g *gateway) Close() error {
	var errs []error
	if g.forwarder != nil {
		errs = append(errs, g.forwarder.stopListening())
	}
	if g.server != nil {
		if err := g.server.ShutDown(); !errors.Is(err, context.DeadlineExceeded) {
			errs = append(errs, err)
		}
		<-g.done //nolint:errcheck // the error only says that the listener was closed
	}
	if g.forwarder != nil {
		g.forwarder.Close()
	}
	if g.backend != nil {
		g.backend.Shutdown()
	}
	gatewayRunning.Store(false)
	return errors.Join(errs...)
}
