package httpsig

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"

	"github.com/dunglas/httpsfv"
)

// Reasons why a Content-Digest is invalid.
var (
	errDigestForm = errors.New("the Content-Digest is not a dictionary of byte sequences")
	errNoDigest   = errors.New("the Content-Digest has neither sha-256 nor sha-512")
	errDigest     = errors.New("the Content-Digest does not match the body")
)

// Digest returns the Content-Digest value of a body.
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// CheckDigest compares the Content-Digest of a request with its body. At least one of sha-256 and
// sha-512 is required, and both must match if present. Other algorithms are ignored (RFC 9530).
func CheckDigest(lines []string, body []byte) error {
	d, err := httpsfv.UnmarshalDictionary(lines)
	if err != nil {
		return errDigestForm
	}
	checked := false
	for name, sum := range map[string]func() []byte{
		"sha-256": func() []byte { s := sha256.Sum256(body); return s[:] },
		"sha-512": func() []byte { s := sha512.Sum512(body); return s[:] },
	} {
		member, ok := d.Get(name)
		if !ok {
			continue
		}
		item, isItem := member.(httpsfv.Item)
		digest, isBytes := item.Value.([]byte)
		if !isItem || !isBytes {
			return errDigestForm
		}
		if !bytes.Equal(digest, sum()) {
			return errDigest
		}
		checked = true
	}
	if !checked {
		return errNoDigest
	}
	return nil
}
