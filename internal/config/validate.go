package config

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/egress-io/egress/internal/export"
)

// databaseName leaves room for "_t_" and the longest tenant's id: a name has at most 63 bytes in MongoDB.
var databaseName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,21}$`)

// Validate returns an *export.Error whose Field is the variable that is wrong. What it says quotes no secret.
func (c *Config) Validate() error {
	for _, check := range []func() *export.Error{
		c.checkAddresses, c.checkMongoDB, c.checkRedis, c.checkS3, c.checkMail, c.checkSecrets, c.checkRunning,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkAddresses() *export.Error {
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return export.Invalid("EGRESS_ADDR", "Must be a host and a port, like 127.0.0.1:8080.")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return export.Invalid("EGRESS_ADDR", "The port must be a number from 0 to 65535.")
	}
	return checkOrigin("EGRESS_PUBLIC_URL", c.PublicURL)
}

func (c *Config) checkMongoDB() *export.Error {
	for _, s := range []struct {
		name string
		uri  Secret
	}{
		{"EGRESS_MONGODB_URI", c.MongoDBURI}, {"EGRESS_USERS_MONGODB_URI", c.UsersMongoDBURI},
	} {
		if s.uri != "" && !hasScheme(s.uri, "mongodb", "mongodb+srv") {
			return export.Invalid(s.name, "Must begin with mongodb:// or mongodb+srv://.")
		}
	}
	if !databaseName.MatchString(c.MongoDBDatabase) {
		return export.Invalid("EGRESS_MONGODB_DATABASE", "Must have 1 to 21 letters, digits, hyphens or underscores.")
	}
	return nil
}

func (c *Config) checkRedis() *export.Error {
	if c.RedisURL != "" && !hasScheme(c.RedisURL, "redis", "rediss", "redis+sentinel", "redis+cluster") {
		return export.Invalid("EGRESS_REDIS_URL", "Must begin with redis://, rediss://, redis+sentinel:// or redis+cluster://.")
	}
	return nil
}

func (c *Config) checkS3() *export.Error {
	for _, s := range []struct{ name, value string }{
		{"EGRESS_S3_ENDPOINT", c.S3Endpoint}, {"EGRESS_S3_PUBLIC_ENDPOINT", c.S3PublicEndpoint},
	} {
		if err := checkOrigin(s.name, s.value); err != nil {
			return err
		}
		if s.value != "" && c.S3Bucket == "" {
			return export.Invalid("EGRESS_S3_BUCKET", "Must be set too when %s is.", s.name)
		}
	}
	if !slices.Contains([]string{"when_supported", "when_required"}, c.S3Checksums) {
		return export.Invalid("EGRESS_S3_CHECKSUMS", "Must be when_supported or when_required.")
	}
	return nil
}

func (c *Config) checkSecrets() *export.Error {
	switch {
	case c.SecretKey != "":
		if decodeKey(c.SecretKey.Reveal()) == nil {
			return errSecretKey
		}
	case !c.EmbeddedParts().MongoDB:
		return export.Invalid("EGRESS_SECRET_KEY", "Must be set when EGRESS_MONGODB_URI is: 32 random bytes in base64, the same for every process.")
	}
	switch {
	case c.AdminEmail != "" && !strings.Contains(c.AdminEmail, "@"):
		return export.Invalid("EGRESS_ADMIN_EMAIL", "Must be an e-mail address.")
	case c.AdminEmail != "" && c.AdminPassword == "":
		return export.Invalid("EGRESS_ADMIN_PASSWORD", "Must be set too when EGRESS_ADMIN_EMAIL is.")
	case c.AdminEmail == "" && c.AdminPassword != "":
		return export.Invalid("EGRESS_ADMIN_EMAIL", "Must be set too when EGRESS_ADMIN_PASSWORD is.")
	}
	return nil
}

// maxReaders bounds the memory of an export: each reader holds some megabytes.
const maxReaders = 16

func (c *Config) checkRunning() *export.Error {
	switch {
	case c.DataDir == "":
		return export.Invalid("EGRESS_DATA_DIR", "Must be a directory.")
	case c.Workers < 0:
		return export.Invalid("EGRESS_WORKERS", "Must be 0 or more.")
	case c.KeyRequests < 1:
		return export.Invalid("EGRESS_KEY_REQUESTS", "Must be 1 or more.")
	case c.Readers < 1 || c.Readers > maxReaders:
		return export.Invalid("EGRESS_READERS", "Must be between 1 and %d.", maxReaders)
	case c.Retention <= 0:
		return export.Invalid("EGRESS_RETENTION", "Must be a time span, like 168h.")
	case !slices.Contains([]string{"text", "json"}, c.LogFormat):
		return export.Invalid("EGRESS_LOG_FORMAT", "Must be text or json.")
	}
	if _, ok := levels[c.LogLevel]; !ok {
		return export.Invalid("EGRESS_LOG_LEVEL", "Must be debug, info, warn or error.")
	}
	return nil
}

// checkOrigin accepts an http or https URL of nothing but a host and perhaps a port. Paths would have to be known to
// signatures, cookies and proxies alike.
func checkOrigin(name, value string) *export.Error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return export.Invalid(name, "Must be a URL like https://example.com.")
	}
	if u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return export.Invalid(name, "Must be a URL without a user, a path or a query.")
	}
	return nil
}

func hasScheme(uri Secret, schemes ...string) bool {
	scheme, _, ok := strings.Cut(uri.Reveal(), "://")
	return ok && slices.Contains(schemes, scheme)
}
