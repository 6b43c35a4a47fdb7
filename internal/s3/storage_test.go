package s3

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/egress-io/egress/internal/embedded"
	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/s3/s3test"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

func gatewayOptions(t *testing.T) Options {
	t.Helper()
	stack := embeddedtest.Shared(t, embeddedtest.S3)
	access, secret := stack.S3Credentials()
	return Options{
		Bucket: embeddedtest.Bucket, Endpoint: stack.S3Endpoint(), Region: embedded.Region, PathStyle: true,
		AccessKey: access, SecretKey: secret, Checksums: WhenSupported,
	}
}

func openStorage(t *testing.T, o Options) (*Storage, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	s, err := New(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return s, ctx
}

func TestStorage(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Options){
		"checksums when supported": func(o *Options) { o.Checksums = WhenSupported },
		"checksums when required":  func(o *Options) { o.Checksums = WhenRequired },
		"listings of many pages":   func(o *Options) { o.pageSize = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := gatewayOptions(t)
			change(&o)
			s, _ := openStorage(t, o)
			s3test.Run(t, s3test.Subject{Storage: s, Prefix: embeddedtest.Prefix(t), Unfinished: s.unfinished})
		})
	}
}

// unfinished lists the keys of unfinished uploads under prefix.
func (s *Storage) unfinished(ctx context.Context, prefix string) ([]string, error) {
	out, err := s.client().ListMultipartUploads(ctx, &awss3.ListMultipartUploadsInput{Bucket: &s.bucket, Prefix: &prefix})
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, u := range out.Uploads {
		keys = append(keys, aws.ToString(u.Key))
	}
	return keys, nil
}

func TestPing(t *testing.T) {
	t.Parallel()
	o := gatewayOptions(t)
	s, ctx := openStorage(t, o)
	if err := s.Ping(ctx); err != nil {
		t.Error(err)
	}
	o.Bucket = "no-such-bucket"
	s, ctx = openStorage(t, o)
	if err := s.Ping(ctx); err == nil {
		t.Error("a missing bucket answers")
	}
}

func TestRegion(t *testing.T) {
	t.Parallel()
	o := Options{Bucket: "b", AccessKey: "a", SecretKey: "s"}
	_, err := New(t.Context(), o)
	if e, ok := errors.AsType[*errs.Error](err); !ok || e.Field != "EGRESS_S3_REGION" {
		t.Errorf("without a region: %v", err)
	}
	o.Endpoint = "http://127.0.0.1:1"
	if _, err := New(t.Context(), o); err != nil {
		t.Errorf("a storage without regions: %v", err)
	}
}

// roundTripper adapts a function to http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
