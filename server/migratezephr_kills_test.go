package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A migration is interrupted at any page, or while it imports, and repeated. The result is that of an
// undisturbed one, and no stored page is requested again.
func TestKilledMigrations(t *testing.T) {
	t.Parallel()
	const pages, perPage = 30, 100
	z := &recordedZephr{bodies: map[string]string{"/v3/schema/users": `[{"slug":"n","label":"N","input-type":"number"}]`, "/v3/products": `{"results":[]}`}}
	z.bodies[fmt.Sprintf("/v3/accounts?page=1&rpp=%d", perPage)] = `{"results":[],"total":0}`
	target := func(page int) string {
		return fmt.Sprintf("/v3/user-export?appIds=all&attributes=true&grants=true&page=%d&rpp=%d", page, perPage)
	}
	for page := range pages {
		var items []string
		for i := range perPage {
			n := page*perPage + i
			items = append(items, fmt.Sprintf(`{"seq-no":%d,"user":{"user_id":"%05d","attributes":{"n":%d},"foreign_keys":{"crm":"k%d"}},"grants":{"results":[{"grantId":"g%d","account_id":"a%d","product_id":"p","startTime":"2024-02-01 00:00:00"}]}}`,
				n, n*7919%(pages*perPage), n, n, n, n%50))
		}
		z.bodies[target(page+1)] = fmt.Sprintf(`{"results":[[%s]],"meta":{"count":%d}}`, strings.Join(items, ","), pages*perPage)
	}
	z.Server = httptest.NewServer(z)
	t.Cleanup(z.Close)
	size := fmt.Sprint(perPage)

	dir := t.TempDir()
	if stdout, stderr, exit := migrateFrom(t, dir, z.URL, recordedPair, nil, "--page-size", size); exit != 0 {
		t.Fatalf("status %d\n%s%s", exit, stdout, stderr)
	}
	undisturbed := importedUsers(t, dir)
	if len(undisturbed) != pages*perPage {
		t.Fatalf("%d users", len(undisturbed))
	}
	args := []string{"migrate-zephr", z.URL, "--access-key", recordedPair.AccessKey, "--tenant", "guests", "--create-tenant", "--page-size", size}
	interrupted := []string{"/v3/products", target(1), target(2), target(17), target(pages)}
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT} {
		dir := t.TempDir()
		z.change(func() { z.requests = nil })
		for _, at := range interrupted {
			cmd := command(dir, []string{"EGRESS_ZEPHR_SECRET_KEY=" + recordedPair.SecretKey}, args...)
			output := &buffer{}
			cmd.Stderr = output
			started := make(chan struct{})
			var once sync.Once // another request for the page is answered
			z.change(func() {
				z.before = func(r *http.Request) {
					if r.RequestURI == at {
						once.Do(func() {
							<-started
							_ = cmd.Process.Signal(signal)
							<-r.Context().Done()
						})
					}
				}
			})
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			close(started)
			_ = cmd.Wait()
			if signal == syscall.SIGINT && (cmd.ProcessState.ExitCode() != 2 || !strings.Contains(output.String(), "run the same command again")) {
				t.Errorf("interrupted at %s: status %d\n%s", at, cmd.ProcessState.ExitCode(), output)
			}
		}
		z.change(func() { z.before = nil })
		killWhileImporting(t, dir, args, signal)
		if stdout, stderr, exit := migrateFrom(t, dir, z.URL, recordedPair, nil, "--page-size", size); exit != 0 {
			t.Fatalf("after %v: status %d\n%s%s", signal, exit, stdout, stderr)
		}
		if !slices.Equal(importedUsers(t, dir), undisturbed) {
			t.Errorf("after %v: the users differ from those of an undisturbed migration", signal)
		}
		times := map[string]int{}
		z.change(func() {
			for _, target := range z.requests {
				times[target]++
			}
		})
		for target, n := range times {
			if n > 2 || n > 1 && !slices.Contains(interrupted, target) {
				t.Errorf("after %v: %s was requested %d times", signal, target, n)
			}
		}
	}
}

// killWhileImporting runs a migration and ends it when its database has grown.
func killWhileImporting(t *testing.T, dir string, args []string, signal syscall.Signal) {
	t.Helper()
	cmd := command(dir, []string{"EGRESS_ZEPHR_SECRET_KEY=" + recordedPair.SecretKey}, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for databaseSize(t, dir) == 0 {
		select {
		case <-ended:
			t.Fatalf("the migration ended with status %d before it wrote users", cmd.ProcessState.ExitCode())
		case <-look.C:
		}
	}
	_ = cmd.Process.Signal(signal)
	<-ended
}
