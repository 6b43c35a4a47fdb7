package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/redis/redistest"
)

// Settings that can never work print one line that names the variable and exit with status 2.
func TestStartWithInvalidSettings(t *testing.T) {
	t.Parallel()
	https := httptest.NewTLSServer(nil)
	t.Cleanup(https.Close)
	locked := redistest.Server(t, "--requirepass", "hunter2")
	secret := "EGRESS_SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	for name, c := range map[string]struct {
		variable, value, says string
	}{
		"Redis, wrong password":      {"EGRESS_REDIS_URL", strings.Replace(locked.URL(), "://", "://:hunter3@", 1), "Redis rejects the user name or password."},
		"Redis, another authority":   {"EGRESS_REDIS_URL", locked.TLS(t), "The certificate of Redis is not trusted. Set SSL_CERT_FILE"},
		"MongoDB, another authority": {"EGRESS_MONGODB_URI", "mongodb://ada:hunter2@" + https.Listener.Addr().String() + "/?tls=true&serverSelectionTimeoutMS=3000", "The certificate of MongoDB is not trusted. Set SSL_CERT_FILE"},
		"the users' MongoDB":         {"EGRESS_USERS_MONGODB_URI", "mongodb://ada:hunter2@" + https.Listener.Addr().String() + "/?tls=true&serverSelectionTimeoutMS=3000", "The certificate of MongoDB is not trusted. Set SSL_CERT_FILE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := []string{c.variable + "=" + c.value, "EGRESS_LOG_LEVEL=error", secret}
			stdout, stderr, exit := runCommand(t, t.TempDir(), env, "serve", "--addr", "127.0.0.1:0")
			if exit != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "egress: "+c.variable+": "+c.says) {
				t.Errorf("status %d\n%s%s", exit, stdout, stderr)
			}
			if strings.Contains(stderr, "hunter") {
				t.Errorf("it quotes a secret: %s", stderr)
			}
		})
	}
}

// The terminal, /readyz and the job report that Redis is out of memory. The job starts when Redis
// has memory again.
func TestFullRedis(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction")
	p := start(t, seeded(t, hundredsUsers), []string{"EGRESS_REDIS_URL=" + redis.URL()})
	if said := p.out.String(); strings.Contains(said, "is ready") || !strings.Contains(said, "its exports wait: Redis is out of memory.") {
		t.Errorf("at the start: %s", said)
	}
	c := p.logIn()
	if status, body := c.raw(http.MethodGet, "/readyz", nil); status != http.StatusServiceUnavailable || !strings.Contains(string(body), `"redis":{"kind":"out_of_memory","message":"Redis is out of memory."}`) {
		t.Errorf("/readyz answers %d %s", status, body)
	}
	var made struct {
		job
		Retry *struct{ Reason, Message string }
	}
	if status := c.call(http.MethodPost, "/v4/user-export-jobs", everything(), &made); status != http.StatusAccepted {
		t.Fatalf("starting an export answers %d", status)
	}
	if made.Retry == nil || made.Retry.Reason != "queue_out_of_memory" || made.Retry.Message != "The queue does not accept work: Redis is out of memory." {
		t.Errorf("the job says %+v", made.Retry)
	}
	configure(t, redis, "maxmemory", "0")
	c.completed(made.JobID, time.Minute)
	if status, body := c.raw(http.MethodGet, "/readyz", nil); status != http.StatusOK {
		t.Errorf("/readyz answers %d %s", status, body)
	}
}

// configure changes a setting of a running Redis.
func configure(t *testing.T, s *redistest.RedisServer, name, value string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "redis://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "CONFIG SET %s %s\r\n", name, value)
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.HasPrefix(line, "+OK") {
		t.Fatalf("%q, %v", line, err)
	}
}
