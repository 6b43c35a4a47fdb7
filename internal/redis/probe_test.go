package redis

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/redis/redistest"
)

const password = "hunter2secret"

// checkOutage checks that an error gives the reason why Redis refuses work, and that its message shows
// no secret, host or port.
func checkOutage(t *testing.T, what string, err error, kind errs.OutageKind, message string) {
	t.Helper()
	o, ok := errors.AsType[*errs.OutageError](err)
	if !ok || o.Kind != kind || o.Message != message {
		t.Errorf("%s: %v, want %s, %q", what, err, kind, message)
		return
	}
	if strings.Contains(o.Message+o.Advice, password) || strings.Contains(err.Error(), password) || strings.Contains(o.Message, "127.0.0.1") {
		t.Errorf("%s: says too much: %v", what, err)
	}
}

func TestProbe(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		for range 2 {
			if err := c.Probe(ctx); err != nil {
				t.Error(err)
			}
		}
	})
}

// A refusing Redis makes the probe, the queue and the lock fail with the same reason. A PING is not
// enough: a full Redis answers it.
func TestProbeReportsRefusals(t *testing.T) {
	t.Parallel()
	with := func(user string) func(s *redistest.RedisServer) string {
		return func(s *redistest.RedisServer) string { return strings.Replace(s.URL(), "://", "://"+user+"@", 1) }
	}
	locked := []string{"--requirepass", password}
	for name, c := range map[string]struct {
		options []string
		url     func(*redistest.RedisServer) string
		kind    errs.OutageKind
		message string
	}{
		"full":                {[]string{"--maxmemory", "1", "--maxmemory-policy", "noeviction"}, (*redistest.RedisServer).URL, errs.OutageOutOfMemory, "Redis is out of memory."},
		"wrong password":      {locked, with(":wrong"), errs.OutageCredentialsRefused, "Redis rejects the user name or password."},
		"no password":         {locked, (*redistest.RedisServer).URL, errs.OutageCredentialsRefused, "Redis requires a password."},
		"needless one":        {nil, with("egress:" + password), errs.OutageCredentialsRefused, "Redis rejects the user name or password."},
		"user without writes": {[]string{"--user", "egress", "on", ">" + password, "~*", "&*", "+@all", "-@write"}, with("egress:" + password), errs.OutagePermissionMissing, "Redis does not permit the user a command that Egress needs."},
		"no such database":    {nil, func(s *redistest.RedisServer) string { return s.URL() + "/99" }, errs.OutageSettingsRefused, "Redis does not have the database of the URL."},
		"replica":             {[]string{"--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "yes"}, (*redistest.RedisServer).URL, errs.OutageReadOnly, "Redis accepts no writes at the moment."},
		"not writable":        {[]string{"--min-replicas-to-write", "1"}, (*redistest.RedisServer).URL, errs.OutageReadOnly, "Redis accepts no writes at the moment."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkRefusal(t, c.url(redistest.Server(t, c.options...)), c.kind, c.message)
		})
	}
	t.Run("another authority", func(t *testing.T) {
		t.Parallel()
		checkRefusal(t, redistest.Server(t).TLS(t), errs.OutageTLSFailed, "The certificate of Redis is not trusted.")
	})
	t.Run("away", func(t *testing.T) {
		t.Parallel()
		s := redistest.Server(t)
		s.Stop()
		checkRefusal(t, s.URL(), errs.OutageUnreachable, "Redis does not answer.")
	})
}

func checkRefusal(t *testing.T, url string, kind errs.OutageKind, message string) {
	t.Helper()
	ctx, c := t.Context(), connect(t, url)
	checkOutage(t, "probe", c.Probe(ctx), kind, message)
	_, err := NewQueue(c).Enqueue(ctx, "a", 1)
	checkOutage(t, "queue", err, kind, message)
	_, err = NewLock(c).Take(ctx, jobs.Slot{Tenant: "daily", RequesterID: "admin:a"}, "a")
	checkOutage(t, "lock", err, kind, message)
	_, _, err = NewThrottle(c).Take(ctx, "k", auth.Limit{Events: 1, Window: time.Minute})
	checkOutage(t, "throttle", err, kind, message)
	if fresh, err := NewNonces(c).Use(ctx, "k", "n", time.Minute); fresh || err == nil {
		t.Errorf("a nonce is spent: %v, %v", fresh, err)
	}
}

// A call whose context is cancelled does not count as an outage of Redis.
func TestCancelledCallIsNoOutage(t *testing.T) {
	t.Parallel()
	c := connect(t, redistest.Server(t).URL())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for what, err := range map[string]error{"probe": c.Probe(ctx), "lock": NewLock(c).Set(ctx, jobs.Slot{}, "a")} {
		if _, ok := errors.AsType[*errs.OutageError](err); ok || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A full Redis accepts work again as soon as it has memory.
func TestRedisRecoversFromFullMemory(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction")
	c := connect(t, server.URL())
	q := NewQueue(c)
	begun := make(chan string, 1)
	serve(t, t.Context(), q, func(_ context.Context, job string, _ int64) error {
		begun <- job
		return nil
	})
	if _, err := q.Enqueue(t.Context(), "a", 1); err == nil {
		t.Fatal("a full Redis took a task")
	}
	if err := c.rdb.ConfigSet(t.Context(), "maxmemory", "0").Err(); err != nil {
		t.Fatal(err)
	}
	if err := c.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	enqueue(t, t.Context(), q, "a", 1, jobs.TaskWaiting)
	receive(t, begun, "the task")
}

// A worker pauses when Redis refuses; asynq alone would retry at once.
func TestWorkerPausesAfterRefusal(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction")
	c := connect(t, server.URL())
	calls := func() int64 {
		text, err := c.rdb.Info(t.Context(), "commandstats").Result()
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		for line := range strings.SplitSeq(text, "\n") {
			if strings.HasPrefix(line, "cmdstat_eval") {
				values, err := url.ParseQuery(strings.ReplaceAll(strings.TrimSpace(line[strings.Index(line, ":")+1:]), ",", "&"))
				if err != nil {
					t.Fatal(err)
				}
				count, _ := strconv.ParseInt(values.Get("calls"), 10, 64)
				n += count
			}
		}
		return n
	}
	began := time.Now()
	serve(t, t.Context(), NewQueue(c), func(context.Context, string, int64) error { return nil })
	const some = 12 // asynq's calls at the start, each script twice, then one per pause
	for calls() < some {
		if t.Context().Err() != nil {
			t.Fatal("the test is over")
		}
	}
	if took := time.Since(began); took < checkEvery {
		t.Errorf("%d calls in %s", some, took)
	}
}
