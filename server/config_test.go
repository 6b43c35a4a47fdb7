package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// wrongValues are invalid values for each variable. The error must not quote the value of a secret.
var wrongValues = map[string][]string{
	"EGRESS_ADDR":               {"here", "localhost:http!", "localhost:65536", "[::1"},
	"EGRESS_PUBLIC_URL":         {"egress.example.com", "ftp://x", "https://example.com/path", "https://", "%zz"},
	"EGRESS_TRUSTED_PROXIES":    {"10.0.0.1", "10.0.0.0/33", "proxy"},
	"EGRESS_DATA_DIR":           {"/dev/null", "/dev/null/data"},
	"EGRESS_MONGODB_URI":        {"postgres://u:hunter2@m", "mongodb://u:hunter2@", "mongodb://u:hunter2%zz@m/"},
	"EGRESS_USERS_MONGODB_URI":  {"u:hunter2@m", "mongodb://u:hunter2%zz@m/"},
	"EGRESS_MONGODB_DATABASE":   {"a.b", strings.Repeat("x", 22)},
	"EGRESS_REDIS_URL":          {"http://:hunter2@r", "redis://:hunter2@r:port", "redis://:hunter2%zz@r"},
	"EGRESS_S3_BUCKET":          {"Not A Bucket", "a"},
	"EGRESS_S3_ENDPOINT":        {"s3.example.com", "ftp://s3.example.com"},
	"EGRESS_S3_PUBLIC_ENDPOINT": {"files.example.com", "https://files.example.com/s3"},
	"EGRESS_S3_REGION":          {"eu west", "eu-west-1/", "\x01"},
	"EGRESS_S3_PATH_STYLE":      {"maybe", "2"},
	"EGRESS_S3_CHECKSUMS":       {"never"},
	"EGRESS_SMTP_URL":           {"mail.example.com:25", "smtp://u:hunter2%@mail", "smtp://mail:0"},
	"EGRESS_MAIL_FROM":          {"egress", "a@example.com, b@example.com"},
	"EGRESS_SECRET_KEY":         {"hunter2", "aHVudGVyMg=="},
	"EGRESS_ADMIN_EMAIL":        {"nobody", "Ada <ada@example.com>", "ada\u202e@example.com"},
	"EGRESS_ADMIN_PASSWORD":     {"hunter2"},
	"EGRESS_KEY_REQUESTS":       {"many", "1.5", "0", "-1", "99999999999999999999"},
	"EGRESS_WORKERS":            {"two", "-1", "2x"},
	"EGRESS_READERS":            {"two", "0", "17"},
	"EGRESS_RETENTION":          {"a week", "168", "-1h", "0s"},
	"EGRESS_LOG_FORMAT":         {"xml"},
	"EGRESS_LOG_LEVEL":          {"loud"},
	"EGRESS_SERVER":             {"egress.example.com", "ftp://x"},
	"EGRESS_ACCESS_KEY":         {""},
	"EGRESS_ACCESS_SECRET":      {""},

	"EGRESS_S3_FORMER_ENDPOINTS": {"s3.example.com", "https://a.example.com,ftp://b"},
}

// needed holds the variables that another variable requires.
var needed = map[string]map[string]string{
	"EGRESS_S3_ENDPOINT":        {"EGRESS_S3_BUCKET": "exports"},
	"EGRESS_S3_PUBLIC_ENDPOINT": {"EGRESS_S3_BUCKET": "exports"},
	"EGRESS_S3_REGION":          {"EGRESS_S3_BUCKET": "exports"},
	"EGRESS_SMTP_URL":           {"EGRESS_MAIL_FROM": "egress@example.com"},
	"EGRESS_MAIL_FROM":          {"EGRESS_SMTP_URL": "smtp://mail.example.com"},
	"EGRESS_ADMIN_EMAIL":        {"EGRESS_ADMIN_PASSWORD": "correct horse"},
	"EGRESS_ADMIN_PASSWORD":     {"EGRESS_ADMIN_EMAIL": "ada@example.com"},
	"EGRESS_MONGODB_URI":        {"EGRESS_SECRET_KEY": strings.Repeat("A", 43) + "="},
	"EGRESS_SERVER":             {"EGRESS_ACCESS_KEY": "k", "EGRESS_ACCESS_SECRET": "s"},
	"EGRESS_ACCESS_KEY":         {"EGRESS_SERVER": "https://egress.example.com", "EGRESS_ACCESS_SECRET": "s"},
	"EGRESS_ACCESS_SECRET":      {"EGRESS_SERVER": "https://egress.example.com", "EGRESS_ACCESS_KEY": "k"},

	"EGRESS_S3_FORMER_ENDPOINTS": {"EGRESS_S3_BUCKET": "exports"},
}

// An invalid setting prints one line that names the variable and exits with status 2. The test sets
// environment variables, so it is not parallel.
func TestConfigurationErrors(t *testing.T) {
	for variable, values := range wrongValues {
		for _, value := range values {
			t.Run(variable+"="+value, func(t *testing.T) {
				for _, entry := range os.Environ() {
					if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "EGRESS_") {
						t.Setenv(name, "") // counts as not set
					}
				}
				t.Setenv("EGRESS_DATA_DIR", filepath.Join(t.TempDir(), "data"))
				t.Setenv("EGRESS_ADDR", "127.0.0.1:0")
				for name, other := range needed[variable] {
					t.Setenv(name, other)
				}
				t.Setenv(variable, value)
				args := []string{"version"} // which reads them all, and opens nothing
				if strings.HasPrefix(variable, "EGRESS_ACCESS") || variable == "EGRESS_SERVER" {
					args = []string{"export"}
				}
				var out, err bytes.Buffer
				var exit int
				if variable == "EGRESS_ADMIN_PASSWORD" {
					// The password rules apply when the first admin is created. This case runs in
					// its own process, because the embedded storage changes the working directory.
					env := []string{variable + "=" + value, "EGRESS_ADMIN_EMAIL=ada@example.com", "EGRESS_ADDR=127.0.0.1:0", "EGRESS_LOG_LEVEL=error"}
					var o, e string
					o, e, exit = runCommand(t, t.TempDir(), env, "serve")
					out.WriteString(o)
					err.WriteString(e)
				} else {
					exit = program(args, terminal{&out, &err})
				}
				text := err.String()
				if exit != 2 || strings.Count(text, "\n") != 1 || !strings.Contains(text, variable) || out.Len() > 0 {
					t.Errorf("status %d, standard error:\n%s", exit, text)
				}
				if strings.Contains(text, "hunter2") {
					t.Errorf("it quotes a secret: %s", text)
				}
			})
		}
	}
}

// wrongValues has an entry for each variable.
func TestConfigurationErrorsCoverAllVariables(t *testing.T) {
	t.Parallel()
	var look func(reflect.Type)
	look = func(s reflect.Type) {
		for field := range s.Fields() {
			if env := field.Tag.Get("env"); env != "" && wrongValues[env] == nil {
				t.Errorf("%s is not in the table", env)
			}
			if field.Type.Kind() == reflect.Struct {
				look(field.Type)
			}
		}
	}
	look(reflect.TypeFor[cli]())
}
