package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/httpsig"
)

// messageBy returns the header fields of a request with HTTP Message Signatures, as pairs of name
// and value.
func messageBy(t *testing.T, accessKey, method, target, body string) (pairs []string) {
	t.Helper()
	path, query, _ := strings.Cut(target, "?")
	h, err := httpsig.Sign(httpsig.Key{ID: accessKey, Secret: "s3cret"}, method, path, query, []byte(body), time.Unix(1764171266, 0), "n-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		pairs = append(pairs, name, h.Get(name))
	}
	return pairs
}

func TestMessageSignatures(t *testing.T) {
	t.Parallel()

	// sign signs a request with the key pair of setupForgeries.
	sign := func(t *testing.T, f *forgeries, method, target, body, nonce string) http.Header {
		t.Helper()
		path, query, _ := strings.Cut(target, "?")
		h, err := httpsig.Sign(httpsig.Key{ID: f.accessKey, Secret: f.secret}, method, path, query, []byte(body), f.now, nonce)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	raw := func(method, target, body string, h http.Header, more ...string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: egress.example\r\nConnection: close\r\nContent-Length: %d\r\n", method, target, len(body))
		for name, lines := range h {
			for _, line := range lines {
				fmt.Fprintf(&b, "%s: %s\r\n", name, line)
			}
		}
		for _, line := range more {
			b.WriteString(line + "\r\n")
		}
		return b.String() + "\r\n" + body
	}

	t.Run("are verified as sent", func(t *testing.T) {
		t.Parallel()
		f := setupForgeries(t)
		for i, c := range []struct{ method, target, body string }{
			{"GET", "/v4/users?search=a+b%20%c3%A9&", ""}, {"HEAD", "/v3/schema/users/", ""}, {"DELETE", "/v3/users/a%2fb", ""}, {"DELETE", "/v3/users/u1", "with a body"},
			{"PUT", "/v3/users/u1/foreign-key/update/crm", "\x80\x00"}, {"GET", "/v3/users/?search", ""}, {"GET", "/v3/users/search=a", ""},
		} {
			a := f.sendRaw(raw(c.method, c.target, c.body, sign(t, f, c.method, c.target, c.body, fmt.Sprint(i))))
			if a.StatusCode == http.StatusUnauthorized || a.Header.Get("RateLimit") == "" || len(f.ring.spent) != i+1 {
				t.Errorf("%s %s: %d %s\n%s", c.method, c.target, a.StatusCode, a.body, f.log)
			}
		}
	})

	t.Run("are refused in any other form with the same response", func(t *testing.T) {
		t.Parallel()
		f := setupForgeries(t)
		const target, body = "/v3/users/u1/foreign-key/update/crm", "key"
		h := sign(t, f, "PUT", target, body, "n")
		change := func(name string, lines ...string) http.Header {
			c := h.Clone()
			c[name] = lines
			return c
		}
		input, mac := h.Get(httpsig.InputField), h.Get(httpsig.SignatureField)
		want := ""
		for name, text := range map[string]string{
			"method": raw("PATCH", "/v3/users/u1/attributes", body, h), "path": raw("PUT", strings.Replace(target, "u1", "u2", 1), body, h),
			"body": raw("PUT", target, "kex", h), "no body": raw("PUT", target, "", h),
			"no digest": raw("PUT", target, body, change(httpsig.DigestField)), "another digest": raw("PUT", target, body, change(httpsig.DigestField, httpsig.Digest([]byte("kex")))),
			"no input": raw("PUT", target, body, change(httpsig.InputField)), "no signature": raw("PUT", target, body, change(httpsig.SignatureField)),
			"two inputs": raw("PUT", target, body, change(httpsig.InputField, input, input)), "two signatures": raw("PUT", target, body, change(httpsig.SignatureField, mac, mac)),
			"two labels":      raw("PUT", target, body, change(httpsig.InputField, input+", sig2=()")),
			"the label twice": raw("PUT", target, body, change(httpsig.InputField, input+", "+input)),
			"another nonce":   raw("PUT", target, body, change(httpsig.InputField, strings.Replace(input, `nonce="n"`, `nonce="m"`, 1))),
			"no such pair":    raw("PUT", target, body, change(httpsig.InputField, strings.Replace(input, f.accessKey, "NOBODY", 1))),
			"two digests":     raw("PUT", target, body, change(httpsig.DigestField, h.Get(httpsig.DigestField), h.Get(httpsig.DigestField))),
			"a second signature as a line of its own": raw("PUT", target, body, h, "signature: x=:AA==:"),
		} {
			a := f.sendRaw(text)
			got := strings.ReplaceAll(withoutID(a.body), "/attributes", "")
			got = strings.ReplaceAll(strings.ReplaceAll(got, "/foreign-key/update/crm", ""), "u2", "u1")
			if want == "" {
				want = got
			}
			if a.StatusCode != http.StatusUnauthorized || got != want || len(f.ring.spent) != 0 || len(f.records.asked) != 0 {
				t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
			}
		}
		if a := f.sendRaw(raw("PUT", target, body, h)); a.StatusCode != http.StatusOK {
			t.Errorf("as it was signed: %d %s\n%s", a.StatusCode, a.body, f.log)
		}
		if a := f.sendRaw(raw("PUT", target, body, h)); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("again: %d", a.StatusCode)
		}
	})

	t.Run("accept the server's public origin", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(o *Options) { o.PublicURL = "https://exports.example" })
		ask := func(host, target string) []string {
			t.Helper()
			a := b.sendRaw("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" +
				"Signature-Input: s=(\"@target-uri\" \"@authority\" \"x-list\");keyid=\"viewer\"\r\nSignature: s=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:\r\nX-List: a\r\nx-list:  b \r\n\r\n")
			if a.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d %s", target, a.StatusCode, a.body)
			}
			return b.keys.bases
		}
		base := func(uri, authority string) string {
			return "\"@target-uri\": " + uri + "\n\"@authority\": " + authority + "\n\"x-list\": a, b\n\"@signature-params\": (\"@target-uri\" \"@authority\" \"x-list\");keyid=\"viewer\""
		}
		want := []string{base("http://egress.example/v4/users?limit=1", "egress.example"), base("https://egress.example:80/v4/users?limit=1", "egress.example:80"), base("https://exports.example/v4/users?limit=1", "exports.example")}
		b.users.list = usersNobody
		if got := ask("EGRESS.example:80", "/v4/users?limit=1"); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		if got := ask("egress.example:443", "/v4/features"); got[1] != base("https://egress.example/v4/features", "egress.example") {
			t.Errorf("%q", got)
		}
	})

	t.Run("exclude other credentials and unknown parameters", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		m := messageBy(t, "viewer", "GET", "/v4/features", "")
		b.call("", "GET", "/v4/features", "", m...).expect(200, "", "")
		b.call("", "GET", "/v4/features", "", append(m, "Authorization", signedBy("viewer"))...).expect(400, errs.CodeInvalidRequest, "")
		b.call("", "GET", "/v4/features", "", append(m, "Authorization", "Bearer x")...).expect(200, "", "")
		b.call("", "GET", "/v4/features?limit=1", "", messageBy(t, "viewer", "GET", "/v4/features?limit=1", "")...).expect(400, errs.CodeInvalidRequest, "limit")
		b.call("owner", "GET", "/v4/features", "", "Signature", "x").expect(401, errs.CodeUnauthenticated, "") // must not fall back to the cookie
		b.call("", "GET", "/ws", "", messageBy(t, "owner", "GET", "/ws", "")...).expect(403, errs.CodeForbidden, "")
	})
}
