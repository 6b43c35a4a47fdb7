package embedded_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
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
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/embedded"
	"github.com/egress-io/egress/internal/errs"
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

func withMongo(t *testing.T, s *embedded.Stack, do func(*driver.Database)) {
	t.Helper()
	c, err := driver.Connect(options.Client().ApplyURI(s.MongoDBURI()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Disconnect(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	do(c.Database("egress"))
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
	o := embedded.Options{Dir: filepath.Join(t.TempDir(), "data"), MongoDB: true, Redis: true, S3: true}

	first := mustStart(ctx, t, o)
	if !strings.HasPrefix(first.S3Endpoint(), "http://127.0.0.1:") {
		t.Errorf("S3 listens at %s", first.S3Endpoint())
	}
	withMongo(t, first, func(db *driver.Database) {
		if _, err := db.Collection("c").InsertOne(ctx, bson.D{{Key: "_id", Value: "kept"}}); err != nil {
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
	withMongo(t, second, func(db *driver.Database) {
		if err := db.Collection("c").FindOne(ctx, bson.D{{Key: "_id", Value: "kept"}}).Err(); err != nil {
			t.Errorf("the document is gone: %v", err)
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
		if s.MongoDBURI() != "" || s.S3Endpoint() != "" || s.RedisURL() == "" {
			t.Errorf("MongoDB %q, S3 %q, Redis %q", s.MongoDBURI(), s.S3Endpoint(), s.RedisURL())
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
		if other, err := embedded.Start(ctx, embedded.Options{Dir: dir, MongoDB: true, S3: true}); err == nil {
			mustClose(t, other)
			t.Fatal("two gateways run")
		}
		mustClose(t, mustStart(ctx, t, embedded.Options{Dir: dir, MongoDB: true}))
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

func TestMongoDBDataDirectory(t *testing.T) {
	t.Parallel()
	for name, sub := range map[string]string{
		"a path too long for a socket": strings.Repeat("long/", 30),
		"spaces and umlauts":           "Egress Däten & more",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := testContext(t)
			dir := filepath.Join(t.TempDir(), sub)
			for range 2 {
				s := mustStart(ctx, t, embedded.Options{Dir: dir, MongoDB: true})
				withMongo(t, s, func(db *driver.Database) {
					if _, err := db.Collection("c").InsertOne(ctx, bson.D{}); err != nil {
						t.Error(err)
					}
				})
				mustClose(t, s)
			}
			if _, err := os.Stat(filepath.Join(dir, "mongodb", "egress.sqlite")); err != nil {
				t.Errorf("the data is elsewhere: %v", err)
			}
		})
	}

	for _, sub := range []string{"100%41", "what?", "#1"} {
		t.Run("a path with special characters of URIs is refused: "+sub, func(t *testing.T) {
			t.Parallel()
			s, err := embedded.Start(testContext(t), embedded.Options{Dir: filepath.Join(t.TempDir(), sub), MongoDB: true})
			if err == nil {
				mustClose(t, s)
			}
			if e, ok := errors.AsType[*errs.Error](err); !ok || e.Field != "EGRESS_DATA_DIR" {
				t.Errorf("got %v", err)
			}
		})
	}

	t.Run("the socket of a killed process is removed", func(t *testing.T) {
		t.Parallel()
		dir := shortTempDir(t)
		socket := filepath.Join(dir, "sockets", "mongodb.sock")
		if err := os.Mkdir(filepath.Dir(socket), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(socket, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		mustClose(t, mustStart(testContext(t), t, embedded.Options{Dir: dir, MongoDB: true}))
		if _, err := os.Stat(socket); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the socket remains: %v", err)
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
