package redis

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
	"github.com/egress-io/egress/internal/redis/redistest"
)

// recorder is a listener that stores what it receives.
type recorder struct {
	jobs     chan *export.Job
	progress chan *jobs.ProgressEvent
	controls chan jobs.ControlMessage
	fresh    chan struct{}
	lost     chan struct{}
}

func listen(t *testing.T, ctx context.Context, c *Client) recorder {
	t.Helper()
	e := recorder{make(chan *export.Job, 99), make(chan *jobs.ProgressEvent, 99), make(chan jobs.ControlMessage, 99), make(chan struct{}, 99), make(chan struct{}, 999)}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		done <- NewBus(c).Subscribe(ctx, jobs.Listener{
			Job:          func(j *export.Job) { e.jobs <- j },
			Progress:     func(p *jobs.ProgressEvent) { e.progress <- p },
			Control:      func(m jobs.ControlMessage) { e.controls <- m },
			Resubscribed: func() { e.fresh <- struct{}{} },
			Lost:         func() { e.lost <- struct{}{} },
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := receive(t, done, "end of the subscription"); err != nil {
			t.Error(err)
		}
	})
	return e
}

func fullJob() *export.Job {
	job := jobstest.NewJob("daily", "admin:a")
	at := job.CreatedAt.Add(time.Minute)
	job.StartedAt, job.Heartbeat, job.Attempt = &at, at, 3
	job.Files = []export.File{{Kind: export.UsersFile, Name: "users.csv", Key: "daily/1/users.csv", Bytes: 1 << 40}}
	job.Failure = &export.Failure{Code: errs.CodeStorageUnavailable, Message: "x"}
	return job
}

func TestBus(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		one, two := listen(t, ctx, c), listen(t, ctx, c)
		receive(t, one.fresh, "subscription")
		receive(t, two.fresh, "subscription")
		bus, job := NewBus(c), fullJob()
		if err := bus.Publish(ctx, job); err != nil {
			t.Fatal(err)
		}
		cancel := jobs.ControlMessage{Kind: jobs.ControlCancel, Tenant: "daily", JobID: job.ID}
		if err := bus.Control(ctx, cancel); err != nil {
			t.Fatal(err)
		}
		for _, e := range []recorder{one, two} {
			if got := receive(t, e.jobs, "job"); !reflect.DeepEqual(got, job) {
				t.Errorf("got  %+v\nwant %+v", got, job)
			}
			if got := receive(t, e.controls, "message"); got != cancel {
				t.Errorf("got %+v", got)
			}
		}
	})
}

// All listeners of a client share one subscription. Resubscribed of a listener that joins later is
// called, because it has missed what was sent before.
func TestBusSubscribesOnce(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		subscribers := func() int64 {
			n, err := c.rdb.PubSubNumSub(ctx, jobsChannel).Result()
			if err != nil {
				t.Fatal(err)
			}
			return n[jobsChannel]
		}
		one := listen(t, ctx, c)
		receive(t, one.fresh, "subscription")
		before := subscribers()
		left, leave := context.WithCancel(ctx)
		gone := make(chan error, 1)
		fresh := make(chan struct{}, 1)
		go func() {
			gone <- NewBus(c).Subscribe(left, jobs.Listener{
				Job: func(*export.Job) { t.Error("a listener that has left was called") }, Resubscribed: func() { fresh <- struct{}{} },
			})
		}()
		receive(t, fresh, "call of a listener that joins")
		if n := subscribers(); n != before {
			t.Errorf("%d subscriptions, want %d", n, before)
		}
		leave()
		if err := receive(t, gone, "end of the subscription"); err != nil {
			t.Error(err)
		}
		if err := NewBus(c).Publish(ctx, fullJob()); err != nil {
			t.Fatal(err)
		}
		receive(t, one.jobs, "job after another listener has left")
	})
}

func TestBusDropsUnreadableMessages(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		e := listen(t, ctx, c)
		receive(t, e.fresh, "subscription")
		for _, text := range []string{"", "{", "null", `{"format":3,"job":{},"progress":{}}`, `{"format":1}`, `{"format":2,"job":{}}`, `{"format":1,"progress":{}}`} {
			if err := c.rdb.Publish(ctx, jobsChannel, text).Err(); err != nil {
				t.Fatal(err)
			}
		}
		job := fullJob()
		if err := NewBus(c).Publish(ctx, job); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, e.jobs, "job"); got.ID != job.ID {
			t.Errorf("heard %+v first", got)
		}
		if n := len(e.progress); n != 0 {
			t.Errorf("heard %d events of progress", n)
		}
	})
}

// Progress is much smaller than its job. Processes of earlier versions, which read the members format
// and job and know only format 1, drop it without an error.
func TestBusProgress(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		e := listen(t, ctx, c)
		receive(t, e.fresh, "subscription")
		sub := c.rdb.Subscribe(ctx, jobsChannel)
		defer sub.Close()
		if _, err := sub.Receive(ctx); err != nil {
			t.Fatal(err)
		}
		job, bus := fullJob(), NewBus(c)
		event := jobs.ProgressEvent{
			Tenant: job.Tenant, RequesterID: job.Requester.ID, JobID: job.ID, Version: job.Version() + 1, StateVersion: job.Version(),
			Progress: export.Progress{Phase: export.Downloading, Percent: 7, RowsPerSecond: 91_234.5, Users: export.FileProgress{Bytes: 1 << 40, Rows: 1 << 30}},
		}
		if err := bus.PublishProgress(ctx, event); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, e.progress, "progress"); !reflect.DeepEqual(*got, event) {
			t.Errorf("got  %+v\nwant %+v", *got, event)
		}
		m, err := sub.ReceiveMessage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if most := 500; len(m.Payload) > most {
			t.Errorf("%d bytes, want at most %d: %s", len(m.Payload), most, m.Payload)
		}
		var earlier struct {
			Format int         `json:"format"`
			Job    *export.Job `json:"job"`
		}
		if err := json.Unmarshal([]byte(m.Payload), &earlier); err != nil || earlier.Format == 1 || earlier.Job != nil {
			t.Errorf("an earlier version reads %+v, %v", earlier, err)
		}
	})
}

func TestBusResubscribes(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	c := connect(t, server.URL())
	e := listen(t, t.Context(), c)
	receive(t, e.fresh, "subscription")
	for range 2 {
		server.Stop()
		for range 3 {
			receive(t, e.lost, "loss of the subscription, at each attempt to subscribe")
		}
		server.Start()
		receive(t, e.fresh, "subscription after a restart")
		if err := NewBus(c).Publish(t.Context(), fullJob()); err != nil {
			t.Fatal(err)
		}
		receive(t, e.jobs, "job after a restart")
	}
}
