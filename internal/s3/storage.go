// Package s3 keeps files in Amazon S3 or anything that speaks its protocol. It is the run's Storage.
package s3

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/logging"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

const (
	// attempts is how often a call is tried before it fails: errors of the network and of an overloaded storage pass.
	attempts = 5
	// answerTimeout is how long the storage may take to begin its answer after it has the whole request.
	answerTimeout = 2 * time.Minute
	// grace is how long a request that stores something goes on after its context was cancelled. A run may hear of a cancel
	// a second late, and has to stop uploading within two.
	grace = 750 * time.Millisecond
)

// Checksums says when the checksums that newer SDKs know are sent and checked.
type Checksums string

// The choices.
const (
	WhenSupported Checksums = "when_supported" // whenever the operation has them
	WhenRequired  Checksums = "when_required"  // only where S3 insists: for storages that refuse them
)

// Options configure New.
type Options struct {
	Bucket         string
	Endpoint       string    // empty: Amazon's own, by region
	PublicEndpoint string    // what links are signed for; empty: the endpoint
	Region         string    // empty: by the AWS SDK's own chain, or, with an endpoint, us-east-1
	PathStyle      bool      // the bucket in the path instead of the host name
	Checksums      Checksums // empty: when_supported

	// AccessKey and SecretKey sign requests. Empty: the AWS SDK's own chain (environment, profile, role).
	AccessKey, SecretKey string

	transport http.RoundTripper // for tests that lose answers
	pageSize  int32             // for tests: how much one page of a listing holds
}

// Storage is a bucket. It is safe for concurrent use.
type Storage struct {
	bucket   string
	client   *awss3.Client
	presign  *awss3.PresignClient
	creds    aws.CredentialsProvider
	now      func() time.Time
	grace    time.Duration
	checksum types.ChecksumAlgorithm // of parts; empty: none
	page     *int32                  // how much one page of a listing holds; nil: as the storage likes
}

var _ run.Storage = (*Storage)(nil)

// New returns the bucket. It sends nothing to the storage: Ping does.
func New(ctx context.Context, o Options) (*Storage, error) {
	cfg, err := awsConfig(ctx, o)
	if err != nil {
		return nil, err
	}
	bucket := func(c *awss3.Options) {
		c.UsePathStyle = o.PathStyle
		if o.Endpoint != "" {
			c.BaseEndpoint = aws.String(o.Endpoint)
		}
		c.DisableLogOutputChecksumValidationSkipped = true // objects of several parts have none that could be checked
	}
	public := func(c *awss3.Options) {
		if o.PublicEndpoint != "" {
			c.BaseEndpoint = aws.String(o.PublicEndpoint)
		}
		// A browser that follows the link checks no checksum, and old storages refuse to be asked for one.
		c.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	}
	s := &Storage{
		bucket:  o.Bucket,
		client:  awss3.NewFromConfig(cfg, bucket),
		presign: awss3.NewPresignClient(awss3.NewFromConfig(cfg, bucket, public)),
		creds:   cfg.Credentials,
		now:     time.Now,
		grace:   grace,
	}
	if cfg.RequestChecksumCalculation == aws.RequestChecksumCalculationWhenSupported {
		s.checksum = types.ChecksumAlgorithmCrc32 // the one that every processor computes fast
	}
	if o.pageSize > 0 {
		s.page = &o.pageSize
	}
	return s, nil
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
			return cfg, export.Invalid("EGRESS_S3_REGION", "The region of the bucket is needed: set EGRESS_S3_REGION or AWS_REGION.")
		}
		cfg.Region = "us-east-1" // storages that have no regions go by this one
	}
	cfg.RetryMaxAttempts = attempts
	cfg.Logger = logging.Nop{} // it would write to standard error; what matters comes back as an error
	cfg.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenSupported
	cfg.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported
	if o.Checksums == WhenRequired {
		cfg.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		cfg.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	}
	cfg.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.ResponseHeaderTimeout = answerTimeout
	})
	if o.transport != nil {
		cfg.HTTPClient = &http.Client{Transport: o.transport}
	}
	return cfg, nil
}

// Ping asks whether the bucket is there and may be used.
func (s *Storage) Ping(ctx context.Context) error {
	_, err := s.client.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: &s.bucket})
	return wrap(ctx, "reach the bucket", err)
}

// Create begins an upload under key. Nothing is visible there until Complete.
func (s *Storage) Create(ctx context.Context, key, contentType string) (run.Upload, error) {
	out, err := s.client.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{
		Bucket: &s.bucket, Key: &key, ContentType: &contentType, ChecksumAlgorithm: s.checksum,
	})
	if err != nil {
		return nil, wrap(ctx, "begin an upload", err)
	}
	return &upload{storage: s, key: key, id: aws.ToString(out.UploadId)}, nil
}

// Resume returns an upload that was begun before.
func (s *Storage) Resume(key, id string) run.Upload { return &upload{storage: s, key: key, id: id} }

// Put stores a small object under key at once.
func (s *Storage) Put(ctx context.Context, key, contentType string, body []byte) error {
	if err := ctx.Err(); err != nil {
		return wrap(ctx, "store an object", err)
	}
	lingering, cancel := linger(ctx, s.grace)
	defer cancel()
	_, err := s.client.PutObject(lingering, &awss3.PutObjectInput{
		Bucket: &s.bucket, Key: &key, ContentType: &contentType, Body: bytes.NewReader(body),
	})
	return wrap(ctx, "store an object", err)
}

// Head tells the size of the object at key, or run.ErrNoObject.
func (s *Storage) Head(ctx context.Context, key string) (run.Object, error) {
	out, err := s.client.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: &s.bucket, Key: &key})
	if err != nil {
		return run.Object{}, wrap(ctx, "look at an object", err)
	}
	return run.Object{Bytes: aws.ToInt64(out.ContentLength), ETag: unquote(out.ETag)}, nil
}

// Open reads the object at key from its first byte, or run.ErrNoObject. The caller closes it, and compares what it reads
// with a SHA-256: the checksum of the storage would only be computed for nothing.
func (s *Storage) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	out, err := s.client.GetObject(ctx, &awss3.GetObjectInput{Bucket: &s.bucket, Key: &key}, func(o *awss3.Options) {
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	if err != nil {
		return nil, wrap(ctx, "open an object", err)
	}
	return out.Body, nil
}

// Delete removes the object at key; that there is none is no error.
func (s *Storage) Delete(ctx context.Context, key string) error {
	_, err := s.client.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: &s.bucket, Key: &key})
	if hasCode(err, "NoSuchKey") { // Amazon never says so; others do
		return nil
	}
	return wrap(ctx, "delete an object", err)
}
