package api

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

// fakeKeyStore implements the store of a real auth.Keys: one admin, owner of meridian, with key
// pairs and nonces in maps.
type fakeKeyStore struct {
	auth.Store
	auth.KeyStore
	auth.Throttle
	admin  auth.Admin
	tenant auth.Tenant
	mu     sync.Mutex
	pairs  map[string]auth.KeyPair
	spent  []string
}

func (r *fakeKeyStore) Admin(context.Context, string) (*auth.Admin, error)   { return &r.admin, nil }
func (r *fakeKeyStore) Tenant(context.Context, string) (*auth.Tenant, error) { return &r.tenant, nil }
func (r *fakeKeyStore) InsertKeyPair(_ context.Context, p *auth.KeyPair) error {
	r.pairs[p.AccessKey] = *p
	return nil
}

func (r *fakeKeyStore) KeyPair(_ context.Context, accessKey string) (*auth.KeyPair, error) {
	if p, ok := r.pairs[accessKey]; ok {
		return &p, nil
	}
	return nil, auth.ErrNotFound
}
func (r *fakeKeyStore) KeyPairs(context.Context, string, string) ([]auth.KeyPair, error) {
	return nil, nil
}
func (r *fakeKeyStore) TouchKeyPair(context.Context, string, time.Time) error { return nil }
func (r *fakeKeyStore) Take(context.Context, string, auth.Limit) (int, time.Duration, error) {
	return 1, time.Minute, nil
}

func (r *fakeKeyStore) Use(_ context.Context, accessKey, nonce string, _ time.Duration) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.spent, accessKey+":"+nonce) {
		return false, nil
	}
	r.spent = append(r.spent, accessKey+":"+nonce)
	return true, nil
}

// signedRequest is a request signed with Zephr's scheme, as sent.
type signedRequest struct {
	method, path, query, body, timestamp, nonce string
	hash                                        [sha256.Size]byte
}

// text returns what the hash covers after the secret.
func (r signedRequest) text() string {
	return r.body + r.path + r.query + r.method + r.timestamp + r.nonce
}

// forgeries is an app with real key pairs, and what an attacker knows about one of them.
type forgeries struct {
	*testServer
	ring      *fakeKeyStore
	records   *fakeRecords
	accessKey string
	secret    string // known to the client; the attacker knows its length
	now       time.Time
}

func setupForgeries(t *testing.T) *forgeries {
	t.Helper()
	f := &forgeries{
		records: &fakeRecords{}, now: time.UnixMilli(1795000000123).UTC(),
		ring: &fakeKeyStore{
			admin:  auth.Admin{ID: "01owner", Email: "owner@example.com", Roles: map[string]auth.Role{"meridian": auth.Owner}},
			tenant: auth.Tenant{ID: "meridian", Name: "Meridian"}, pairs: map[string]auth.KeyPair{},
		},
	}
	sealer, err := auth.NewSealer(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	keys := auth.NewKeys(auth.KeysOptions{
		Store: f.ring, Keys: f.ring, Nonces: f.ring, Throttle: f.ring, Sealer: sealer, Now: func() time.Time { return f.now },
	})
	pair, secret, err := keys.Issue(t.Context(), "meridian", "01owner", "01owner", "nightly")
	if err != nil {
		t.Fatal(err)
	}
	f.accessKey, f.secret = pair.AccessKey, secret
	f.testServer = setup(t, func(o *Options) { o.Keys, o.Records = keys, f.records })
	return f
}

// sign returns a request that the client sends.
func (f *forgeries) sign(method, target, body, nonce string) signedRequest {
	path, query, _ := strings.Cut(target, "?")
	r := signedRequest{method: method, path: path, query: query, body: body, timestamp: strconv.FormatInt(f.now.UnixMilli(), 10), nonce: nonce}
	r.hash = sha256.Sum256([]byte(f.secret + r.text()))
	return r
}

// fakeConn is a connection with one request to read.
type fakeConn struct {
	net.Conn
	in  *strings.Reader
	out bytes.Buffer
}

func (w *fakeConn) Read(p []byte) (int, error)       { return w.in.Read(p) }
func (w *fakeConn) Write(p []byte) (int, error)      { return w.out.Write(p) }
func (*fakeConn) Close() error                       { return nil }
func (*fakeConn) LocalAddr() net.Addr                { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (*fakeConn) RemoteAddr() net.Addr               { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (*fakeConn) SetDeadline(time.Time) error        { return nil }
func (*fakeConn) SetReadDeadline(time.Time) error    { return nil }
func (w *fakeConn) SetWriteDeadline(time.Time) error { return nil }

// sendRaw sends bytes that no HTTP client would send.
func (b *testServer) sendRaw(text string) response {
	b.t.Helper()
	b.app.Handler() // builds the route tree
	w := &fakeConn{in: strings.NewReader(text)}
	if err := b.app.Server().ServeConn(w); err != nil && w.out.Len() == 0 {
		b.t.Fatal(err)
	}
	method, _, _ := strings.Cut(text, " ")
	res, err := http.ReadResponse(bufio.NewReader(&w.out), &http.Request{Method: method})
	if err != nil {
		b.t.Fatalf("%q: %v", text, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response{Response: res, t: b.t, body: body}
}

func (f *forgeries) send(r signedRequest) response {
	f.t.Helper()
	target := r.path
	if r.query != "" {
		target += "?" + r.query
	}
	return f.sendRaw(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: egress.example\r\nAuthorization: ZEPHR-HMAC-SHA256 %s:%s:%s:%s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s",
		r.method, target, f.accessKey, r.timestamp, r.nonce, hex.EncodeToString(r.hash[:]), len(r.body), r.body))
}

// refuses fails the test if a forged request is accepted, uses up a nonce, or gets a different
// response from one with a wrong hash.
func (f *forgeries) refuses(what string, r signedRequest) {
	f.t.Helper()
	spent, done := len(f.ring.spent), len(f.records.asked)
	a := f.send(r)
	if !slices.Contains([]int{400, 401, 403}, a.StatusCode) || a.Header.Get("RateLimit") != "" || len(f.ring.spent) != spent || len(f.records.asked) != done {
		f.t.Errorf("%s: %s %q?%q with body %q, timestamp %s and nonce %q: %d", what, r.method, r.path, r.query, r.body, r.timestamp, r.nonce, a.StatusCode)
		return
	}
	wrong := r
	wrong.hash[0] ^= 1
	if b := f.send(wrong); a.StatusCode != b.StatusCode || withoutID(a.body) != withoutID(b.body) {
		f.t.Errorf("%s: %d %s with the right hash, %d %s with a wrong one", what, a.StatusCode, a.body, b.StatusCode, b.body)
	}
}

var requestIDMember = regexp.MustCompile(`"requestId":"[^"]*"`)

func withoutID(problem []byte) string { return requestIDMember.ReplaceAllString(string(problem), "") }

// extend appends a suffix to a hash. It knows how many bytes were hashed, but not the bytes.
// padding is what SHA-256 appended to them: the result is the hash of the bytes, the padding and
// the suffix.
func extend(t *testing.T, hash [sha256.Size]byte, hashed int, padding, suffix string) [sha256.Size]byte {
	t.Helper()
	h := sha256.New()
	state := append([]byte("sha\x03"), hash[:]...)           // crypto/sha256's encoding of a state, which equals the hash
	state = append(state, make([]byte, sha256.BlockSize)...) // an empty block buffer
	state = binary.BigEndian.AppendUint64(state, uint64(hashed+len(padding)))
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		t.Fatal(err)
	}
	h.Write([]byte(suffix))
	return [sha256.Size]byte(h.Sum(nil))
}

// padding returns what SHA-256 appends to n bytes.
func padding(n int) string {
	p := "\x80" + strings.Repeat("\x00", (119-n%64)%64)
	return p + string(binary.BigEndian.AppendUint64(nil, uint64(n)*8))
}

func TestHashLengthExtension(t *testing.T) {
	t.Parallel()
	for n := range 200 {
		text := strings.Repeat("x", n)
		pad := padding(n)
		if got, want := extend(t, sha256.Sum256([]byte(text)), n, pad, "suffix"), sha256.Sum256([]byte(text+pad+"suffix")); got != want {
			t.Fatalf("%d bytes: the continued hash is wrong", n)
		}
	}
}

// The attacker saw one request. An extension of its hash must not authenticate another request,
// wherever the padding is.
func TestLengthExtensionIsRefused(t *testing.T) {
	t.Parallel()
	f := setupForgeries(t)
	seen := f.sign("GET", "/v4/features", "", "n-1")
	if a := f.send(seen); a.StatusCode != http.StatusOK {
		t.Fatalf("the request itself: %d %s", a.StatusCode, a.body)
	}
	hashed := len(f.secret) + len(seen.text())
	pad := padding(hashed)
	text := seen.text() + pad
	now := seen.timestamp
	for i, c := range []struct{ what, method, path, query string }{
		{"export everybody", "GET", "/v3/user-export", ""},
		{"export by a query", "GET", "/v3/user-export", "rpp=500"},
		{"look without a body", "HEAD", "/v3/users", ""},
		{"delete a user", "DELETE", "/v3/users/u1", ""},
		{"delete a field", "DELETE", "/v3/schema/users/country", ""},
		{"change a foreign key", "PUT", "/v3/users/u1/foreign-key/update/crm", ""},
		{"start an export", "POST", "/v4/user-export-jobs", ""},
	} {
		nonce := "forged-" + strconv.Itoa(i)
		hash := extend(t, seen.hash, hashed, pad, c.path+c.query+c.method+now+nonce)
		f.refuses(c.what+", padding in the body", signedRequest{c.method, c.path, c.query, text, now, nonce, hash})
	}

	// The padding follows the body: the request that was seen is the beginning of each part.
	id := extend(t, seen.hash, hashed, pad, "DELETE"+now+"forged")
	f.refuses("padding in the path", signedRequest{"DELETE", text, "", "", now, "forged", id})
	user := f.sign("GET", "/v3/users/u1", "", "n-2")
	hashed = len(f.secret) + len(user.text())
	pad = padding(hashed)
	for what, c := range map[string]struct {
		suffix string
		r      signedRequest
	}{
		"padding in a segment of the path": {"DELETE" + now + "forged", signedRequest{method: "DELETE", path: user.text() + pad, timestamp: now, nonce: "forged"}},
		"padding in the query":             {"GET" + now + "forged", signedRequest{method: "GET", path: "/v3/users", query: user.text()[len("/v3/users"):] + pad, timestamp: now, nonce: "forged"}},
		"padding in a known parameter":     {"GET" + now + "forged", signedRequest{method: "GET", path: user.path[:len("/v3/users/")], query: "u1GET" + now + "n-2" + pad, timestamp: now, nonce: "forged"}},
		"padding in the nonce":             {"forged", signedRequest{method: user.method, path: user.path, timestamp: now, nonce: user.nonce + pad + "forged"}},
		"padding in the timestamp":         {"1forged", signedRequest{method: user.method, path: user.path, timestamp: now + "n-2" + pad + "1", nonce: "forged"}},
	} {
		c.r.hash = extend(t, user.hash, hashed, pad, c.suffix)
		f.refuses(what, c.r)
	}
	list := f.sign("GET", "/v3/users?search=a", "", "n-3")
	hashed = len(f.secret) + len(list.text())
	pad = padding(hashed)
	f.refuses("padding in the value of a parameter", signedRequest{
		"GET", "/v3/users", list.text()[len("/v3/users"):] + pad + "&rpp=500", "", now, "forged", extend(t, list.hash, hashed, pad, "&rpp=500GET"+now+"forged"),
	})
	if a := f.send(list); a.StatusCode != http.StatusOK {
		t.Errorf("the request itself, afterwards: %d %s", a.StatusCode, a.body)
	}
}

var signedMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// patterns returns the paths of the routes that accept signatures, by method, as regular
// expressions of the router.
var patterns = sync.OnceValue(func() map[string][]*regexp.Regexp {
	all := map[string][]*regexp.Regexp{}
	for _, r := range Policy() {
		pattern := "^" + regexp.MustCompile(`:[A-Za-z_]+`).ReplaceAllString(regexp.QuoteMeta(r.Path), "[^/]+")
		if strings.HasPrefix(r.Path, "/v3/") {
			pattern += "/?"
		}
		if r.Public {
			continue
		}
		all[r.Method] = append(all[r.Method], regexp.MustCompile(pattern+"$"))
		if r.Method == http.MethodGet && !r.StartsWork {
			all["HEAD"] = append(all["HEAD"], regexp.MustCompile(pattern+"$"))
		}
	}
	return all
})

var timestampAndNonce = regexp.MustCompile(`^([1-9][0-9]{0,14})(.*)$`)
