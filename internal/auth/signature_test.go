package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sign returns the Authorization header of a request that is sent now.
func sign(accessKey, secret string, t Target, now time.Time, nonce string) string {
	ms := strconv.FormatInt(now.UnixMilli(), 10)
	return signText(string(ZephrHMAC), accessKey, ms, nonce, secret+string(t.Body)+t.Path+t.Query+strings.ToUpper(t.Method)+ms+nonce)
}

// signText returns an Authorization header with the hash of text.
func signText(scheme, accessKey, ms, nonce, text string) string {
	sum := sha256.Sum256([]byte(text))
	return scheme + " " + accessKey + ":" + ms + ":" + nonce + ":" + hex.EncodeToString(sum[:])
}

func TestSignatureMatches(t *testing.T) {
	t.Parallel()
	target := Target{Method: "post", Path: "/v3/users/a%2Fb", Query: "x=1+2&y=%20", Body: []byte(`{"a":"é"}`)}
	other := Target{Method: "post", Path: "/v3/users/a%2Fb", Query: "x=1+2&y=%21", Body: target.Body}
	const secret, ms, nonce = "s3cret", "1764171266123", "n-1"
	// The documented order: secret, body, path, query, METHOD, timestamp, nonce.
	text := func(path string) string { return secret + `{"a":"é"}` + path + "POST" + ms + nonce }
	plain, joined, marked := text("/v3/users/a%2Fb"), text("/v3/users/a%2Fbx=1+2&y=%20"), text("/v3/users/a%2Fb?x=1+2&y=%20")
	if got := sign("AK", secret, target, time.UnixMilli(1764171266123), nonce); got != signText("ZEPHR-HMAC-SHA256", "AK", ms, nonce, joined) {
		t.Errorf("signed %s", got)
	}
	for _, test := range []struct {
		scheme, text string
		want, other  bool // whether it is valid for the request, and for one with another query
	}{
		{"ZEPHR-HMAC-SHA256", joined, true, false},
		{"ZEPHR-HMAC-SHA-256", joined, true, false},
		{"ZEPHR-HMAC-SHA256", plain, false, false},
		{"ZEPHR-HMAC-SHA256", marked, false, false},
		{"BLAIZE-HMAC-SHA256", plain, true, true},
		{"BLAIZE-HMAC-SHA-256", plain, true, true},
		{"BLAIZE-HMAC-SHA256", joined, true, false},
		{"BLAIZE-HMAC-SHA256", marked, true, false},
		{"BLAIZE-HMAC-SHA256", plain + "1", false, false},
	} {
		s, err := ParseSignature(signText(test.scheme, "AK", ms, nonce, test.text))
		if err != nil {
			t.Fatal(err)
		}
		if got, other := s.Matches(secret, target), s.Matches(secret, other); got != test.want || other != test.other {
			t.Errorf("%s over %q: %v, with another query %v", test.scheme, test.text, got, other)
		}
		if s.Matches("s3creT", target) || s.Time().UnixMilli() != 1764171266123 {
			t.Errorf("%s: with another secret, or at %s", test.scheme, s.Time())
		}
	}
}

func TestParseSignature(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0a", 32)
	for header, nonce := range map[string]string{
		"ZEPHR-HMAC-SHA256 AK:1764171266123:n:" + hash:                                "n",
		"ZEPHR-HMAC-SHA-256 AK:1764171266123:n:" + hash:                               "n",
		"blaize-hmac-sha-256 AK:1764171266123:n:" + hash:                              "n",
		"  zephr-hmac-sha256   AK:1764171266123:n:" + strings.ToUpper(hash):           "n",
		"BLAIZE-HMAC-SHA256 AK:1764171266123:a:b::c:" + hash:                          "a:b::c",
		"ZEPHR-HMAC-SHA256 AK:1764171266123:" + strings.Repeat("~", 128) + ":" + hash: strings.Repeat("~", 128),
		"ZEPHR-HMAC-SHA256 AK:1764171266123:GET12345PUT:" + hash:                      "GET12345PUT",
	} {
		s, err := ParseSignature(header)
		if err != nil || s.Nonce != nonce || s.AccessKey != "AK" || s.Timestamp != "1764171266123" || s.Hash[0] != 10 {
			t.Errorf("%s: %+v, %v", header, s, err)
		}
	}
	for header, want := range map[string]error{
		"": errScheme, "Bearer AK:1:n:" + hash: errScheme, "ZEPHR-HMAC-SHA256AK:1:n:" + hash: errScheme, "ZEPHR-HMAC-SHA512 AK:1:n:" + hash: errScheme,
		"ZEPHR-HMAC-SHA256": errParts, "ZEPHR-HMAC-SHA256 AK": errParts, "ZEPHR-HMAC-SHA256 AK:1:" + hash: errParts,
		"ZEPHR-HMAC-SHA256 :1:n:" + hash:                                  errAccessKey,
		"ZEPHR-HMAC-SHA256 " + strings.Repeat("A", 129) + ":1:n:" + hash:  errAccessKey,
		"ZEPHR-HMAC-SHA256 AK::n:" + hash:                                 errTimestamp,
		"ZEPHR-HMAC-SHA256 AK:01:n:" + hash:                               errTimestamp,
		"ZEPHR-HMAC-SHA256 AK:-1:n:" + hash:                               errTimestamp,
		"ZEPHR-HMAC-SHA256 AK:1e3:n:" + hash:                              errTimestamp,
		"ZEPHR-HMAC-SHA256 AK:1234567890123456:n:" + hash:                 errTimestamp,
		"ZEPHR-HMAC-SHA256 AK:1::" + hash:                                 errNonce,
		"ZEPHR-HMAC-SHA256 AK:1:a b:" + hash:                              errNonce,
		"ZEPHR-HMAC-SHA256 AK:1:a\x80\x00:" + hash:                        errNonce, // how a hash is continued without the secret
		"ZEPHR-HMAC-SHA256 AK:1:" + strings.Repeat("n", 129) + ":" + hash: errNonce,
		"ZEPHR-HMAC-SHA256 AK:1:/v3GET1764171266123n:" + hash:             errMethod, // the data of another request had a method and a time
		"ZEPHR-HMAC-SHA256 AK:1:n:":                                       errHash,
		"ZEPHR-HMAC-SHA256 AK:1:n:" + hash[1:]:                            errHash,
		"ZEPHR-HMAC-SHA256 AK:1:n:" + hash[1:] + "g":                      errHash,
	} {
		if _, err := ParseSignature(header); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", header, err, want)
		}
	}
}

// FuzzSignature checks that a parsed header formats to an equivalent header.
func FuzzSignature(f *testing.F) {
	f.Add("ZEPHR-HMAC-SHA256 AK:1764171266123:n:" + strings.Repeat("0a", 32))
	f.Add("blaize-hmac-sha256 AK:1:a:b:" + strings.Repeat("FF", 32))
	f.Add("ZEPHR-HMAC-SHA256 :::")
	f.Fuzz(func(t *testing.T, header string) {
		s, err := ParseSignature(header)
		if err != nil {
			if strings.Contains(err.Error(), header) && len(header) > 3 {
				t.Errorf("the reason quotes the header: %v", err)
			}
			return
		}
		again := string(s.Scheme) + " " + s.AccessKey + ":" + s.Timestamp + ":" + s.Nonce + ":" + hex.EncodeToString(s.Hash[:])
		if second, err := ParseSignature(again); err != nil || second != s {
			t.Errorf("%q was read as %+v, and that as %+v, %v", header, s, second, err)
		}
		if s.Time().UnixMilli() <= 0 || !IsSigned(header) {
			t.Errorf("%q: at %s, signed %v", header, s.Time(), IsSigned(header))
		}
	})
}

func TestSealer(t *testing.T) {
	t.Parallel()
	key := make([]byte, 32)
	sealer, err := NewSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	sealed := sealer.Seal("AK", "s3cret")
	if strings.Contains(string(sealed), "s3cret") {
		t.Error("the sealed bytes contain the secret")
	}
	if got, err := sealer.Open("AK", sealed); err != nil || got != "s3cret" {
		t.Errorf("opened %q, %v", got, err)
	}
	if string(sealer.Seal("AK", "s3cret")) == string(sealed) {
		t.Error("sealing the same secret twice gives the same bytes")
	}
	key[0]++
	other, err := NewSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (string, error){
		"with another key":   func() (string, error) { return other.Open("AK", sealed) },
		"for another owner":  func() (string, error) { return sealer.Open("AL", sealed) },
		"of another version": func() (string, error) { return sealer.Open("AK", append([]byte{2}, sealed[1:]...)) },
		"that is missing":    func() (string, error) { return sealer.Open("AK", nil) },
		"that is truncated":  func() (string, error) { return sealer.Open("AK", sealed[:len(sealed)-1]) },
		"with a flipped bit": func() (string, error) {
			turned := append([]byte{}, sealed...)
			turned[len(turned)-1] ^= 1
			return sealer.Open("AK", turned)
		},
	} {
		if got, err := open(); !errors.Is(err, errCannotDecrypt) || got != "" {
			t.Errorf("a secret %s: %q, %v", name, got, err)
		}
	}
	if _, err := NewSealer(key[1:]); err == nil {
		t.Error("a key of 31 bytes was accepted")
	}
}
