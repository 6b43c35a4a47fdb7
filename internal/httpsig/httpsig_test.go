package httpsig

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// rfcMessage returns test-request of RFC 9421, appendix B.2.
func rfcMessage() Request {
	h := http.Header{}
	h.Set("Date", "Tue, 20 Apr 2021 02:07:55 GMT")
	h.Set("Content-Type", "application/json")
	h.Set("Content-Digest", "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:")
	h.Set("Content-Length", "18")
	return Request{
		Method: "POST", Origin: "https://example.com", Target: "/foo?param=Value&Pet=dog", Path: "/foo", Query: "param=Value&Pet=dog",
		Header: h.Values,
	}
}

const rfcBody = `{"hello": "world"}`

// The test vector of RFC 9421, B.2.5: hmac-sha256.
func TestRFCVector(t *testing.T) {
	t.Parallel()
	secret, err := base64.StdEncoding.DecodeString("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(
		[]string{`sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`},
		[]string{`sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:`},
	)
	if err != nil {
		t.Fatal(err)
	}
	base, err := s.Base(rfcMessage())
	if err != nil {
		t.Fatal(err)
	}
	want := `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@authority": example.com
"content-type": application/json
"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`
	if base != want {
		t.Errorf("the base is %s", base)
	}
	if !s.Verify(string(secret), base) {
		t.Error("the signature was not verified")
	}
	if s.Verify(string(secret), base+" ") || s.Verify(string(secret[1:]), base) {
		t.Error("the signature was verified for another base or secret")
	}
	if s.KeyID != "test-shared-secret" || !s.Created.Equal(time.Unix(1618884473, 0)) || !s.Expires.IsZero() || s.Nonce != "" || !s.Covers("date", "content-type") || s.Covers("date", "@path") {
		t.Errorf("%+v", s)
	}
}

var (
	goodInput     = `a=("@method" "@path");created=1;nonce="n";keyid="k";alg="hmac-sha256";expires=2`
	goodSignature = "a=:" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + ":"
)

func TestParse(t *testing.T) {
	t.Parallel()
	s, err := Parse([]string{goodInput}, []string{goodSignature})
	if err != nil || s.KeyID != "k" || s.Nonce != "n" || s.Created.Unix() != 1 || s.Expires.Unix() != 2 || !slices.Equal(s.Components, []string{"@method", "@path"}) {
		t.Errorf("%+v, %v", s, err)
	}
	for input, want := range map[string]error{
		"": errSignatureCount, "a": errNotCanonical, "a=": errNotCanonical, "a=1": errNotCanonical, `a="@method"`: errNotCanonical, "a=(": errNotCanonical,
		`b=("@method")`:                                    errSignatureCount, // another label than the signature's
		`a=("@method"), b=("@method")`:                     errSignatureCount,
		`a=("@method"), a=("@path")`:                       errNotCanonical, // the same label twice
		`a=("@method");created=1;created=2`:                errNotCanonical, // a parameter twice
		`a=("@method"); created=1`:                         errNotCanonical,
		`a=("@method"  "@path")`:                           errNotCanonical,
		`a=("@method" "@path") `:                           errNotCanonical,
		"a=(\"@method\"\r\n \"@path\")":                    errNotCanonical,
		`a=("@method");created=01`:                         errNotCanonical,
		`a=(@method)`:                                      errNotCanonical,
		`a=(method)`:                                       errComponent,
		`a=(1)`:                                            errComponent,
		`a=("@query-param";name="x")`:                      errComponent,
		`a=("content-digest";req)`:                         errComponent,
		`a=("@method" "@path" "@method")`:                  errDuplicateComponent,
		`a=("@method");tag="x"`:                            errParameter,
		`a=("@method");created`:                            errParameterValue,
		`a=("@method");created=1.5`:                        errParameterValue,
		`a=("@method");created="1"`:                        errParameterValue,
		`a=("@method");created=-1`:                         errParameterValue,
		`a=("@method");expires=0`:                          errParameterValue,
		`a=("@method");nonce=1`:                            errParameterValue,
		`a=("@method");nonce=""`:                           errParameterValue,
		`a=("@method");keyid=k`:                            errParameterValue,
		`a=("@method");alg=hmac-sha256`:                    errParameterValue,
		`a=("@method");alg="ed25519"`:                      errAlgorithm,
		`a=("@method");alg="HMAC-SHA256"`:                  errAlgorithm,
		`a=("@method" "@path");created=1;keyid="k";alg=""`: errParameterValue,
	} {
		if _, err := Parse([]string{input}, []string{goodSignature}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", input, err, want)
		}
	}
	for signature, want := range map[string]error{
		"": errSignatureCount, "a": errMAC, "a=1": errMAC, "a=(:YQ==:)": errNotCanonical, "a=:YQ==:": errMAC, goodSignature + ";x=1": errMAC,
		strings.Replace(goodSignature, "AA=:", "AB=:", 1): errNotCanonical, // bits after the end
		strings.Replace(goodSignature, "=:", ":", 1):      errNotCanonical,
		goodSignature + ", " + goodSignature:              errNotCanonical,
		goodSignature + ", b=1":                           errSignatureCount,
		"b" + goodSignature[1:]:                           errSignatureCount,
	} {
		if _, err := Parse([]string{goodInput}, []string{signature}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", signature, err, want)
		}
	}
	for _, lines := range [][2][]string{{nil, {goodSignature}}, {{goodInput}, nil}, {{goodInput, goodInput}, {goodSignature}}, {{goodInput}, {goodSignature, goodSignature}}} {
		if _, err := Parse(lines[0], lines[1]); !errors.Is(err, errFieldCount) {
			t.Errorf("%v: %v", lines, err)
		}
	}
}

func TestBase(t *testing.T) {
	t.Parallel()
	r := rfcMessage()
	fields := http.Header{"X-List": {" a", "b\t"}, "X-Empty": {""}, "X-Bad": {"é"}, "X-Feed": {"a\nb"}}
	r.Header = fields.Values
	for name, want := range map[string]string{
		"@method": "POST", "@target-uri": "https://example.com/foo?param=Value&Pet=dog", "@authority": "example.com", "@scheme": "https",
		"@request-target": "/foo?param=Value&Pet=dog", "@path": "/foo", "@query": "?param=Value&Pet=dog", "x-list": "a, b", "x-empty": "",
	} {
		s := &Signature{Components: []string{name}, params: "P"}
		if got, err := s.Base(r); err != nil || got != `"`+name+`": `+want+"\n"+`"@signature-params": P` {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, want := range map[string]error{
		"": errMissingField, "x-missing": errMissingField, "X-List": errUnknownComponent, "x list": errUnknownComponent, "x-list\"": errUnknownComponent, "@status": errUnknownComponent, "@query-param": errUnknownComponent,
		"@signature-params": errUnknownComponent, "x-bad": errUnprintable, "x-feed": errUnprintable,
	} {
		if got, err := (&Signature{Components: []string{name}}).Base(r); !errors.Is(err, want) || got != "" {
			t.Errorf("%q: %q, %v, want %v", name, got, err, want)
		}
	}
	r.Target, r.Query = "http://proxy.example/foo?", ""
	s := &Signature{Components: []string{"@target-uri", "@query"}}
	if got, err := s.Base(r); err != nil || !strings.HasPrefix(got, "\"@target-uri\": http://proxy.example/foo?\n\"@query\": ?\n") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	const (
		sha256OfBody = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:" // RFC 9530, appendix D
		other        = "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
	)
	if got := Digest([]byte(rfcBody)); got != sha256OfBody {
		t.Errorf("%s", got)
	}
	sha512OfBody := rfcMessage().Header(DigestField)[0]
	for _, good := range [][]string{{sha256OfBody}, {sha512OfBody}, {sha256OfBody, sha512OfBody}, {"md5=:AA==:, " + sha256OfBody}} {
		if err := CheckDigest(good, []byte(rfcBody)); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	for line, want := range map[string]error{
		"": errNoDigest, "md5=:AA==:": errNoDigest, "SHA-256=:AA==:": errDigestForm, "sha-256": errDigestForm, "sha-256=1": errDigestForm, "sha-256=(:AA==:)": errDigestForm,
		"sha-256=:%:": errDigestForm, other: errDigest, "sha-256=:AA==:": errDigest, sha256OfBody + ", sha-512=:AA==:": errDigest, sha256OfBody + ", " + other: errDigest,
	} {
		if err := CheckDigest([]string{line}, []byte(rfcBody)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", line, err, want)
		}
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", rfcBody} {
		h, err := Sign(Key{"AK", "s3cret"}, "post", "/v4/a%2fb", "x=1", []byte(body), time.Unix(1764171266, 999), "n-1")
		if err != nil {
			t.Fatal(err)
		}
		covered := `("@method" "@path" "@query")`
		if body != "" {
			covered = `("@method" "@path" "@query" "content-digest")`
		}
		if got := h.Get(InputField); got != "sig1="+covered+`;created=1764171266;nonce="n-1";keyid="AK";alg="hmac-sha256"` {
			t.Errorf("%s", got)
		}
		s, err := Parse(h.Values(InputField), h.Values(SignatureField))
		if err != nil {
			t.Fatal(err)
		}
		base, err := s.Base(Request{Method: "POST", Path: "/v4/a%2fb", Query: "x=1", Header: h.Values})
		if err != nil || !s.Verify("s3cret", base) || (h.Get(DigestField) != "") != (body != "") {
			t.Errorf("%v, %v", h, err)
		}
	}
	if _, err := Sign(Key{"é", "s"}, "GET", "/", "", nil, time.Unix(1, 0), "n"); err == nil {
		t.Error("an access key outside ASCII was accepted")
	}
}

// FuzzSignatureInput looks for fields with two readings, and for signature bases that two
// signatures share.
func FuzzSignatureInput(f *testing.F) {
	f.Add(goodInput, goodSignature, "v")
	f.Add(`sig1=("@method" "@path" "@query" "content-digest" "x-y");created=1764171266;nonce="n";keyid="AK"`, goodSignature, "a, b")
	f.Add(`a=("@target-uri" "@request-target" "@authority" "@scheme");expires=9`, goodSignature, "")
	f.Add(`a=("x\"y");keyid="a\\b"`, goodSignature, "\n")
	f.Add(`a=(), a=()`, "a=::", "")
	f.Fuzz(func(t *testing.T, input, signature, value string) {
		s, err := Parse([]string{input}, []string{signature})
		if err != nil {
			if len(input) > 3 && strings.Contains(err.Error(), input) {
				t.Errorf("the error contains the field: %v", err)
			}
			return
		}
		label, params, _ := strings.Cut(input, "=")
		if signature != label+"=:"+base64.StdEncoding.EncodeToString(s.MAC)+":" || params != s.params {
			t.Fatalf("%q and %q are parsed as %+v", input, signature, s)
		}
		base, err := s.Base(Request{Method: "GET", Origin: "http://h", Target: "/p?q", Path: "/p", Query: "q", Header: func(string) []string { return []string{value} }})
		if err != nil {
			return
		}
		// The base has one line per component, in order, and the parameters: no value begins a new
		// line.
		lines := strings.Split(base, "\n")
		if len(lines) != len(s.Components)+1 || lines[len(s.Components)] != `"@signature-params": `+params {
			t.Fatalf("%q has the base %q", input, base)
		}
		for i, name := range s.Components {
			if !strings.HasPrefix(lines[i], `"`+name+`": `) {
				t.Errorf("line %d of the base %q is not for %s", i, base, name)
			}
		}
	})
}

// FuzzContentDigest looks for a digest that matches without containing the body's digest.
func FuzzContentDigest(f *testing.F) {
	f.Add(Digest([]byte(rfcBody)), []byte(rfcBody))
	f.Add("sha-512=:AA==:, sha-256=:AA==:", []byte("x"))
	f.Fuzz(func(t *testing.T, line string, body []byte) {
		if CheckDigest([]string{line}, body) != nil {
			return
		}
		if err := CheckDigest([]string{line}, append(slices.Clone(body), 'x')); !errors.Is(err, errDigest) {
			t.Errorf("%q matches two bodies: %v", line, err)
		}
	})
}
