package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// These tests compare docs/operations.md with the program: variables and defaults, commands and
// flags, quoted log messages, and figures. To change a figure, change the code, the document and
// the table below.

// claims are statements of docs/operations.md, each with the line of code that makes it true. White
// space is compared as one blank, since the document is wrapped and the code is aligned.
var claims = []struct{ says, file, code string }{
	{"Exports read from the primary unless the URI names a read preference", "internal/mongo/client.go", "return readpref.Primary()"},
	{"cookies are Secure and named `__Host-egress_…`", "internal/api/cookies.go", `const hostPrefix = "__Host-"`},
	{"The password has at least 12 characters", "internal/auth/password.go", "use at least 12 characters"},
	{"3: only the state events of an `egress export` failed", "server/main.go", "return 3"},
	{"retried for about a day", "internal/jobs/mail_sender.go", "const MaxMailTries = 30"},
	{"1 to 16", "internal/config/validate.go", "maxReaders = 16"},
	{"another process takes over after 10 seconds without a heartbeat", "internal/jobs/settings.go", "s.StaleAfter = cmp.Or(s.StaleAfter, 10*time.Second)"},
	{"Parts have 8 MiB or more", "internal/pipeline/part.go", "firstPart = 8 << 20"},
	{"(`GOGC` 30) unless `GOGC` or `GOMEMLIMIT` is set", "internal/pipeline/settings.go", "const GCPercent = 30"},
	{"(`GOGC` 30) unless `GOGC` or `GOMEMLIMIT` is set", "server/worker.go", `os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == ""`},
	{"if less than 256 MiB or 1,000 files are free", "internal/embedded/space.go", "const MinFree = 256 << 20"},
	{"if less than 256 MiB or 1,000 files are free", "internal/embedded/space.go", "const minFiles = 1000"},
	{"`data/sqlite/control.db`", "internal/embedded/embedded.go", `filepath.Join(dataDir, "sqlite")`},
	{"`data/sqlite/control.db`", "internal/sqlite/db.go", `filepath.Join(dir, "control.db")`},
	{"`data/sqlite/tenants/<tenant>.db`", "internal/sqlite/db.go", `filepath.Join(db.dir, "tenants", tenant+".db")`},
	{"Above 64 MiB, Egress shortens the log", "internal/sqlite/file.go", "walLimit = 64 << 20"},
	{"Above 256 MiB, it moves the snapshots of running exports on", "internal/sqlite/file.go", "snapshotLogLimit = 256 << 20"},
	{"1 that writes, at most 64 that read; 4 stay open without use", "internal/sqlite/pool.go", "maxReaders = 64"},
	{"1 that writes, at most 64 that read; 4 stay open without use", "internal/sqlite/pool.go", "maxIdleReaders = 4"},
	{"The checks are `database` (SQLite), `mongodb`", "server/stores_sqlite.go", `name: "database"`},
	{"The checks are `database` (SQLite), `mongodb`", "server/stores_mongo.go", `name: "mongodb"`},
	{"sockets in `data/sockets`", "internal/embedded/socket_dir.go", `filepath.Join(dataDir, "sockets")`},
	{"The default port is 587 for `smtp://` and 465 for `smtps://`", "internal/config/mail.go", "submissionPort  = 587"},
	{"The default port is 587 for `smtp://` and 465 for `smtps://`", "internal/config/mail.go", "submissionsPort = 465"},
	{"`?starttls=required`", "internal/config/mail.go", "The option starttls must be required or offered."},
	{"after 15 seconds at first, every hour at the end", "internal/jobs/settings.go", "s.MailDelay = cmp.Or(s.MailDelay, 15*time.Second)"},
	{"after 15 seconds at first, every hour at the end", "internal/jobs/mail_sender.go", "maxMailDelay  = time.Hour"},
	{"Egress keeps the newest 500 of a tenant, for 30 days", "internal/stored/message.go", "OutboxSize = 500"},
	{"Egress keeps the newest 500 of a tenant, for 30 days", "internal/stored/message.go", "outboxAge  = 30 * 24 * time.Hour"},
	{"Failed log-ins are counted for 15 minutes", "internal/auth/throttle.go", "accountAddressLimit = Limit{Events: 10, Window: 15 * time.Minute}"},
	{"| 50 | IP address | 429, for this IP address |", "internal/auth/throttle.go", "addressLimit        = Limit{Events: 50, Window: 15 * time.Minute}"},
	{"| 10 | device on which this admin logged in before", "internal/auth/throttle.go", "deviceLimit = Limit{Events: 10, Window: 15 * time.Minute}"},
	{"| 100 | e-mail address, over all IP addresses |", "internal/auth/throttle.go", "accountDelayLimit = Limit{Events: 100, Window: 15 * time.Minute}"},
	{"(cookie `egress_device`, for a year)", "internal/api/cookies.go", "const deviceCookieMaxAge = 365 * 24 * time.Hour"},
	{"every attempt waits 1 second, and up to 10 after more failures", "internal/auth/slowdown.go", "firstDelay = time.Second"},
	{"every attempt waits 1 second, and up to 10 after more failures", "internal/auth/slowdown.go", "maxDelay = 10 * time.Second"},
	{"At most 16 attempts for one e-mail address and 256 in a process", "internal/auth/slowdown.go", "maxWaiting = 256"},
	{"At most 16 attempts for one e-mail address and 256 in a process", "internal/auth/slowdown.go", "maxWaitingPerAccount = 16"},
	{"in at most 50,000 counters", "internal/auth/memory_throttle.go", "const maxWindows = 50_000"},
	{"logs `msg=\"Redis does not respond: each server counts limits on its own\"` once a minute", "internal/auth/fallback.go", "logInterval = time.Minute"},
	{"the page holds exports in memory, at most 500 MB", "frontend/src/downloads/memory-sink.ts", "mostInMemory = 500_000_000"},
	{"| 3 run, 12 wait | 8 run | a request waits up to 5 s", "internal/api/read_limits.go", "limiter.Options{Total: 8, PerTenant: 3, Waiting: 12, Wait: 5 * time.Second}"},
	{"`Retry-After: 2`", "internal/api/read_limits.go", "retryReadAfter   = 2"},
	{"`Retry-After: 10`", "internal/api/read_limits.go", "retryExportAfter = 10"},
	{"| `GET /v3/user-export` without pages | 3 | 12 |", "internal/api/read_limits.go", "limiter.Options{Total: 12, PerTenant: 3}"},
	{"| key pairs of an admin | 50 |", "internal/auth/keypair_manage.go", "MaxKeyPairs = 50"},
	{"reads nothing for a minute is disconnected", "internal/api/bodystream/body.go", "stallTimeout            = time.Minute"},
	{"Such an export may take at most one hour", "internal/api/stream_body.go", "const streamBodyTimeout = time.Hour"},
	{"A read ends within a second after its client disconnects, and with the request after 30 seconds at the latest", "internal/api/bodystream/client.go", "const ClientCheckInterval = 500 * time.Millisecond"},
	{"A read ends within a second after its client disconnects, and with the request after 30 seconds at the latest", "internal/api/middleware.go", "const requestTimeout = 30 * time.Second"},
	{"A request whose client disconnected before the response has `status=499`", "internal/api/problem.go", "const statusClientGone = 499"},
	{"put its provider in `openFeatures` in `server/system.go`", "server/system.go", "func (s *system) openFeatures("},
	{"The console repeats a refused read twice", "frontend/src/api/query-client.ts", "retries = 2"},
	{"`level=ERROR msg=\"the export failed\"`", "internal/jobs/attempt_end.go", `a.log.Error("the export failed"`},
	{"from 1 hour to 90 days", "internal/jobs/retention.go", "MinRetention = time.Hour"},
	{"from 1 hour to 90 days", "internal/jobs/retention.go", "MaxRetention = 90 * 24 * time.Hour"},
	{"after 10 attempts in a row without a new checkpoint", "internal/jobs/settings.go", "const MaxStalled = 10"},
	{"`user_id_not_text`", "internal/errs/errs.go", `"user_id_not_text"`},
}

func TestFiguresOfTheOperationsDocument(t *testing.T) {
	t.Parallel()
	text := oneLine(document(t, "docs/operations.md"))
	for _, c := range claims {
		if !strings.Contains(text, oneLine(c.says)) {
			t.Errorf("docs/operations.md does not say %q, which is set in %s", c.says, c.file)
		}
		if code := oneLine(document(t, c.file)); !strings.Contains(code, oneLine(c.code)) {
			t.Errorf("docs/operations.md says %q, but %s does not contain %q", c.says, c.file, c.code)
		}
	}
}

var (
	variableRow   = regexp.MustCompile("(?m)^\\| (`EGRESS_[^|]*) \\|([^|]*)\\|")
	variableName  = regexp.MustCompile("`(EGRESS_[A-Z0-9_]+)`")
	commandRow    = regexp.MustCompile("(?m)^\\| `egress ([^`]+)` \\|")
	commandSpan   = regexp.MustCompile("(?m)`(?:bin/)?egress ([a-z][^`\n]*)`|^(?:[A-Z_]+=\\S+ )*bin/egress ([a-z][^\n#]*)")
	flagName      = regexp.MustCompile(`--[a-z][a-z0-9-]*`)
	quotedMessage = regexp.MustCompile(`msg="([^"]+)"`)
)

// Every setting has a row with its default, and every row names a setting.
func TestVariablesOfTheOperationsDocument(t *testing.T) {
	t.Parallel()
	defaults := map[string]string{}
	for _, row := range variableRow.FindAllStringSubmatch(document(t, "docs/operations.md"), -1) {
		names := variableName.FindAllStringSubmatch(row[1], -1)
		values := strings.Split(strings.TrimSpace(row[2]), ", ")
		for i, name := range names {
			defaults[name[1]] = strings.Trim(values[min(i, len(values)-1)], "` ")
		}
	}
	known := map[string]bool{}
	for _, flag := range commandLine(t).Flags {
		if len(flag.Envs) == 0 {
			continue
		}
		name := flag.Envs[0]
		known[name] = true
		if want := "EGRESS_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_")); name != want {
			t.Errorf("--%s: the variable is %s, want %s", flag.Name, name, want)
		}
		documented, ok := defaults[name]
		if !ok {
			t.Errorf("%s has no row", name)
		}
		if flag.HasDefault && documented != flag.Default {
			t.Errorf("%s: the default is %q, documented as %q", name, flag.Default, documented)
		}
	}
	for name := range defaults {
		if !known[name] {
			t.Errorf("%s is documented, but is not a setting", name)
		}
	}
}

// Every command has a row, and every command and flag that a document quotes exists.
func TestCommandsOfTheDocuments(t *testing.T) {
	t.Parallel()
	root := commandLine(t)
	documented := map[string]bool{}
	for _, row := range commandRow.FindAllStringSubmatch(document(t, "docs/operations.md"), -1) {
		documented[strings.Fields(row[1])[0]] = true
	}
	for _, command := range root.Children {
		if !documented[command.Name] {
			t.Errorf("egress %s has no row in docs/operations.md", command.Name)
		}
	}
	quoted := 0
	for _, path := range []string{"README.md", "docs/api.md", "docs/import.md", "docs/operations.md", "docs/reference.md", "docs/compatibility.md", "docs/audit.md", "docs/security.md", "docs/migrating-from-zephr.md"} {
		for _, span := range commandSpan.FindAllStringSubmatch(document(t, path), -1) {
			line := span[1] + span[2]
			node, flags := root, slices.Clone(root.Flags)
			for word := range strings.FieldsSeq(line) {
				at := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == word })
				if at < 0 {
					break
				}
				node = node.Children[at]
				flags = append(flags, node.Flags...)
			}
			if node.DefaultCmd != nil {
				flags = append(flags, node.DefaultCmd.Flags...)
			}
			if quoted++; node == root {
				t.Errorf("%s: `egress %s` is not a command", path, line)
			}
			for _, name := range flagName.FindAllString(line, -1) {
				if !slices.ContainsFunc(flags, func(f *kong.Flag) bool { return "--"+f.Name == name }) {
					t.Errorf("%s: `egress %s` has no flag %s", path, line, name)
				}
			}
		}
	}
	if quoted < 20 {
		t.Errorf("the documents quote %d commands, want at least 20", quoted)
	}
}

// The code contains every log message that docs/operations.md quotes.
func TestMessagesOfTheOperationsDocument(t *testing.T) {
	t.Parallel()
	text := document(t, "docs/operations.md")
	messages := []string{"cannot read how long the tenant's files are kept", "the head of an audit chain is missing or was changed", "Egress is running (pid "}
	for _, m := range quotedMessage.FindAllStringSubmatch(text, -1) {
		messages = append(messages, oneLine(m[1])) // a message may be wrapped
	}
	if len(messages) < 6 {
		t.Errorf("docs/operations.md quotes %d messages, want at least 6", len(messages))
	}
	var code strings.Builder
	for _, folder := range []string{"server", "internal"} {
		err := filepath.WalkDir(filepath.Join("..", folder), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			body, err := os.ReadFile(path)
			code.Write(body)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range messages {
		if !strings.Contains(oneLine(text), strings.TrimSpace(m)) {
			t.Errorf("%q is not in docs/operations.md", m)
		}
		if !strings.Contains(code.String(), m) {
			t.Errorf("the code does not contain %q", m)
		}
	}
}

// commandLine returns the model of the command line.
func commandLine(t *testing.T) *kong.Node {
	t.Helper()
	parser, err := kong.New(&cli{}, kong.Name("egress"), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Node
}

// oneLine replaces each run of white space with one blank.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// document returns the text of a file of the repository.
func document(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
