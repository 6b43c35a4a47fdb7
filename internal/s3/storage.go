// Package s3 stores files in Amazon S3 or a compatible storage. It implements pipeline.Storage.
package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/logging"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

const (
	// responseTimeout limits the wait for the response headers after the request is sent.
	responseTimeout = 2 * time.Minute
	// grace is how long a request that stores data may continue after its context is cancelled. A
	// run may notice a cancel a second late, and must stop uploading within two.
	grace = 750 * time.Millisecond
)

// Checksums selects when the SDK sends and validates its default checksums.
type Checksums string

// The values of Checksums.
const (
	Auto          Checksums = "auto"           // when_supported, or when_required after a probe
	WhenSupported Checksums = "when_supported" // for all operations that support them
	WhenRequired  Checksums = "when_required"  // only where S3 requires them: for storages that refuse them
)

// Options configure New.
type Options struct {
	Bucket         string
	Endpoint       string    // empty: Amazon S3, by region
	PublicEndpoint string    // the endpoint in presigned URLs; empty: Endpoint
	Region         string    // empty: from the AWS SDK's default chain, or us-east-1 with an endpoint
	PathStyle      bool      // the bucket in the path instead of the host name
	Checksums      Checksums // empty: Auto
	Embedded       bool      // the embedded storage of Egress

	// AccessKey and SecretKey sign requests. Empty: the AWS SDK's default chain (environment,
	// profile, role).
	AccessKey, SecretKey string

	transport http.RoundTripper                                        // for tests that lose responses
	pageSize  int32                                                    // for tests: items per page of a listing
	now       func() time.Time                                         // for tests; nil: time.Now
	sleep     func(ctx context.Context, d time.Duration) error         // for tests: between tries of a call
	lookup    func(ctx context.Context, host string) ([]string, error) // for tests; nil: net.DefaultResolver
}

// Storage is a bucket. It is safe for concurrent use.
type Storage struct {
	options  Options
	bucket   string
	region   string
	creds    aws.CredentialsProvider
	now      func() time.Time
	grace    time.Duration
	pageSize *int32 // items per page of a listing; nil: the storage's default

	config    aws.Config
	clients   atomic.Pointer[clients]   // current clients
	probeLock chan struct{}             // holds a value during a probe
	checksums atomic.Pointer[Checksums] // the result of the probe; nil before it
}

// clients are the SDK clients with or without checksums.
type clients struct {
	calls    *awss3.Client
	presign  *awss3.PresignClient
	checksum types.ChecksumAlgorithm // of parts; empty: none
}

var _ pipeline.Storage = (*Storage)(nil)

// New returns a Storage. It sends no request; Check does.
func New(ctx context.Context, o Options) (*Storage, error) {
	if o.Checksums == "" {
		o.Checksums = Auto
	}
	s := &Storage{options: o, bucket: o.Bucket, now: o.now, grace: grace, probeLock: make(chan struct{}, 1)}
	if s.now == nil {
		s.now = time.Now
	}
	var err error
	if s.config, err = awsConfig(ctx, o); err != nil {
		return nil, err
	}
	s.creds, s.region = s.config.Credentials, s.config.Region
	retryer := newRetryer(s.forgetCredentials)
	retryer.now = s.now
	if o.sleep != nil {
		retryer.sleep = o.sleep
	}
	s.config.Retryer = func() aws.Retryer { return retryer }
	s.config.APIOptions = append(s.config.APIOptions, countTries)
	first := o.Checksums
	if first == Auto {
		first = WhenSupported
	}
	s.clients.Store(s.connect(first))
	if o.pageSize > 0 {
		s.pageSize = &o.pageSize
	}
	return s, nil
}

// connect returns clients with the given checksum mode.
func (s *Storage) connect(checksums Checksums) *clients {
	cfg, o := s.config.Copy(), s.options
	c := &clients{checksum: types.ChecksumAlgorithmCrc32} // hardware support on every common processor
	cfg.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenSupported
	cfg.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported
	if checksums == WhenRequired {
		c.checksum = ""
		cfg.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		cfg.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	}
	bucket := func(c *awss3.Options) {
		c.UsePathStyle = o.PathStyle
		if o.Endpoint != "" {
			c.BaseEndpoint = aws.String(o.Endpoint)
		}
		c.DisableLogOutputChecksumValidationSkipped = true // multipart objects have no checksum to validate
	}
	public := func(c *awss3.Options) {
		if o.PublicEndpoint != "" {
			c.BaseEndpoint = aws.String(o.PublicEndpoint)
		}
		// Browsers do not validate checksums, and old storages refuse requests for one.
		c.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	}
	c.calls = awss3.NewFromConfig(cfg, bucket)
	c.presign = awss3.NewPresignClient(awss3.NewFromConfig(cfg, bucket, public))
	return c
}

// Location returns where files are stored. Different spellings of one endpoint give the same
// location.
func (s *Storage) Location() export.Location {
	if s.options.Embedded {
		sum := sha256.Sum256([]byte(s.options.AccessKey)) // identifies the data folder
		return export.Location{Bucket: s.bucket, Endpoint: "embedded:" + hex.EncodeToString(sum[:4])}
	}
	return export.Location{Bucket: s.bucket, Endpoint: Normalize(s.options.Endpoint)}
}

// Region returns the region that requests are signed for.
func (s *Storage) Region() string { return s.region }

// Normalize returns the canonical form of an endpoint (scheme, host, optional port), "" for
// Amazon's own.
func Normalize(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return endpoint
	}
	scheme, host, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	if strings.HasSuffix(host, ".amazonaws.com") { // all regions and private endpoints reach the same buckets
		return ""
	}
	if scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		port = ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" {
		host += ":" + port
	}
	return scheme + "://" + host
}

// client returns the client for calls.
func (s *Storage) client() *awss3.Client { return s.clients.Load().calls }

// forgetCredentials drops cached credentials: the next call loads them again.
func (s *Storage) forgetCredentials() {
	if cached, ok := s.creds.(*aws.CredentialsCache); ok {
		cached.Invalidate()
	}
}

func awsConfig(ctx context.Context, o Options) (aws.Config, error) {
	var cfg aws.Config
	if o.AccessKey != "" {
		cfg.Region = o.Region
		cfg.Credentials = credentials.NewStaticCredentialsProvider(o.AccessKey, o.SecretKey, "")
	} else {
		var err error
		if cfg, err = config.LoadDefaultConfig(ctx, config.WithRegion(o.Region)); err != nil {
			return cfg, fmt.Errorf("load the AWS configuration: %w", err)
		}
	}
	if cfg.Region == "" {
		if o.Endpoint == "" {
			return cfg, errs.Invalid("EGRESS_S3_REGION", "The region of the bucket is unknown. Set EGRESS_S3_REGION or AWS_REGION.")
		}
		cfg.Region = "us-east-1" // the default of storages without regions
	}
	cfg.RetryMaxAttempts = 0                                // ignore AWS_MAX_ATTEMPTS: the retryer decides
	cfg.Logger = logging.Nop{}                              // calls return their errors
	client, ok := cfg.HTTPClient.(*awshttp.BuildableClient) // trusts AWS_CA_BUNDLE
	if !ok {
		client = awshttp.NewBuildableClient()
	}
	cfg.HTTPClient = client.WithTransportOptions(func(t *http.Transport) {
		t.ResponseHeaderTimeout = responseTimeout
	})
	if o.transport != nil {
		cfg.HTTPClient = &http.Client{Transport: o.transport}
	}
	return cfg, nil
}

// Ping checks that the bucket exists and is accessible.
func (s *Storage) Ping(ctx context.Context) error {
	_, err := s.client().HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: &s.bucket})
	return wrap(ctx, "reach the bucket", err)
}

// Create starts a multipart upload under key. The object is not visible before Complete.
func (s *Storage) Create(ctx context.Context, key, contentType string) (pipeline.Upload, error) {
	if err := s.ensureChecksums(ctx); err != nil {
		return nil, wrap(ctx, "find out which checksums the storage supports", err)
	}
	return s.create(ctx, key, contentType)
}

// create is Create with the current checksum mode.
func (s *Storage) create(ctx context.Context, key, contentType string) (*upload, error) {
	clients := s.clients.Load()
	out, err := clients.calls.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{
		Bucket: &s.bucket, Key: &key, ContentType: &contentType, ChecksumAlgorithm: clients.checksum,
	})
	if err != nil {
		return nil, wrap(ctx, "create an upload", err)
	}
	if aws.ToString(out.UploadId) == "" {
		return nil, wrap(ctx, "create an upload", &pipeline.DependencyError{
			Class: pipeline.Invalid, Code: "no upload id", Advice: checkEndpoint, Err: errors.New("not an S3 response"),
		})
	}
	return &upload{storage: s, key: key, id: aws.ToString(out.UploadId)}, nil
}

// Resume returns a handle on an existing upload. It sends no request.
func (s *Storage) Resume(key, id string) pipeline.Upload {
	return &upload{storage: s, key: key, id: id}
}

// Put stores a small object under key in one request.
func (s *Storage) Put(ctx context.Context, key, contentType string, body []byte) error {
	if err := ctx.Err(); err != nil {
		return wrap(ctx, "store an object", err)
	}
	graceCtx, cancel := withGrace(ctx, s.grace)
	defer cancel()
	_, err := s.client().PutObject(graceCtx, &awss3.PutObjectInput{
		Bucket: &s.bucket, Key: &key, ContentType: &contentType, Body: bytes.NewReader(body),
	})
	return wrap(ctx, "store an object", err)
}

// Head returns the size and ETag of the object at key, or pipeline.ErrNoObject.
func (s *Storage) Head(ctx context.Context, key string) (pipeline.Object, error) {
	out, err := s.client().HeadObject(ctx, &awss3.HeadObjectInput{Bucket: &s.bucket, Key: &key})
	if err != nil {
		return pipeline.Object{}, wrapObject(ctx, "head an object", err)
	}
	return pipeline.Object{Bytes: aws.ToInt64(out.ContentLength), ETag: unquote(out.ETag)}, nil
}

// Open reads the object at key from its first byte, or returns pipeline.ErrNoObject. The caller
// closes it. Open does not validate the storage's checksum, since callers compare a SHA-256.
func (s *Storage) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	out, err := s.client().GetObject(ctx, &awss3.GetObjectInput{Bucket: &s.bucket, Key: &key}, func(o *awss3.Options) {
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	if err != nil {
		return nil, wrapObject(ctx, "open an object", err)
	}
	return out.Body, nil
}

// Delete removes the object at key. It succeeds if the object does not exist.
func (s *Storage) Delete(ctx context.Context, key string) error {
	_, err := s.client().DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: &s.bucket, Key: &key})
	if hasCode(err, "NoSuchKey") { // from storages other than Amazon S3
		return nil
	}
	return wrap(ctx, "delete an object", err)
}
