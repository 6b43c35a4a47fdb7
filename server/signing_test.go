package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// keyPair is an access key and its secret key.
type keyPair struct {
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
}

// signedCall sends one signed request, and returns the status and the body.
type signedCall func(t *testing.T, url string, k keyPair, method, target, body, scheme string) (int, string)

const zephr, blaize = "ZEPHR-HMAC-SHA256", "BLAIZE-HMAC-SHA256"

// signature returns the Authorization header of a request, as the API document defines it.
func signature(k keyPair, method, target, body, scheme string) string {
	return signatureAt(time.Now(), k, method, target, body, scheme)
}

// signatureAt is signature for a client whose clock shows a time.
func signatureAt(now time.Time, k keyPair, method, target, body, scheme string) string {
	path, query, _ := strings.Cut(target, "?")
	if scheme == blaize {
		query = ""
	}
	timestamp, nonce := strconv.FormatInt(now.UnixMilli(), 10), rand.Text()
	sum := sha256.Sum256([]byte(k.SecretKey + body + path + query + method + timestamp + nonce))
	return scheme + " " + k.AccessKey + ":" + timestamp + ":" + nonce + ":" + hex.EncodeToString(sum[:])
}

// send sends a request with an Authorization header.
func send(t *testing.T, url, method, target, body, authorization string) (int, string) {
	t.Helper()
	return sendWith(t, url, method, target, body, http.Header{"Authorization": {authorization}})
}

// sendWith sends a request with header fields.
func sendWith(t *testing.T, url, method, target, body string, header http.Header) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

func signedByMessage(t *testing.T, url string, k keyPair, method, target, body, scheme string) (int, string) {
	t.Helper()
	if scheme == blaize {
		return signedByGo(t, url, k, method, target, body, scheme)
	}
	return sendWith(t, url, method, target, body, messageSignature(k, method, target, body))
}

func signedByGo(t *testing.T, url string, k keyPair, method, target, body, scheme string) (int, string) {
	t.Helper()
	return send(t, url, method, target, body, signature(k, method, target, body, scheme))
}

// messageSignature returns the header fields of HTTP Message Signatures, as the API document
// defines them.
func messageSignature(k keyPair, method, target, body string) http.Header {
	return messageSignatureAt(time.Now(), k, method, target, body)
}

// messageSignatureAt is messageSignature for a client whose clock shows a time.
func messageSignatureAt(now time.Time, k keyPair, method, target, body string) http.Header {
	path, query, _ := strings.Cut(target, "?")
	header, covered := http.Header{}, `"@method" "@path" "@query"`
	base := "\"@method\": " + method + "\n\"@path\": " + path + "\n\"@query\": ?" + query + "\n"
	if body != "" {
		sum := sha256.Sum256([]byte(body))
		header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
		covered += ` "content-digest"`
		base += `"content-digest": ` + header.Get("Content-Digest") + "\n"
	}
	params := fmt.Sprintf(`(%s);created=%d;nonce=%q;keyid=%q`, covered, now.Unix(), rand.Text(), k.AccessKey)
	mac := hmac.New(sha256.New, []byte(k.SecretKey))
	mac.Write([]byte(base + `"@signature-params": ` + params))
	header.Set("Signature-Input", "sig1="+params)
	header.Set("Signature", "sig1=:"+base64.StdEncoding.EncodeToString(mac.Sum(nil))+":")
	return header
}

// signedBy returns a signedCall that runs a client written in another language.
func signedBy(name string, args ...string) signedCall {
	return func(t *testing.T, url string, k keyPair, method, target, body, scheme string) (int, string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, append(args, url, k.AccessKey, k.SecretKey, method, target, body, scheme)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %s %s: %v\n%s", name, method, target, err, &stderr)
		}
		status, answer, _ := strings.Cut(string(out), "\n")
		code, err := strconv.Atoi(status)
		if err != nil {
			t.Fatalf("%s %s %s printed %q", name, method, target, out)
		}
		return code, answer
	}
}

// issue issues a key pair for the logged-in admin.
func (c *client) issue(note string) keyPair {
	c.t.Helper()
	var me struct {
		UserID string `json:"user_id"`
	}
	c.call(http.MethodGet, "/v4/me", nil, &me)
	var k keyPair
	if status := c.call(http.MethodPost, "/v3/admin/users/"+me.UserID+"/keypairs", map[string]string{"note": note}, &k); status != http.StatusCreated {
		c.t.Fatalf("POST keypairs answers %d", status)
	}
	return k
}
