package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/httpsig"
)

// message returns an unsigned POST request with a body.
func message(body string) (Message, http.Header) {
	h := http.Header{}
	if body != "" {
		h.Set(httpsig.DigestField, httpsig.Digest([]byte(body)))
	}
	return Message{
		Request: httpsig.Request{Method: "POST", Target: "/v4/a%2fb?x=1", Path: "/v4/a%2fb", Query: "x=1", Header: h.Values},
		Origins: []string{"https://egress.example", "http://internal:8080"}, Body: []byte(body),
	}, h
}

// signMessage signs a signature base that the test writes itself: each component with its value,
// and the parameters.
func signMessage(h http.Header, secret, params string, components ...string) {
	var names []string
	base := ""
	for i := 0; i < len(components); i += 2 {
		names = append(names, `"`+components[i]+`"`)
		base += fmt.Sprintf("%q: %s\n", components[i], components[i+1])
	}
	params = "(" + strings.Join(names, " ") + ")" + params
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(base + `"@signature-params": ` + params))
	h.Set(httpsig.InputField, "sig1="+params)
	h.Set(httpsig.SignatureField, "sig1=:"+base64.StdEncoding.EncodeToString(mac.Sum(nil))+":")
}

// refusedMessage checks that a message is refused, that the answer does not say why, that the log
// does, and that no nonce is spent.
func (b keysFixture) wantMessageRefused(t *testing.T, m Message, reason string) {
	t.Helper()
	b.log.Reset()
	spent := len(b.ring.spent)
	signer, err := b.VerifyMessage(t.Context(), m)
	if !errors.Is(err, errNotSigned) || signer != nil || len(b.ring.spent) != spent {
		t.Fatalf("%s: %+v, %v", reason, signer, err)
	}
	if !strings.Contains(b.log.String(), reason) || strings.Contains(b.log.String(), b.secret) {
		t.Errorf("the log %s does not contain %q", b.log, reason)
	}
}

func TestVerifyMessage(t *testing.T) {
	t.Parallel()
	params := func(b keysFixture, nonce string) string {
		return fmt.Sprintf(`;created=%d;nonce=%q;keyid=%q`, b.clock.now().Unix(), nonce, b.pair.AccessKey)
	}
	method, path, query := []string{"@method", "POST"}, []string{"@path", "/v4/a%2fb"}, []string{"@query", "?x=1"}
	covers := func(lists ...[]string) (all []string) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}

	t.Run("accepts every minimum set of components", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		for i, c := range [][]string{
			covers(method, path, query), covers(query, path, method), covers(method, []string{"@target-uri", "https://egress.example/v4/a%2fb?x=1"}),
			covers(method, []string{"@target-uri", "http://internal:8080/v4/a%2fb?x=1"}), covers(method, []string{"@request-target", "/v4/a%2fb?x=1"}),
			covers(method, path, query, []string{"@authority", "internal:8080", "@scheme", "http"}),
		} {
			m, h := message("")
			signMessage(h, b.secret, params(b, fmt.Sprint(i)), c...)
			signer, err := b.VerifyMessage(t.Context(), m)
			if err != nil {
				t.Fatalf("%v: %v\n%s", c, err, b.log)
			}
			if signer.Admin.ID != b.admin.ID || signer.Tenant.ID != "orion" || signer.Role != Exporter || signer.Quota.Left != DefaultKeyLimit.Events-1-i {
				t.Errorf("signer %+v", signer)
			}
		}
	})

	t.Run("refuses a signature that covers too few components", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		for _, c := range []struct {
			covers []string
			reason string
		}{
			{nil, "does not cover @method"}, {covers(path, query), "does not cover @method"}, {method, "covers neither @path and @query"},
			{covers(method, path), "covers neither @path and @query"}, {covers(method, query, []string{"@authority", "egress.example"}), "covers neither @path and @query"},
		} {
			m, h := message("")
			signMessage(h, b.secret, params(b, "1"), c.covers...)
			b.wantMessageRefused(t, m, c.reason)
		}
		m, h := message("{}")
		signMessage(h, b.secret, params(b, "1"), covers(method, path, query)...)
		b.wantMessageRefused(t, m, "does not cover content-digest")
		for _, missing := range []string{"created", "nonce", "keyid"} {
			m, h := message("")
			p := ""
			for one := range strings.SplitSeq(params(b, "1")[1:], ";") {
				if !strings.HasPrefix(one, missing) {
					p += ";" + one
				}
			}
			signMessage(h, b.secret, p, covers(method, path, query)...)
			b.wantMessageRefused(t, m, missing)
		}
		m, h = message("")
		signMessage(h, b.secret, params(b, "with a blank"), covers(method, path, query)...)
		b.wantMessageRefused(t, m, "nonce")
	})

	t.Run("refuses a changed request", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		m, h := message("{}")
		signMessage(h, b.secret, params(b, "1"), covers(method, path, query, []string{"content-digest", h.Get(httpsig.DigestField)})...)
		input := h.Get(httpsig.InputField)
		const hash = "the hash does not match this request"
		for name, c := range map[string]struct {
			change func(*Message)
			reason string
		}{
			"method": {func(m *Message) { m.Method = "PUT" }, hash}, "path": {func(m *Message) { m.Path = "/v4/a/b" }, hash},
			"query": {func(m *Message) { m.Query = "x=1&y" }, hash}, "body": {func(m *Message) { m.Body = []byte("[]") }, "Content-Digest does not match the body"},
			"no body": {func(m *Message) { m.Body = nil }, "Content-Digest does not match the body"},
			"digest": {func(m *Message) {
				m.Header = func(name string) []string {
					if name == "content-digest" || name == httpsig.DigestField {
						return []string{httpsig.Digest([]byte("{}")) + ", x=1"}
					}
					return h.Values(name)
				}
			}, hash},
			"no digest": {func(m *Message) {
				m.Header = func(name string) []string {
					if name == "content-digest" || name == httpsig.DigestField {
						return nil
					}
					return h.Values(name)
				}
			}, "Content-Digest has neither"},
		} {
			t.Run(name, func(t *testing.T) {
				changed := m
				c.change(&changed)
				b.wantMessageRefused(t, changed, c.reason)
			})
		}
		for _, swap := range [][3]string{
			{"created=", "created=1", hash}, {`nonce="1"`, `nonce="2"`, hash}, {b.pair.AccessKey, "ANOTHER", "there is no such key pair"}, {`;nonce`, `;alg="hmac-sha256";nonce`, hash},
			{"sig1", "sig2", "one label"}, {`;nonce`, `;tag="x";nonce`, "parameter that is not supported"},
		} {
			h.Set(httpsig.InputField, strings.Replace(input, swap[0], swap[1], 1))
			b.wantMessageRefused(t, m, swap[2])
		}
		h.Set(httpsig.InputField, input)
		if _, err := b.VerifyMessage(t.Context(), m); err != nil { // nothing of this has spent the nonce
			t.Errorf("%v\n%s", err, b.log)
		}
		b.wantMessageRefused(t, m, "the nonce was used before")
	})

	t.Run("accepts bodies that Zephr's schemes refuse", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		m, h := message("\x80\x00")
		signMessage(h, b.secret, params(b, "1"), covers(method, path, query, []string{"content-digest", h.Get(httpsig.DigestField)})...)
		if _, err := b.VerifyMessage(t.Context(), m); err != nil {
			t.Error(err)
		}
	})

	t.Run("shares its nonces with Zephr's schemes", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		if _, err := b.Verify(t.Context(), b.sign(signed, "1"), signed); err != nil {
			t.Fatal(err)
		}
		m, h := message("")
		signMessage(h, b.secret, params(b, "1"), covers(method, path, query)...)
		b.wantMessageRefused(t, m, "the nonce was used before")
	})

	t.Run("accepts a signature only within its time limits", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		m, h := message("")
		signAt := func(nonce, more string) {
			signMessage(h, b.secret, params(b, nonce)+more, covers(method, path, query)...)
		}
		signAt("1", "")
		b.clock.advance(MaxSkew + time.Second)
		b.wantMessageRefused(t, m, "five minutes old")
		b.clock.advance(-2*MaxSkew - 2*time.Second)
		b.wantMessageRefused(t, m, "five minutes in the future")
		b.clock.advance(time.Second)
		if _, err := b.VerifyMessage(t.Context(), m); err != nil {
			t.Error(err)
		}
		expires := fmt.Sprintf(";expires=%d", b.clock.now().Add(time.Minute).Unix())
		signAt("2", expires)
		b.clock.advance(time.Minute)
		b.wantMessageRefused(t, m, "the signature has expired")
		b.clock.advance(-time.Second)
		if _, err := b.VerifyMessage(t.Context(), m); err != nil {
			t.Error(err)
		}
	})

	t.Run("checks the pair, the role and the limit like the other schemes", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t, func(o *KeysOptions) { o.Limit = Limit{Events: 1, Window: time.Minute} })
		m, h := message("")
		again := func(nonce string) { signMessage(h, b.secret, params(b, nonce), covers(method, path, query)...) }
		again("1")
		if _, err := b.VerifyMessage(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		again("2")
		if s, err := b.VerifyMessage(t.Context(), m); errs.CodeOf(err) != errs.CodeRateLimited || s == nil {
			t.Errorf("%+v, %v", s, err)
		}
		if err := b.Revoke(t.Context(), "orion", b.pair.AccessKey); err != nil {
			t.Fatal(err)
		}
		again("3")
		b.wantMessageRefused(t, m, "the key pair was revoked")
	})

	t.Run("is accepted if the tenant refuses Zephr's schemes", func(t *testing.T) {
		t.Parallel()
		b := setupKeys(t)
		b.store.tenants[1].RefuseZephr, b.store.tenants[1].LegacySignatures = true, true
		b.wantRefused(t, b.sign(signed, "1"), signed, "does not accept Zephr's signature schemes")
		bare := signed
		bare.Query = ""
		b.wantRefused(t, strings.Replace(b.sign(bare, "1"), "ZEPHR", "BLAIZE", 1), signed, "does not accept Zephr's signature schemes")
		m, h := message("")
		signMessage(h, b.secret, params(b, "1"), covers(method, path, query)...)
		if _, err := b.VerifyMessage(t.Context(), m); err != nil {
			t.Error(err)
		}
	})
}
