// Package config is what can be set: by environment variables, or by flags of the same name, which win.
package config

import (
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Config is every setting. Kong fills it and calls Validate. With nothing set Egress serves on the loopback interface,
// and runs what it needs in its own process, with its data in ./data.
type Config struct {
	Addr      string `name:"addr" env:"EGRESS_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen."`
	PublicURL string `name:"public-url" env:"EGRESS_PUBLIC_URL" placeholder:"URL" help:"Where browsers find it (default: http://localhost with the port)."`
	// Believed from nobody by default: anyone can write the header, and the limit on failed logins goes by the address.
	TrustedProxies []netip.Prefix `name:"trusted-proxies" env:"EGRESS_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Proxies whose X-Forwarded-For is believed (default: none)."`

	DataDir string `name:"data-dir" env:"EGRESS_DATA_DIR" type:"path" default:"./data" help:"Where what is embedded keeps its data."`

	MongoDBURI      Secret `name:"mongodb-uri" env:"EGRESS_MONGODB_URI" placeholder:"URI" help:"MongoDB 6 or later (default: embedded)."`
	UsersMongoDBURI Secret `name:"users-mongodb-uri" env:"EGRESS_USERS_MONGODB_URI" placeholder:"URI" help:"Where the tenants' users are (default: in the same MongoDB)."`
	MongoDBDatabase string `name:"mongodb-database" env:"EGRESS_MONGODB_DATABASE" default:"egress" help:"The control database; the tenants' are named after it."`

	RedisURL Secret `name:"redis-url" env:"EGRESS_REDIS_URL" placeholder:"URL" help:"Redis 6 or later: redis://, rediss://, redis+sentinel:// or redis+cluster:// (default: embedded)."`

	S3Bucket         string `name:"s3-bucket" env:"EGRESS_S3_BUCKET" placeholder:"NAME" help:"Bucket for the files (default: embedded)."`
	S3Endpoint       string `name:"s3-endpoint" env:"EGRESS_S3_ENDPOINT" placeholder:"URL" help:"Another S3 than Amazon's."`
	S3PublicEndpoint string `name:"s3-public-endpoint" env:"EGRESS_S3_PUBLIC_ENDPOINT" placeholder:"URL" help:"What download links are signed for (default: the endpoint)."`
	S3Region         string `name:"s3-region" env:"EGRESS_S3_REGION" placeholder:"REGION" help:"Region of the bucket (default: by the AWS SDK)."`
	S3PathStyle      bool   `name:"s3-path-style" env:"EGRESS_S3_PATH_STYLE" help:"Address the bucket in the path, not in the host name."`
	S3Checksums      string `name:"s3-checksums" env:"EGRESS_S3_CHECKSUMS" default:"when_supported" help:"when_supported, or when_required for storages that refuse newer checksums."`

	SMTPURL  Secret `name:"smtp-url" env:"EGRESS_SMTP_URL" placeholder:"URL" help:"Mail server: smtp://[user:password@]host[:port] (STARTTLS where offered; with ?starttls=required always) or smtps:// for TLS (default: mails are kept for the console's outbox)."`
	MailFrom string `name:"mail-from" env:"EGRESS_MAIL_FROM" placeholder:"ADDRESS" help:"Sender of e-mails, like Egress <egress@example.com> (needed with EGRESS_SMTP_URL)."`

	SecretKey     Secret `name:"secret-key" env:"EGRESS_SECRET_KEY" placeholder:"BASE64" help:"32 bytes that seal stored secrets (needed with EGRESS_MONGODB_URI)."`
	AdminEmail    string `name:"admin-email" env:"EGRESS_ADMIN_EMAIL" placeholder:"ADDRESS" help:"The first admin."`
	AdminPassword Secret `name:"admin-password" env:"EGRESS_ADMIN_PASSWORD" placeholder:"PASSWORD" help:"The first admin's password."`

	KeyRequests int `name:"key-requests" env:"EGRESS_KEY_REQUESTS" default:"1200" help:"Requests that one key pair may make in a minute."`

	Workers   int           `name:"workers" env:"EGRESS_WORKERS" default:"2" help:"Exports that this process works on at once; 0 for none."`
	Readers   int           `name:"readers" env:"EGRESS_READERS" default:"2" help:"Ranges of users that one export reads at once; the embedded database is always read by one."`
	Retention time.Duration `name:"retention" env:"EGRESS_RETENTION" default:"168h" help:"How long files are kept."`

	LogFormat string `name:"log-format" env:"EGRESS_LOG_FORMAT" default:"text" help:"text or json."`
	LogLevel  string `name:"log-level" env:"EGRESS_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
}

// Parts are the parts that are embedded.
type Parts struct{ MongoDB, Redis, S3 bool }

// Any reports whether anything is embedded, and so whether the data directory is used.
func (p Parts) Any() bool { return p.MongoDB || p.Redis || p.S3 }

// EmbeddedParts tells what to run in the process: everything that is not configured.
func (c *Config) EmbeddedParts() Parts {
	return Parts{MongoDB: c.MongoDBURI == "", Redis: c.RedisURL == "", S3: c.S3Bucket == ""}
}

// URL is where browsers find Egress, without a final slash: what is configured, or else localhost, or the host that it
// listens on, with the port of listening, which is the address that it really got.
func (c *Config) URL(listening net.Addr) string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	host, port, err := net.SplitHostPort(listening.String())
	if err != nil {
		return "http://localhost"
	}
	if ip, err := netip.ParseAddr(host); err == nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost" // a browser takes it for a secure context, whatever the address
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Level is the log level.
func (c *Config) Level() slog.Level { return levels[c.LogLevel] }

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}
