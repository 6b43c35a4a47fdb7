package main

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/egress-io/egress/internal/redis/redistest"
)

// Of 500 simultaneous requests of one admin, one is accepted and all others name its job. After a
// cancel no lock remains.
func TestDuplicatesAreRejected(t *testing.T) {
	t.Parallel()
	t.Run("embedded Redis", func(t *testing.T) {
		t.Parallel()
		p := start(t, seeded(t, fewUsers), []string{"EGRESS_WORKERS=0"})
		expectRejections(t, p.logIn())
	})
	t.Run("real Redis, restarted in between", func(t *testing.T) {
		t.Parallel()
		server := redistest.Server(t)
		p := start(t, seeded(t, fewUsers), []string{"EGRESS_WORKERS=0", "EGRESS_REDIS_URL=" + server.URL()})
		c := p.logIn()
		expectRejections(t, c)

		live := c.export(everything()) // its lock is lost with the restart
		server.Stop()
		server.Start()
		for _, id := range post(t, c, 500) {
			if id.status != http.StatusConflict || id.JobID != live.JobID {
				t.Fatalf("after the restart: %d, %s; want 409, %s", id.status, id.JobID, live.JobID)
			}
		}
		c.call(http.MethodDelete, "/v4/user-export-jobs/"+live.JobID, nil, nil)
		expectRejections(t, c)
		until(t, "no lock left in Redis", 10*time.Second, func() bool { return len(locks(t, server.URL())) == 0 })
	})
}

// locks returns the Redis keys of the requesters' locks.
func locks(t *testing.T, address string) []string {
	t.Helper()
	o, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	defer client.Close()
	keys, err := client.Keys(t.Context(), "egress:{lock}*").Result()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

type answer struct {
	status  int
	JobID   string
	Code    string
	retried bool // a busy machine answered 503 first, perhaps after it had accepted the request
}

// post sends n requests at the same time. It repeats those that a busy machine answers too late.
func post(t *testing.T, c *client, n int) []answer {
	t.Helper()
	answers := make([]answer, n)
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			status, body := c.raw(http.MethodPost, "/v4/user-export-jobs", everything())
			for ; status == http.StatusServiceUnavailable; answers[i].retried = true {
				status, body = c.raw(http.MethodPost, "/v4/user-export-jobs", everything())
			}
			if err := json.Unmarshal(body, &answers[i]); err != nil {
				t.Errorf("%d %s: %v", status, body, err)
			}
			answers[i].status = status
		})
	}
	close(begin)
	wg.Wait()
	return answers
}

func expectRejections(t *testing.T, c *client) {
	t.Helper()
	count := map[int]int{}
	jobs := map[string]bool{}
	retried := false
	for _, a := range post(t, c, 500) {
		count[a.status]++
		jobs[a.JobID] = true
		retried = retried || a.retried
		if a.status == http.StatusConflict && a.Code != "export_in_progress" {
			t.Fatalf("a 409 has the code %q", a.Code)
		}
	}
	accepted := count[http.StatusAccepted]
	if accepted > 1 || accepted == 0 && !retried || accepted+count[http.StatusConflict] != 500 || len(jobs) != 1 {
		t.Fatalf("answers by status %v, naming %d jobs", count, len(jobs))
	}
	for id := range jobs {
		var cancelled job
		if status := c.call(http.MethodDelete, "/v4/user-export-jobs/"+id, nil, &cancelled); status != http.StatusOK || cancelled.Status != "cancelled" {
			t.Fatalf("cancel answers %d, %s", status, cancelled.Status)
		}
	}
	next := c.export(everything()) // the slot and the lock are free
	if status := c.call(http.MethodDelete, "/v4/user-export-jobs/"+next.JobID, nil, nil); status != http.StatusOK {
		t.Fatalf("cancel answers %d", status)
	}
}
