package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	goredis "github.com/redis/go-redis/v9"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/embedded"
	"github.com/egress-io/egress/internal/sqlite"
)

const bucket = "exports"

// gatewayMu serializes tests that run S3: a process can run one gateway at a time.
var gatewayMu sync.Mutex

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func mustStart(ctx context.Context, t *testing.T, o embedded.Options) *embedded.Stack {
	t.Helper()
	o.Bucket = bucket
	s, err := embedded.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t *testing.T, s *embedded.Stack) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// withDatabase opens the SQLite files of a stack, as the program does.
func withDatabase(ctx context.Context, t *testing.T, s *embedded.Stack, do func(*sqlite.Admins)) {
	t.Helper()
	db, err := sqlite.Open(ctx, sqlite.Options{Dir: s.DatabaseDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	do(sqlite.NewAdmins(db))
}

func withRedis(t *testing.T, s *embedded.Stack, do func(*goredis.Client)) {
	t.Helper()
	o, err := goredis.ParseURL(s.RedisURL())
	if err != nil {
		t.Fatal(err)
	}
	c := goredis.NewClient(o)
	defer c.Close()
	do(c)
}

func s3Client(s *embedded.Stack) *s3.Client {
	access, secret := s.S3Credentials()
	return s3.New(s3.Options{
		Region: embedded.Region, BaseEndpoint: aws.String(s.S3Endpoint()), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(access, secret, ""),
	})
}

func TestDataSurvivesRestart(t *testing.T) {
	t.Parallel()
	gatewayMu.Lock()
	defer gatewayMu.Unlock()
	ctx := testContext(t)
	o := embedded.Options{Dir: filepath.Join(t.TempDir(), "data"), Database: true, Redis: true, S3: true}

	first := mustStart(ctx, t, o)
	if !strings.HasPrefix(first.S3Endpoint(), "http://127.0.0.1:") {
		t.Errorf("S3 listens at %s", first.S3Endpoint())
	}
	if want := filepath.Join(o.Dir, "sqlite"); first.DatabaseDir() != want {
		t.Errorf("the SQLite files are in %s, want %s", first.DatabaseDir(), want)
	}
	withDatabase(ctx, t, first, func(admins *sqlite.Admins) {
		if err := admins.InsertTenant(ctx, auth.Tenant{ID: "kept", Name: "Kept"}); err != nil {
			t.Fatal(err)
		}
	})
	withRedis(t, first, func(c *goredis.Client) {
		if err := c.Set(ctx, "k", "v", 0).Err(); err != nil {
			t.Fatal(err)
		}
	})
	put := &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("a/b.csv"), Body: strings.NewReader("x,y\r\n")}
	if _, err := s3Client(first).PutObject(ctx, put); err != nil {
		t.Fatal(err)
	}
	access, secret := first.S3Credentials()
	if text, made, err := first.LoadOrCreateSecret("secret-key", func() string { return "first" }); text != "first" || !made || err != nil {
		t.Errorf("create a secret: %q, %v, %v", text, made, err)
	}
	mustClose(t, first)

	// After a restart, all data except that of Redis is available.
	second := mustStart(ctx, t, o)
	withDatabase(ctx, t, second, func(admins *sqlite.Admins) {
		if _, err := admins.Tenant(ctx, "kept"); err != nil {
			t.Errorf("the tenant is gone: %v", err)
		}
	})
	withRedis(t, second, func(c *goredis.Client) {
		if err := c.Get(ctx, "k").Err(); !errors.Is(err, goredis.Nil) {
			t.Errorf("Redis still has the key: %v", err)
		}
	})
	head, err := s3Client(second).HeadObject(ctx, &s3.HeadObjectInput{Bucket: put.Bucket, Key: put.Key})
	if err != nil {
		t.Errorf("the object is gone: %v", err)
	} else if got := aws.ToInt64(head.ContentLength); got != 5 {
		t.Errorf("the object has %d bytes, want 5", got)
	}
	if a, s := second.S3Credentials(); a != access || s != secret {
		t.Error("the credentials changed: links signed before no longer work")
	}
	if text, made, err := second.LoadOrCreateSecret("secret-key", func() string { return "second" }); text != "first" || made || err != nil {
		t.Errorf("load the secret: %q, %v, %v", text, made, err)
	}
	mustClose(t, second)

	assertPrivate(t, o.Dir)
}

// assertPrivate checks that nothing in the data directory can be read by other accounts.
func assertPrivate(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the data directory has mode %v", info.Mode())
	}
	for _, name := range []string{"s3-credentials", "secret-key", "egress.lock"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestStartParts(t *testing.T) {
	t.Parallel()

	t.Run("only the requested services run", func(t *testing.T) {
		t.Parallel()
		s := mustStart(testContext(t), t, embedded.Options{Dir: t.TempDir(), Redis: true})
		defer mustClose(t, s)
		if s.DatabaseDir() != "" || s.S3Endpoint() != "" || s.RedisURL() == "" {
			t.Errorf("database %q, S3 %q, Redis %q", s.DatabaseDir(), s.S3Endpoint(), s.RedisURL())
		}
	})

	t.Run("a second gateway in the process fails and releases its lock", func(t *testing.T) {
		t.Parallel()
		gatewayMu.Lock()
		defer gatewayMu.Unlock()
		ctx := testContext(t)
		s := mustStart(ctx, t, embedded.Options{Dir: t.TempDir(), S3: true})
		defer mustClose(t, s)
		dir := t.TempDir()
		if other, err := embedded.Start(ctx, embedded.Options{Dir: dir, Redis: true, S3: true}); err == nil {
			mustClose(t, other)
			t.Fatal("two gateways run")
		}
		mustClose(t, mustStart(ctx, t, embedded.Options{Dir: dir, Redis: true}))
		if _, err := s3Client(s).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(bucket)}); err != nil {
			t.Errorf("the first gateway fails: %v", err)
		}
	})
}

// HTTP clients may keep unused connections open. Close does not wait for them.
func TestCloseWithConnections(t *testing.T) {
	t.Parallel()
	gatewayMu.Lock()
	defer gatewayMu.Unlock()
	ctx := testContext(t)
	s := mustStart(ctx, t, embedded.Options{Dir: t.TempDir(), S3: true})
	var dialer net.Dialer
	unused, err := dialer.DialContext(ctx, "tcp", strings.TrimPrefix(s.S3Endpoint(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer unused.Close()
	if _, err := s3Client(s).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(bucket)}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	mustClose(t, s)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("Close took %v", took)
	}
	if _, err := unused.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the connection stays open: %v", err)
	}
}

func TestDataDirectoryIsLocked(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	o := embedded.Options{Dir: t.TempDir(), Redis: true}
	s := mustStart(ctx, t, o)
	_, err := embedded.Start(ctx, o)
	running, ok := errors.AsType[*embedded.RunningError](err)
	if !ok || !errors.Is(err, embedded.ErrRunning) {
		t.Fatalf("error of the second start: %v", err)
	}
	if running.PID != os.Getpid() {
		t.Errorf("the error names process %d, want %d", running.PID, os.Getpid())
	}
	mustClose(t, s)
	mustClose(t, mustStart(ctx, t, o))
}

func TestDataDirectory(t *testing.T) {
	t.Parallel()
	for name, sub := range map[string]string{
		"a path too long for a socket":       strings.Repeat("long/", 30),
		"spaces and umlauts":                 "Egress Däten & more",
		"special characters of URIs":         "100%41?mode=memory#1",
		"a name that SQLite takes for a URI": "file:data",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := testContext(t)
			dir := filepath.Join(t.TempDir(), sub)
			for i := range 2 {
				s := mustStart(ctx, t, embedded.Options{Dir: dir, Database: true})
				withDatabase(ctx, t, s, func(admins *sqlite.Admins) {
					if err := admins.InsertTenant(ctx, auth.Tenant{ID: fmt.Sprintf("t%d", i), Name: "A tenant"}); err != nil {
						t.Error(err)
					}
					if list, err := admins.Tenants(ctx); err != nil || len(list) != i+1 {
						t.Errorf("start %d: %v, %v", i, list, err)
					}
				})
				mustClose(t, s)
			}
			if _, err := os.Stat(filepath.Join(dir, "sqlite", "control.db")); err != nil {
				t.Errorf("the data is elsewhere: %v", err)
			}
		})
	}

	t.Run("the socket of a killed process is removed", func(t *testing.T) {
		t.Parallel()
		gatewayMu.Lock()
		defer gatewayMu.Unlock()
		dir := shortTempDir(t)
		socket := filepath.Join(dir, "sockets", "s3.sock")
		if err := os.Mkdir(filepath.Dir(socket), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(socket, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		mustClose(t, mustStart(testContext(t), t, embedded.Options{Dir: dir, S3: true}))
		if info, err := os.Stat(socket); err == nil && info.Mode().IsRegular() {
			t.Error("the file remains")
		}
	})
}

// shortTempDir returns a temporary directory whose path is short enough for sockets.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "egress-") //nolint:usetesting // t.TempDir is too long a path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
