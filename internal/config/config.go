// Package config defines the settings of Egress. Environment variables set them; flags of the same
// name take precedence.
package config

import (
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Config contains all settings. Kong fills it and calls Validate. By default Egress listens on the
// loopback interface and runs all services embedded, with its data in ./data.
type Config struct {
	Addr      string `name:"addr" env:"EGRESS_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on."`
	PublicURL string `name:"public-url" env:"EGRESS_PUBLIC_URL" placeholder:"URL" help:"URL under which browsers reach Egress (default: http://localhost with the port)."`
	// Empty by default: any client can set the header, and the limit on failed logins depends on
	// the client address.
	TrustedProxies []netip.Prefix `name:"trusted-proxies" env:"EGRESS_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Proxies whose headers X-Forwarded-For and X-Forwarded-Proto are trusted (default: none)."`

	DataDir string `name:"data-dir" env:"EGRESS_DATA_DIR" type:"path" default:"./data" help:"Data directory of the embedded services."`

	MongoDBURI      Secret `name:"mongodb-uri" env:"EGRESS_MONGODB_URI" placeholder:"URI" help:"MongoDB 6 or later (default: embedded SQLite)."`
	UsersMongoDBURI Secret `name:"users-mongodb-uri" env:"EGRESS_USERS_MONGODB_URI" placeholder:"URI" help:"MongoDB with the tenants' users (default: the same database as the control data)."`
	MongoDBDatabase string `name:"mongodb-database" env:"EGRESS_MONGODB_DATABASE" default:"egress" help:"Name of the control database, and the prefix of the tenants' databases."`

	RedisURL Secret `name:"redis-url" env:"EGRESS_REDIS_URL" placeholder:"URL" help:"Redis 6 or later: redis://, rediss://, redis+sentinel:// or redis+cluster:// (default: embedded)."`

	S3Bucket   string `name:"s3-bucket" env:"EGRESS_S3_BUCKET" placeholder:"NAME" help:"S3 bucket for the files (default: embedded)."`
	S3Endpoint string `name:"s3-endpoint" env:"EGRESS_S3_ENDPOINT" placeholder:"URL" help:"URL of the S3 service (default: Amazon S3)."`
	// Each file records its location. After a change of the endpoint, Egress accesses older files
	// only with this setting.
	S3FormerEndpoints []string `name:"s3-former-endpoints" env:"EGRESS_S3_FORMER_ENDPOINTS" placeholder:"URL,…" help:"Former endpoints of the same storage (default: none)."`

	S3PublicEndpoint string `name:"s3-public-endpoint" env:"EGRESS_S3_PUBLIC_ENDPOINT" placeholder:"URL" help:"Endpoint in presigned download links (default: the endpoint)."`
	S3Region         string `name:"s3-region" env:"EGRESS_S3_REGION" placeholder:"REGION" help:"Region of the bucket (default: from the AWS SDK's configuration)."`
	S3PathStyle      bool   `name:"s3-path-style" env:"EGRESS_S3_PATH_STYLE" help:"Address the bucket in the path, not in the host name."`
	S3Checksums      string `name:"s3-checksums" env:"EGRESS_S3_CHECKSUMS" default:"auto" help:"auto (detected by a small upload at start), when_supported, or when_required for storages that refuse newer checksums."`

	SMTPURL  Secret `name:"smtp-url" env:"EGRESS_SMTP_URL" placeholder:"URL" help:"Mail server: smtp://[user:password@]host[:port] (uses STARTTLS if offered; ?starttls=required makes it mandatory) or smtps:// for TLS (default: e-mails go to the console's outbox)."`
	MailFrom string `name:"mail-from" env:"EGRESS_MAIL_FROM" placeholder:"ADDRESS" help:"Sender of e-mails, like Egress <egress@example.com> (required with EGRESS_SMTP_URL)."`

	SecretKey     Secret `name:"secret-key" env:"EGRESS_SECRET_KEY" placeholder:"BASE64" help:"32-byte key that encrypts stored secrets (required with EGRESS_MONGODB_URI)."`
	AdminEmail    string `name:"admin-email" env:"EGRESS_ADMIN_EMAIL" placeholder:"ADDRESS" help:"E-mail address of the first admin."`
	AdminPassword Secret `name:"admin-password" env:"EGRESS_ADMIN_PASSWORD" placeholder:"PASSWORD" help:"Password of the first admin."`

	KeyRequests int `name:"key-requests" env:"EGRESS_KEY_REQUESTS" default:"6000" help:"Maximum requests per minute of a key pair without an own limit."`

	Workers   int           `name:"workers" env:"EGRESS_WORKERS" default:"2" help:"Number of exports that this process runs concurrently; 0 for none."`
	Readers   int           `name:"readers" env:"EGRESS_READERS" default:"2" help:"Number of segments of users that one export reads concurrently."`
	Retention time.Duration `name:"retention" env:"EGRESS_RETENTION" default:"168h" help:"Retention time of files."`

	LogFormat string `name:"log-format" env:"EGRESS_LOG_FORMAT" default:"text" help:"text or json."`
	LogLevel  string `name:"log-level" env:"EGRESS_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
}

// Services is a set of embedded services. Database is SQLite.
type Services struct{ Database, Redis, S3 bool }

// Any reports whether any service is embedded. Only then does Egress use the data directory.
func (p Services) Any() bool { return p.Database || p.Redis || p.S3 }

// EmbeddedServices returns the services to run embedded: those that are not configured.
func (c *Config) EmbeddedServices() Services {
	return Services{Database: c.MongoDBURI == "", Redis: c.RedisURL == "", S3: c.S3Bucket == ""}
}

// URL returns the URL of Egress for browsers, without a trailing slash: PublicURL, or else http
// with the host and port of listening, the actual listen address. For a loopback or unspecified
// address the host is localhost.
func (c *Config) URL(listening net.Addr) string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	host, port, err := net.SplitHostPort(listening.String())
	if err != nil {
		return "http://localhost"
	}
	if ip, err := netip.ParseAddr(host); err == nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost" // browsers treat http://localhost as a secure context
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Level returns the log level.
func (c *Config) Level() slog.Level { return levels[c.LogLevel] }

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}
