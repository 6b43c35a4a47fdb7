package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"

	"github.com/alecthomas/kong"
)

// parse fills a Config like the program. It sets environment variables, so its tests are not
// parallel.
func parse(t *testing.T, env map[string]string, args ...string) (*Config, error) {
	t.Helper()
	for name, value := range env {
		t.Setenv(name, value)
	}
	if err := UnsetEmpty(); err != nil {
		t.Fatal(err)
	}
	var c Config
	p, err := kong.New(&c, kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Parse(args)
	return &c, err
}

func TestDefaults(t *testing.T) {
	c, err := parse(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.EmbeddedServices() != (Services{Database: true, Redis: true, S3: true}) {
		t.Errorf("embedded: %+v", c.EmbeddedServices())
	}
	if !filepath.IsAbs(c.DataDir) || filepath.Base(c.DataDir) != "data" {
		t.Errorf("data directory: %s", c.DataDir)
	}
	if c.Addr != "127.0.0.1:8080" || c.MongoDBDatabase != "egress" || c.Workers != 2 || c.Readers != 2 || c.KeyRequests != 6000 || c.Retention != 7*24*time.Hour ||
		c.S3Checksums != "auto" || c.LogFormat != "text" || c.Level() != slog.LevelInfo {
		t.Errorf("defaults: %+v", *c)
	}
}

func TestFlagsOverrideEnvironment(t *testing.T) {
	c, err := parse(t, map[string]string{"EGRESS_ADDR": ":1", "EGRESS_WORKERS": "7", "EGRESS_S3_PATH_STYLE": "true"}, "--addr=:2")
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != ":2" || c.Workers != 7 || !c.S3PathStyle {
		t.Errorf("addr %s, workers %d, path style %v", c.Addr, c.Workers, c.S3PathStyle)
	}
}

func TestEmptyEnvironment(t *testing.T) {
	c, err := parse(t, map[string]string{
		"EGRESS_ADDR": "", "EGRESS_WORKERS": "", "EGRESS_RETENTION": "", "EGRESS_S3_PATH_STYLE": "", "EGRESS_MONGODB_URI": "",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || c.Workers != 2 || !c.EmbeddedServices().Database {
		t.Errorf("addr %q, workers %d", c.Addr, c.Workers)
	}
}

func TestEmbeddedParts(t *testing.T) {
	t.Parallel()
	c := Config{RedisURL: "redis://r", S3Bucket: "b"}
	if got := c.EmbeddedServices(); got != (Services{Database: true}) || !got.Any() {
		t.Errorf("the database alone: %+v", got)
	}
	c.MongoDBURI = "mongodb://m"
	if got := c.EmbeddedServices(); got.Any() {
		t.Errorf("none: %+v", got)
	}
}

// valid returns a valid configuration without embedded services.
func valid() Config {
	return Config{
		Addr: "0.0.0.0:443", PublicURL: "https://egress.example.com/", DataDir: "/var/lib/egress",
		MongoDBURI: "mongodb+srv://u:hunter2@m/", UsersMongoDBURI: "mongodb://u:hunter2@m2/", MongoDBDatabase: "egress",
		RedisURL: "rediss://:hunter2@r:6379/1", S3Bucket: "exports", S3Endpoint: "https://s3.example.com",
		S3PublicEndpoint: "https://files.example.com:8443", S3Checksums: "when_required", SecretKey: Secret(NewSecretKey()),
		SMTPURL: "smtps://u:hunter2@mail.example.com", MailFrom: "Egress <egress@example.com>",
		AdminEmail: "ada@example.com", AdminPassword: "hunter2", Workers: 0, Readers: 1, KeyRequests: 1, Retention: time.Hour, LogFormat: "json", LogLevel: "debug",
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if c := valid(); c.Validate() != nil {
		t.Fatal(c.Validate())
	}
	for _, test := range []struct {
		field  string
		change func(*Config)
	}{
		{"EGRESS_ADDR", func(c *Config) { c.Addr = "localhost" }},
		{"EGRESS_ADDR", func(c *Config) { c.Addr = "localhost:http!" }},
		{"EGRESS_ADDR", func(c *Config) { c.Addr = "localhost:65536" }},
		{"EGRESS_PUBLIC_URL", func(c *Config) { c.PublicURL = "egress.example.com" }},
		{"EGRESS_PUBLIC_URL", func(c *Config) { c.PublicURL = "ftp://egress.example.com" }},
		{"EGRESS_PUBLIC_URL", func(c *Config) { c.PublicURL = "https://example.com/egress" }},
		{"EGRESS_PUBLIC_URL", func(c *Config) { c.PublicURL = "https://u:hunter2@example.com" }},
		{"EGRESS_DATA_DIR", func(c *Config) { c.DataDir = "" }},
		{"EGRESS_MONGODB_URI", func(c *Config) { c.MongoDBURI = "postgres://u:hunter2@m" }},
		{"EGRESS_USERS_MONGODB_URI", func(c *Config) { c.UsersMongoDBURI = "u:hunter2@m" }},
		{"EGRESS_MONGODB_DATABASE", func(c *Config) { c.MongoDBDatabase = "" }},
		{"EGRESS_MONGODB_DATABASE", func(c *Config) { c.MongoDBDatabase = "a.b" }},
		{"EGRESS_MONGODB_DATABASE", func(c *Config) { c.MongoDBDatabase = strings.Repeat("x", 22) }},
		{"EGRESS_REDIS_URL", func(c *Config) { c.RedisURL = "http://:hunter2@r" }},
		{"EGRESS_S3_BUCKET", func(c *Config) { c.S3Bucket = "" }},
		{"EGRESS_S3_BUCKET", func(c *Config) { c.S3Bucket, c.S3Endpoint = "", "" }},
		{"EGRESS_S3_ENDPOINT", func(c *Config) { c.S3Endpoint = "s3.example.com" }},
		{"EGRESS_S3_PUBLIC_ENDPOINT", func(c *Config) { c.S3PublicEndpoint = "https://files.example.com/s3?x=hunter2" }},
		{"EGRESS_S3_CHECKSUMS", func(c *Config) { c.S3Checksums = "never" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "mail.example.com:25" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "http://u:hunter2@mail.example.com" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "smtp://u:hunter2%@mail.example.com" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "smtp://:25" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "smtp://mail.example.com:0" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "smtp://mail.example.com:65536" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "smtp://mail.example.com/hunter2" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "smtp://u@mail.example.com" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "smtp://:hunter2@mail.example.com" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "smtp://mail.example.com?starttls=hunter2" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "smtp://mail.example.com?tls=required" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "smtps://mail.example.com?starttls=required" }},
		{"EGRESS_SMTP_URL", func(c *Config) { c.SMTPURL = "" }},
		{"EGRESS_MAIL_FROM", func(c *Config) { c.MailFrom = "" }},
		{"EGRESS_MAIL_FROM", func(c *Config) { c.MailFrom = "egress" }},
		{"EGRESS_MAIL_FROM", func(c *Config) { c.MailFrom = "a@example.com, b@example.com" }},
		{"EGRESS_MAIL_FROM", func(c *Config) { c.MailFrom = "a@example.com\r\nBcc: b@example.com" }},
		{"EGRESS_SECRET_KEY", func(c *Config) { c.SecretKey = "" }},
		{"EGRESS_SECRET_KEY", func(c *Config) { c.SecretKey = "hunter2" }},
		{"EGRESS_ADMIN_EMAIL", func(c *Config) { c.AdminEmail = "" }},
		{"EGRESS_ADMIN_EMAIL", func(c *Config) { c.AdminEmail = "hunter2" }},
		{"EGRESS_ADMIN_EMAIL", func(c *Config) { c.AdminEmail = "ada\u202e@example.com" }},
		{"EGRESS_ADMIN_EMAIL", func(c *Config) { c.AdminEmail = "Ada <ada@example.com>" }},
		{"EGRESS_ADMIN_PASSWORD", func(c *Config) { c.AdminPassword = "" }},
		{"EGRESS_WORKERS", func(c *Config) { c.Workers = -1 }},
		{"EGRESS_KEY_REQUESTS", func(c *Config) { c.KeyRequests = 0 }},
		{"EGRESS_READERS", func(c *Config) { c.Readers = 0 }},
		{"EGRESS_READERS", func(c *Config) { c.Readers = 17 }},
		{"EGRESS_RETENTION", func(c *Config) { c.Retention = 0 }},
		{"EGRESS_LOG_FORMAT", func(c *Config) { c.LogFormat = "xml" }},
		{"EGRESS_LOG_LEVEL", func(c *Config) { c.LogLevel = "loud" }},
	} {
		c := valid()
		test.change(&c)
		err := c.Validate()
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || e.Field != test.field || e.Code != errs.CodeInvalidRequest {
			t.Errorf("%s: got %v", test.field, err)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error quotes a secret: %v", test.field, err)
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	for uri, want := range map[Secret]bool{
		"mongodb://m": true, "mongodb://a:27017,b:27018,[::1]:1/db?replicaSet=r": true, "mongodb+srv://u:p%40w@m.example.com/": true,
		"mongodb://%2Ftmp%2Fegress%2Fmongodb.sock/": true, "redis+sentinel://:p@a:26379,b/master/1": true, "redis://localhost:6379": true,
		"mongodb://": false, "mongodb:///db": false, "mongodb://a,,b": false, "mongodb://a:port": false, "mongodb://u:p%zz@m": false, "redis://:p@": false,
	} {
		if got := hasHosts(uri); got != want {
			t.Errorf("%s: %t", uri.Reveal(), got)
		}
	}
}

func TestMailServer(t *testing.T) {
	t.Parallel()
	if m, err := (&Config{}).MailServer(); m != nil || err != nil {
		t.Errorf("none: %+v, %v", m, err)
	}
	for url, want := range map[Secret]MailServer{
		"smtp://mail.example.com":                               {Host: "mail.example.com", Port: 587},
		"smtp://mail.example.com:25/":                           {Host: "mail.example.com", Port: 25},
		"smtp://mail.example.com?starttls=required":             {Host: "mail.example.com", Port: 587, STARTTLSRequired: true},
		"smtp://mail.example.com:2525?starttls=offered":         {Host: "mail.example.com", Port: 2525},
		"smtps://ada%40example.com:p%2Fw%3A@[2001:db8::1]:4650": {Host: "2001:db8::1", Port: 4650, TLS: true, User: "ada@example.com", Password: "p/w:"},
		"smtps://mail.example.com":                              {Host: "mail.example.com", Port: 465, TLS: true},
	} {
		got, err := (&Config{SMTPURL: url, MailFrom: "egress@example.com"}).MailServer()
		if err != nil || *got != want {
			t.Errorf("%s: %+v, %v, want %+v", url.Reveal(), got, err, want)
		}
	}
}

func TestSecretKey(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		NewSecretKey(), strings.TrimRight(NewSecretKey(), "="),
		strings.Repeat("-_", 21) + "8=", strings.Repeat("+/", 21) + "8",
	} {
		if key, err := ParseSecretKey(text); err != nil || len(key) != 32 {
			t.Errorf("%s: %d bytes, %v", text, len(key), err)
		}
	}
	if NewSecretKey() == NewSecretKey() {
		t.Error("two new keys are equal")
	}
}

func TestSecretHides(t *testing.T) {
	t.Parallel()
	c := valid()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&out, verb+" "+verb+"\n", c.AdminPassword, c)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "c", c, "s", c.AdminPassword)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "c", c, "s", c.AdminPassword)
	if err := json.NewEncoder(&out).Encode(c); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), fmt.Sprintf("%X", "hunter2"), c.SecretKey.Reveal()} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q is shown:\n%s", secret, out.String())
		}
	}
	if c.AdminPassword.Reveal() != "hunter2" || Secret("").String() != "" {
		t.Error("Reveal or String is wrong")
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	for listening, want := range map[string]string{
		"127.0.0.1:8080":  "http://localhost:8080",
		"[::1]:81":        "http://localhost:81",
		"0.0.0.0:80":      "http://localhost:80",
		"[::]:80":         "http://localhost:80",
		"192.0.2.7:9000":  "http://192.0.2.7:9000",
		"[2001:db8::1]:9": "http://[2001:db8::1]:9",
	} {
		addr, err := net.ResolveTCPAddr("tcp", listening)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&Config{}).URL(addr); got != want {
			t.Errorf("%s: %s, want %s", listening, got, want)
		}
		c := valid()
		if got := c.URL(addr); got != "https://egress.example.com" {
			t.Errorf("%s configured: %s", listening, got)
		}
	}
}
