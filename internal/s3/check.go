package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/egress-io/egress/internal/errs"
)

// Report is the result of Check.
type Report struct {
	Checksums Checksums // that uploads use from now on
	Refused   string    // the error code with which the storage refused checksums; "" if it did not
}

// Check uploads, reads and deletes a small object, as exports do. An *errs.Error with CodeInvalidRequest
// names the environment variable to change: exports cannot work with this configuration. Any other
// error means that the storage is unavailable now.
func (s *Storage) Check(ctx context.Context) (Report, error) {
	if _, err := s.creds.Retrieve(ctx); err != nil {
		if slices.ContainsFunc(credentialSources, func(name string) bool { return os.Getenv(name) != "" }) {
			return Report{}, fmt.Errorf("load the credentials of the file storage: %w", err)
		}
		return Report{}, errs.Invalid(varAccessKey, "Egress found no credentials for the file storage. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role.")
	}
	refused, err := s.probeOnce(ctx, false)
	switch {
	case err != nil && ctx.Err() != nil:
		return Report{}, wrap(ctx, "reach the file storage", err)
	case err != nil:
		if configErr := s.configError(ctx, err); configErr != nil {
			return Report{}, configErr
		}
		return Report{}, err
	case refused == nil:
		return Report{Checksums: *s.checksums.Load()}, nil
	}
	code := classify(refused).Code
	if choice := s.options.Checksums; choice != Auto {
		other := WhenRequired
		if choice == WhenRequired {
			other = WhenSupported
		}
		return Report{}, errs.Invalid(varChecksums, "The file storage refuses uploads with %s (%s). Set %s, or leave the variable unset.", choice, code, other)
	}
	return Report{Checksums: *s.checksums.Load(), Refused: code}, nil
}

// credentialSources are environment variables that name a source of credentials other than keys.
// Such a source may be temporarily unavailable.
var credentialSources = []string{
	"AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI",
}

// configError returns an error that names the environment variable to change, nil if err may be
// temporary.
func (s *Storage) configError(ctx context.Context, err error) error {
	if host := s.unknownBucketHost(ctx, err); host != "" {
		return errs.Invalid(varPathStyle, "The host name %s does not exist, but the host of EGRESS_S3_ENDPOINT does. Set EGRESS_S3_PATH_STYLE=true.", host)
	}
	e := classify(err)
	if !e.Class.Permanent() {
		return nil
	}
	status, code := responseOf(err)
	variable := varEndpoint
	if status != 0 || code != "" {
		variable = ruleFor(status, code).variable
	}
	switch {
	case e.Code == "content changed":
		return errs.Invalid(varChecksums, "The file storage changes the content of uploads. Set EGRESS_S3_CHECKSUMS to a mode that it supports.")
	case code == "NoSuchBucket" && s.options.Endpoint != "" && !s.options.PathStyle:
		return errs.Invalid(varBucket, "The bucket %q does not exist (%s). Create the bucket, correct EGRESS_S3_BUCKET, or set EGRESS_S3_PATH_STYLE=true.", s.bucket, code)
	case code == "NoSuchBucket":
		return errs.Invalid(varBucket, "The bucket %q does not exist (%s). %s", s.bucket, code, e.Advice)
	case variable == varRegion:
		if region := expectedRegion(err); region != "" {
			return errs.Invalid(varRegion, "The bucket is not in the region %s (%s). Set EGRESS_S3_REGION=%s.", s.region, e.Code, region)
		}
		return errs.Invalid(varRegion, "The bucket is not in the region %s (%s). %s", s.region, e.Code, e.Advice)
	case variable == varEndpoint && status != 0:
		return errs.Invalid(varEndpoint, "The server does not respond like an S3 endpoint with this bucket (%s). Check EGRESS_S3_ENDPOINT.", e.Code)
	default:
		return errs.Invalid(variable, "The file storage refuses to store a file (%s). %s", e.Code, e.Advice)
	}
}

// unknownBucketHost returns the bucket's host name if it does not resolve although the endpoint's
// host does; otherwise "".
func (s *Storage) unknownBucketHost(ctx context.Context, err error) string {
	d, ok := errors.AsType[*net.DNSError](err)
	if !ok || !d.IsNotFound || s.options.PathStyle || s.options.Endpoint == "" {
		return ""
	}
	u, err := url.Parse(s.options.Endpoint)
	if err != nil || u.Hostname() == d.Name {
		return ""
	}
	lookup := s.options.lookup
	if lookup == nil {
		lookup = net.DefaultResolver.LookupHost
	}
	if _, err := lookup(ctx, u.Hostname()); err != nil {
		return ""
	}
	return d.Name
}

var (
	regionInMessage = regexp.MustCompile(`expecting '([a-z0-9-]{2,40})'`)
	regionName      = regexp.MustCompile(`^[a-z0-9-]{2,40}$`)
)

// expectedRegion returns the bucket's region as the storage reports it, or "".
func expectedRegion(err error) string {
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && e.Response != nil && e.Response.Response != nil {
		if region := e.Response.Header.Get("X-Amz-Bucket-Region"); regionName.MatchString(region) {
			return region
		}
	}
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		if m := regionInMessage.FindStringSubmatch(e.ErrorMessage()); m != nil {
			return m[1]
		}
	}
	return ""
}
