package config

import (
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
)

// databaseName limits the name so that "<name>_t_<tenant id>" has at most 63 bytes, MongoDB's
// limit.
var databaseName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,21}$`)

// The names that Amazon S3, including its older buckets, and other storages allow.
var (
	bucketName = regexp.MustCompile(`^[A-Za-z0-9._-]{3,255}$`)
	regionName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
)

// Validate returns an *errs.Error whose Field is the environment variable of the first invalid
// setting, or nil. The message quotes no secret.
func (c *Config) Validate() error {
	for _, check := range []func() *errs.Error{
		c.checkAddresses, c.checkMongoDB, c.checkRedis, c.checkS3, c.checkMail, c.checkSecrets, c.checkRunning,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkAddresses() *errs.Error {
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return errs.Invalid("EGRESS_ADDR", "Must be a host and a port, like 127.0.0.1:8080.")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errs.Invalid("EGRESS_ADDR", "The port must be a number from 0 to 65535.")
	}
	return checkOrigin("EGRESS_PUBLIC_URL", c.PublicURL)
}

func (c *Config) checkMongoDB() *errs.Error {
	for _, s := range []struct {
		name string
		uri  Secret
	}{
		{"EGRESS_MONGODB_URI", c.MongoDBURI}, {"EGRESS_USERS_MONGODB_URI", c.UsersMongoDBURI},
	} {
		if s.uri != "" && !hasScheme(s.uri, "mongodb", "mongodb+srv") {
			return errs.Invalid(s.name, "Must begin with mongodb:// or mongodb+srv://.")
		}
		if s.uri != "" && !hasHosts(s.uri) {
			return errs.Invalid(s.name, "%s", invalidHosts)
		}
	}
	if !databaseName.MatchString(c.MongoDBDatabase) {
		return errs.Invalid("EGRESS_MONGODB_DATABASE", "Must have 1 to 21 letters, digits, hyphens or underscores.")
	}
	return nil
}

func (c *Config) checkRedis() *errs.Error {
	if c.RedisURL != "" && !hasScheme(c.RedisURL, "redis", "rediss", "redis+sentinel", "redis+cluster") {
		return errs.Invalid("EGRESS_REDIS_URL", "Must begin with redis://, rediss://, redis+sentinel:// or redis+cluster://.")
	}
	if c.RedisURL != "" && !hasHosts(c.RedisURL) {
		return errs.Invalid("EGRESS_REDIS_URL", "%s", invalidHosts)
	}
	return nil
}

func (c *Config) checkS3() *errs.Error {
	addresses := []struct{ name, value string }{
		{"EGRESS_S3_ENDPOINT", c.S3Endpoint}, {"EGRESS_S3_PUBLIC_ENDPOINT", c.S3PublicEndpoint},
	}
	for _, former := range c.S3FormerEndpoints {
		addresses = append(addresses, struct{ name, value string }{"EGRESS_S3_FORMER_ENDPOINTS", former})
	}
	for _, s := range addresses {
		if err := checkOrigin(s.name, s.value); err != nil {
			return err
		}
		if s.value != "" && c.S3Bucket == "" {
			return errs.Invalid("EGRESS_S3_BUCKET", "Must be set if %s is set.", s.name)
		}
	}
	if c.S3Bucket != "" && !bucketName.MatchString(c.S3Bucket) {
		return errs.Invalid("EGRESS_S3_BUCKET", "Must be the name of a bucket: 3 to 255 letters, digits, dots, hyphens or underscores.")
	}
	if c.S3Region != "" && !regionName.MatchString(c.S3Region) {
		return errs.Invalid("EGRESS_S3_REGION", "Must be the name of a region, like eu-west-1.")
	}
	if !slices.Contains([]string{"auto", "when_supported", "when_required"}, c.S3Checksums) {
		return errs.Invalid("EGRESS_S3_CHECKSUMS", "Must be auto, when_supported or when_required.")
	}
	return nil
}

func (c *Config) checkSecrets() *errs.Error {
	switch {
	case c.SecretKey != "":
		if decodeKey(c.SecretKey.Reveal()) == nil {
			return errSecretKey
		}
	case !c.EmbeddedServices().Database:
		return errs.Invalid("EGRESS_SECRET_KEY", "Must be set if EGRESS_MONGODB_URI is set: 32 random bytes in base64, the same for every process.")
	}
	if _, err := auth.ParseEmail("EGRESS_ADMIN_EMAIL", c.AdminEmail); c.AdminEmail != "" && err != nil {
		e, _ := errors.AsType[*errs.Error](err)
		return e
	}
	switch {
	case c.AdminEmail != "" && c.AdminPassword == "":
		return errs.Invalid("EGRESS_ADMIN_PASSWORD", "Must be set if EGRESS_ADMIN_EMAIL is set.")
	case c.AdminEmail == "" && c.AdminPassword != "":
		return errs.Invalid("EGRESS_ADMIN_EMAIL", "Must be set if EGRESS_ADMIN_PASSWORD is set.")
	}
	return nil
}

// maxReaders limits the memory of an export: each reader uses some megabytes.
const maxReaders = 16

func (c *Config) checkRunning() *errs.Error {
	switch {
	case c.DataDir == "" || c.EmbeddedServices().Any() && !mayBeDir(c.DataDir):
		return errs.Invalid("EGRESS_DATA_DIR", "Must be a directory.")
	case c.Workers < 0:
		return errs.Invalid("EGRESS_WORKERS", "Must be 0 or more.")
	case c.KeyRequests < 1:
		return errs.Invalid("EGRESS_KEY_REQUESTS", "Must be 1 or more.")
	case c.Readers < 1 || c.Readers > maxReaders:
		return errs.Invalid("EGRESS_READERS", "Must be between 1 and %d.", maxReaders)
	case c.Retention <= 0:
		return errs.Invalid("EGRESS_RETENTION", "Must be a positive duration, like 168h.")
	case !slices.Contains([]string{"text", "json"}, c.LogFormat):
		return errs.Invalid("EGRESS_LOG_FORMAT", "Must be text or json.")
	}
	if _, ok := levels[c.LogLevel]; !ok {
		return errs.Invalid("EGRESS_LOG_LEVEL", "Must be debug, info, warn or error.")
	}
	return nil
}

// checkOrigin checks that a value is an http or https URL with only a host and an optional port.
// Signatures, cookies and proxies do not support a path.
func checkOrigin(name, value string) *errs.Error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errs.Invalid(name, "Must be a URL like https://example.com.")
	}
	if u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return errs.Invalid(name, "Must be a URL without a user, a path or a query.")
	}
	return nil
}

// mayBeDir reports whether a path is a directory or does not exist.
func mayBeDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir() || errors.Is(err, fs.ErrNotExist)
}

const invalidHosts = "Must contain one or more hosts, separated by commas, each with an optional port. Percent-encode special characters in user and password."

// hasHosts reports whether a URI has valid hosts and a decodable user and password. It accepts
// several hosts, which net/url does not support.
func hasHosts(uri Secret) bool {
	_, rest, _ := strings.Cut(uri.Reveal(), "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if _, err := url.PathUnescape(authority[:at]); err != nil {
			return false
		}
		authority = authority[at+1:]
	}
	for host := range strings.SplitSeq(authority, ",") {
		if strings.HasSuffix(host, ".sock") { // the percent-encoded path of a Unix socket
			continue
		}
		if u, err := url.Parse("x://" + host); err != nil || u.Hostname() == "" {
			return false
		}
	}
	return true
}

func hasScheme(uri Secret, schemes ...string) bool {
	scheme, _, ok := strings.Cut(uri.Reveal(), "://")
	return ok && slices.Contains(schemes, scheme)
}
