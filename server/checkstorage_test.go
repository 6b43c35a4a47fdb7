package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// storageEnv returns an environment with an external storage at url.
func storageEnv(url string) []string {
	return []string{
		"EGRESS_S3_BUCKET=exports", "EGRESS_S3_ENDPOINT=" + url, "EGRESS_S3_PATH_STYLE=true",
		"AWS_ACCESS_KEY_ID=access", "AWS_SECRET_ACCESS_KEY=hunter2secret",
	}
}

// Invalid storage settings end the start with one line that names the variable, and exit status 2.
func TestStartWithInvalidStorageSettings(t *testing.T) {
	t.Parallel()
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>")
	}))
	t.Cleanup(storage.Close)
	out, text, exit := runCommand(t, t.TempDir(), append(storageEnv(storage.URL), "EGRESS_ADDR=127.0.0.1:0", "EGRESS_LOG_LEVEL=error"), "serve")
	if exit != 2 || strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "egress: EGRESS_S3_BUCKET: ") || strings.Contains(text, "hunter2") || out != "" {
		t.Errorf("status %d, %q, standard error:\n%s", exit, out, text)
	}
}

// With a storage that does not answer the server starts, and is not ready.
func TestStartWithUnreachableStorage(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	p := start(t, t.TempDir(), storageEnv(gone.URL))
	resp, err := http.Get(p.url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), "storage") {
		t.Errorf("status %d: %s, %v", resp.StatusCode, body, err)
	}
	if !strings.Contains(p.log.String(), "EGRESS_S3_ENDPOINT") {
		t.Errorf("the log does not say so:\n%s", p.out.tail(4000))
	}
}
