package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// A stream of this many users, with profiles of 25 kB on average, exceeds the socket buffers
// between the server and a client with small buffers.
const streamedUsers = 420

// features sets the feature flags of the tenant.
func (c *client) features(async, events bool) {
	c.t.Helper()
	for key, on := range map[string]bool{"feature.asyncUserExport.enabled": async, "feature.stateEventsExport.enabled": events} {
		if status := c.call(http.MethodPut, "/v4/features/"+key, map[string]bool{"enabled": on}, nil); status != http.StatusOK {
			c.t.Fatalf("PUT %s answers %d", key, status)
		}
	}
}

// open opens a stream. The caller closes the body.
func (c *client) open(ctx context.Context, url string) (*http.Response, error) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+url, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Egress-Tenant", c.tenant)
	req.Header.Set("Sec-Fetch-Site", "none")
	transport := &http.Transport{DialContext: smallBufferDialer().DialContext}
	c.t.Cleanup(transport.CloseIdleConnections)
	return (&http.Client{Jar: c.http.Jar, Transport: transport}).Do(req)
}

// smallBufferDialer returns a dialer of connections with small receive buffers.
func smallBufferDialer() *net.Dialer {
	return &net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 32<<10) })
	}}
}

// pausingProxy proxies one connection to a server. It passes on 1 MiB of the response, closes
// begun, and passes on the rest after a call of resume.
func pausingProxy(t *testing.T, server string) (address string, begun <-chan struct{}, resume func()) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	through, rest := make(chan struct{}), make(chan struct{})
	go func() {
		down, err := ln.Accept()
		if err != nil {
			return
		}
		defer down.Close()
		up, err := smallBufferDialer().Dial("tcp", strings.Replace(strings.TrimPrefix(server, "http://"), "localhost", "127.0.0.1", 1))
		if err != nil {
			return
		}
		defer up.Close()
		go func() { _, _ = io.Copy(up, down) }()
		_, _ = io.CopyN(down, up, 1<<20)
		close(through)
		<-rest
		_, _ = io.Copy(down, up)
	}()
	return "http://" + ln.Addr().String(), through, sync.OnceFunc(func() { close(rest) })
}

// stream reads a stream to its end and confirms it.
func (c *client) stream(j job, kind string) (job, []byte) {
	c.t.Helper()
	res, err := c.open(c.t.Context(), j.StreamURL)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("the stream answers %d, %d bytes, %v", res.StatusCode, len(body), err)
	}
	sum := sha256.Sum256(body)
	var after job
	said := map[string]any{"kind": kind, "bytes": len(body), "sha256": hex.EncodeToString(sum[:])}
	if status := c.call(http.MethodPost, "/v4/user-export-jobs/"+j.JobID+"/confirmations", said, &after); status != http.StatusOK {
		c.t.Fatalf("the confirmation answers %d", status)
	}
	return after, body
}

// cancelledSince waits until a job is cancelled, since its client left.
func (c *client) cancelledSince(j job, when string, left time.Time) {
	c.t.Helper()
	until(c.t, "cancelled when the client left "+when, time.Minute, func() bool { return c.job(j.JobID).final() })
	if took := time.Since(left); took > 30*time.Second {
		c.t.Errorf("left %s: it took %s", when, took)
	}
	if now := c.job(j.JobID); now.Status != "cancelled" || len(now.Files) > 0 {
		c.t.Errorf("left %s: %+v", when, now)
	}
}

func TestStreamedExports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, stderr, exit := runCommand(t, dir, nil, "import", heavyUsers(t, dir, streamedUsers, 25_000), "--create-tenant", "--tenant", "acme"); exit != 0 {
		t.Fatalf("import: status %d\n%s", exit, stderr)
	}
	env := []string{"EGRESS_LOG_LEVEL=warn"}
	p := start(t, dir, env)
	c := p.logIn()
	c.tenant = "acme"
	stored, file := c.completed(c.export(everything()).JobID, 5*time.Minute)
	c.features(false, false)

	// A definition gives the same bytes stored and streamed.
	j := c.export(everything())
	if j.Mode != "sync" || j.StreamURL == "" {
		t.Fatalf("%+v", j)
	}
	if status, _ := c.raw(http.MethodHead, j.StreamURL, nil); status != http.StatusMethodNotAllowed {
		t.Errorf("HEAD answers %d", status)
	}
	done, body := c.stream(j, "users")
	if done.Status != "completed" || !bytes.Equal(body, file) || done.Files[0].SHA256 != stored.Files[0].SHA256 || done.Files[0].Rows != streamedUsers || done.DownloadURL != "" {
		t.Errorf("%d bytes instead of %d, %+v", len(body), len(file), done)
	}
	if status, _ := c.raw(http.MethodGet, j.StreamURL, nil); status != http.StatusConflict {
		t.Errorf("a stream that was used answers %d", status)
	}

	// The client disconnects during the stream.
	begin := func() (job, *http.Response) {
		t.Helper()
		j := c.export(everything())
		res, err := c.open(t.Context(), j.StreamURL)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		if _, err := io.ReadFull(res.Body, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		return j, res
	}
	j, res := begin()
	_ = res.Body.Close()
	c.cancelledSince(j, "in mid-stream", time.Now())

	// The requester cancels during the stream: the stream ends and is recognizably incomplete.
	j, res = begin()
	if status, _ := c.raw(http.MethodDelete, "/v4/user-export-jobs/"+j.JobID, nil); status != http.StatusOK {
		t.Errorf("DELETE answers %d", status)
	}
	if rest, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("after the cancel the stream ended well, with %d bytes", len(rest))
	}

	// The server is killed during the stream: the response is recognizably incomplete, and the job
	// does not block the next one.
	j = c.export(everything())
	if curl, err := exec.LookPath("curl"); err == nil {
		address, begun, resume := pausingProxy(t, c.url)
		asked := exec.Command(curl, "-sS", "-o", filepath.Join(dir, "users.csv"), "-b", cookieOf(c), "-H", "Egress-Tenant: acme", "-H", "Sec-Fetch-Site: none", address+j.StreamURL)
		if err := asked.Start(); err != nil {
			t.Fatal(err)
		}
		<-begun
		p.kill()
		resume()
		if err := asked.Wait(); err == nil {
			t.Error("curl found nothing wrong with a stream that broke off")
		}
	} else {
		t.Log("there is no curl: its exit status is not looked at")
		if res, err = c.open(t.Context(), j.StreamURL); err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if _, err := io.ReadFull(res.Body, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		p.kill()
		if _, err := io.ReadAll(res.Body); err == nil {
			t.Error("a stream that broke off looks whole")
		}
	}
	p = start(t, dir, env)
	c = p.logIn()
	c.tenant = "acme"
	if now := c.wait(j.JobID, time.Minute); now.Status != "failed" || now.Error == nil || len(now.Files) > 0 {
		t.Errorf("%+v", now)
	}
	done, body = c.stream(c.export(everything()), "users")
	if done.Status != "completed" || !bytes.Equal(body, file) {
		t.Errorf("%d bytes instead of %d, %+v", len(body), len(file), done)
	}

	// The server is stopped during the stream: it ends the stream within the grace period and
	// reports the reason.
	j = c.export(everything())
	last, err := c.open(t.Context(), j.StreamURL)
	if err != nil {
		t.Fatal(err)
	}
	defer last.Body.Close()
	if _, err := io.ReadFull(last.Body, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	p.stop()
	if _, err := io.ReadAll(last.Body); err == nil {
		t.Error("the stream of a server that was stopped ended well")
	}
	p = start(t, dir, env)
	c = p.logIn()
	c.tenant = "acme"
	if now := c.job(j.JobID); now.Status != "failed" || now.Error == nil || now.Error.Code != "unavailable" {
		t.Errorf("%+v", now)
	}
}

// The server notices that a client has disconnected before the first byte of a stream is written.
func TestClientLeavesBeforeStreamBegins(t *testing.T) {
	t.Parallel()
	dir, users := t.TempDir(), holdMongoDB(t, embeddedtest.Shared(t, embeddedtest.MongoDB).MongoDBURI())
	env := []string{"EGRESS_USERS_MONGODB_URI=" + users.uri, "EGRESS_MONGODB_DATABASE=" + embeddedtest.Database(t)}
	if _, stderr, exit := runCommand(t, dir, env, "seed", "--users", strconv.Itoa(fewUsers)); exit != 0 {
		t.Fatalf("seed: status %d\n%s", exit, stderr)
	}
	c := start(t, dir, append(env, "EGRESS_LOG_LEVEL=warn")).logIn()
	c.features(false, false)
	j := c.export(everything())
	users.hold()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	answered := make(chan error, 1)
	go func() {
		res, err := c.open(ctx, j.StreamURL)
		if err == nil {
			_, err = io.ReadAll(res.Body)
			_ = res.Body.Close()
		}
		answered <- err
	}()
	until(t, "preparing", time.Minute, func() bool { return c.job(j.JobID).Status == "preparing" })
	leave()
	left := time.Now()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Errorf("the request ended with %v", err)
	}
	c.cancelledSince(j, "while it was prepared", left)
}

// cookieOf returns the session cookie in the form of curl.
func cookieOf(c *client) string {
	req, err := http.NewRequest(http.MethodGet, c.url, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, cookie := range c.http.Jar.Cookies(req.URL) {
		return cookie.String()
	}
	c.t.Fatal("no cookie")
	return ""
}
