package s3

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/pipeline"
)

// storeObject stores text as an object.
func storeObject(ctx context.Context, t *testing.T, s *Storage, text string) (key string) {
	t.Helper()
	key = embeddedtest.Prefix(t) + "users.csv"
	u, err := s.Create(ctx, key, "text/csv; charset=utf-8")
	if err != nil {
		t.Fatal(err)
	}
	part, err := u.Part(ctx, 1, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Complete(ctx, []pipeline.StoredPart{part}); err != nil {
		t.Fatal(err)
	}
	return key
}

// fetch downloads a URL with a plain HTTP client.
func fetch(ctx context.Context, t *testing.T, link string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestPresign(t *testing.T) {
	t.Parallel()
	const text = "user_id,email\r\n"

	t.Run("a link downloads the file under its name", func(t *testing.T) {
		t.Parallel()
		s, ctx := openStorage(t, gatewayOptions(t))
		key := storeObject(ctx, t, s, text)
		for _, name := range []string{"users_daily-news_20261123T083128Z.csv", `quo"te;s.csv`, "Bücher \U0001F4DA.csv"} {
			link, expires, err := s.Presign(ctx, key, name, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			if left := time.Until(expires); left > time.Hour || left < 59*time.Minute {
				t.Errorf("the link lives %v, want an hour", left)
			}
			resp, body := fetch(ctx, t, link, nil)
			if resp.StatusCode != http.StatusOK || body != text {
				t.Fatalf("%s: %q", resp.Status, body)
			}
			disposition, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition"))
			if err != nil || disposition != "attachment" || params["filename"] != name {
				t.Errorf("%s: %s %v, %v", name, disposition, params, err)
			}
			if got := resp.Header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
				t.Errorf("the content type is %q", got)
			}
		}
	})

	t.Run("a link supports range requests", func(t *testing.T) {
		t.Parallel()
		s, ctx := openStorage(t, gatewayOptions(t))
		link, _, err := s.Presign(ctx, storeObject(ctx, t, s, text), "a.csv", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		resp, body := fetch(ctx, t, link, func(r *http.Request) { r.Header.Set("Range", "bytes=8-12") })
		if resp.StatusCode != http.StatusPartialContent || body != "email" {
			t.Errorf("%s: %q", resp.Status, body)
		}
	})

	t.Run("a changed link is refused", func(t *testing.T) {
		t.Parallel()
		s, ctx := openStorage(t, gatewayOptions(t))
		key := storeObject(ctx, t, s, text)
		link, _, err := s.Presign(ctx, key, "a.csv", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		for parameter, value := range map[string]string{
			"X-Amz-Signature":              strings.Repeat("0", 64),
			"X-Amz-Expires":                "7200",
			"response-content-disposition": "inline",
		} {
			query := u.Query()
			query.Set(parameter, value)
			changed := *u
			changed.RawQuery = query.Encode()
			if resp, body := fetch(ctx, t, changed.String(), nil); resp.StatusCode != http.StatusForbidden {
				t.Errorf("%s changed: %s: %q", parameter, resp.Status, body)
			}
		}
		bare := *u
		bare.RawQuery = ""
		if resp, body := fetch(ctx, t, bare.String(), nil); resp.StatusCode != http.StatusForbidden {
			t.Errorf("without a signature: %s: %q", resp.Status, body)
		}
	})

	t.Run("a link is signed for the public endpoint", func(t *testing.T) {
		t.Parallel()
		o := gatewayOptions(t)
		endpoint := o.Endpoint
		o.PublicEndpoint = "https://exports.example.com:8443"
		s, ctx := openStorage(t, o)
		link, _, err := s.Presign(ctx, storeObject(ctx, t, s, text), "a.csv", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		path, ok := strings.CutPrefix(link, o.PublicEndpoint+"/"+o.Bucket+"/")
		if !ok {
			t.Fatal("the link has another host")
		}
		direct := endpoint + "/" + o.Bucket + "/" + path
		if resp, _ := fetch(ctx, t, direct, nil); resp.StatusCode != http.StatusForbidden {
			t.Errorf("with the internal host: %s", resp.Status)
		}
		resp, body := fetch(ctx, t, direct, func(r *http.Request) { r.Host = "exports.example.com:8443" })
		if resp.StatusCode != http.StatusOK || body != text {
			t.Errorf("as a proxy forwards it: %s: %q", resp.Status, body)
		}
	})

	t.Run("Presign returns the real expiry", func(t *testing.T) {
		t.Parallel()
		o := gatewayOptions(t)
		s, ctx := openStorage(t, o)
		now := time.Now()
		s.now = func() time.Time { return now }
		s.creds = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "s", CanExpire: true, Expires: now.Add(20 * time.Minute)}, nil
		})
		if _, expires, err := s.Presign(ctx, "k", "a.csv", time.Hour); err != nil || !expires.Equal(now.Add(20*time.Minute)) {
			t.Errorf("the link outlives its credentials: %v, %v", expires.Sub(now), err)
		}
		s.creds = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "s"}, nil
		})
		if _, expires, err := s.Presign(ctx, "k", "a.csv", 30*24*time.Hour); err != nil || !expires.Equal(now.Add(maxLifetime)) {
			t.Errorf("the link outlives its signature: %v, %v", expires.Sub(now), err)
		}
		if _, _, err := s.Presign(ctx, "k", "a.csv", 0); err == nil {
			t.Error("a link with zero lifetime was signed")
		}
	})
}
