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
	s := Signature{Scheme: ZephrHMAC, AccessKey: accessKey, Timestamp: strconv.FormatInt(now.UnixMilli(), 10), Nonce: nonce}
	sum := s.Sum(secret, t)
	return string(s.Scheme) + " " + s.AccessKey + ":" + s.Timestamp + ":" + s.Nonce + ":" + hex.EncodeToString(sum[:])
}

func TestSignatureSum(t *testing.T) {
	t.Parallel()
	target := Target{Method: "post", Path: "/v3/users/a%2Fb", Query: "x=1+2&y=%20", Body: []byte(`{"a":"é"}`)}
	at := time.UnixMilli(1764171266123)
	// The documented order: secret, body, path, query, METHOD, timestamp, nonce.
	text := "s3cret" + `{"a":"é"}` + "/v3/users/a%2Fb" + "x=1+2&y=%20" + "POST" + "1764171266123" + "n-1"
	sum := sha256.Sum256([]byte(text))
	want := "ZEPHR-HMAC-SHA256 AK:1764171266123:n-1:" + hex.EncodeToString(sum[:])
	if got := sign("AK", "s3cret", target, at, "n-1"); got != want {
		t.Errorf("signed %s, want %s", got, want)
	}

	s, err := ParseSignature(strings.Replace(want, "ZEPHR", "BLAIZE", 1))
	if err != nil {
		t.Fatal(err)
	}
	legacy := sha256.Sum256([]byte(strings.Replace(text, "x=1+2&y=%20", "", 1)))
	if s.Sum("s3cret", target) != legacy {
		t.Error("the older scheme signs the query")
	}
	if !s.Time().Equal(at) {
		t.Errorf("signed at %s, want %s", s.Time(), at)
	}
}

func TestParseSignature(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0a", 32)
	for header, nonce := range map[string]string{
		"ZEPHR-HMAC-SHA256 AK:1764171266123:n:" + hash:                                "n",
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
		"": errScheme, "Bearer AK:1:n:" + hash: errScheme, "ZEPHR-HMAC-SHA256AK:1:n:" + hash: errScheme,
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
