package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Scheme is a way to sign requests: the first word of the header Authorization.
type Scheme string

// The schemes. Both are those of Zephr's Admin API.
const (
	ZephrHMAC  Scheme = "ZEPHR-HMAC-SHA256"
	BlaizeHMAC Scheme = "BLAIZE-HMAC-SHA256" // older: the query is not signed
)

const (
	// MaxSkew is how far the clock of a client may be from ours, either way.
	MaxSkew = 5 * time.Minute
	// maxNonce is the longest nonce, in bytes.
	maxNonce = 128
	// maxAccessKey is the longest access key that is looked for, in bytes.
	maxAccessKey = 128
)

// Signature is what a signed request says in its header Authorization:
//
//	ZEPHR-HMAC-SHA256 <access key>:<timestamp>:<nonce>:<hash>
//
// The timestamp is in milliseconds since 1970, the hash in hexadecimal. The nonce may hold colons.
type Signature struct {
	Scheme    Scheme
	AccessKey string
	Timestamp string // as it was sent: it is what was signed
	Nonce     string
	Hash      [sha256.Size]byte
}

// Target is what a signature covers, exactly as it stands on the wire.
type Target struct {
	Method string // "GET"
	Path   string // percent-encoded as sent, without host and query
	Query  string // as sent, without "?"
	Body   []byte
}

// IsSigned reports whether a header Authorization is of one of the schemes.
func IsSigned(header string) bool {
	_, _, ok := cutScheme(header)
	return ok
}

func cutScheme(header string) (Scheme, string, bool) {
	word, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	for _, s := range []Scheme{ZephrHMAC, BlaizeHMAC} {
		if strings.EqualFold(word, string(s)) { // RFC 9110 has schemes without regard to case
			return s, strings.TrimSpace(rest), true
		}
	}
	return "", "", false
}

// Reasons why a header is no signature. Only the log tells them.
var (
	errScheme    = errors.New("the scheme of Authorization is not one of signatures")
	errParts     = errors.New("the signature does not have four parts")
	errAccessKey = errors.New("the access key is empty, too long or holds what is not printable")
	errTimestamp = errors.New("the timestamp is not a number of milliseconds")
	errNonce     = errors.New("the nonce is empty, too long or holds what is not printable")
	errHash      = errors.New("the hash is not 64 hexadecimal digits")
)

// ParseSignature reads a header Authorization. The error is for the log: it holds nothing of the header.
func ParseSignature(header string) (Signature, error) {
	scheme, rest, ok := cutScheme(header)
	if !ok {
		return Signature{}, errScheme
	}
	s := Signature{Scheme: scheme}
	var hash string
	var first, second bool
	s.AccessKey, rest, first = strings.Cut(rest, ":")
	s.Timestamp, rest, second = strings.Cut(rest, ":")
	last := strings.LastIndexByte(rest, ':')
	if !first || !second || last < 0 {
		return Signature{}, errParts
	}
	s.Nonce, hash = rest[:last], rest[last+1:]
	switch {
	case !printable(s.AccessKey, maxAccessKey):
		return Signature{}, errAccessKey
	case !validTimestamp(s.Timestamp):
		return Signature{}, errTimestamp
	// A hash of this form can be continued by somebody who does not know the secret. What it would be continued with holds
	// bytes that are not printable, and would be the end of the nonce.
	case !printable(s.Nonce, maxNonce):
		return Signature{}, errNonce
	case len(hash) != hex.EncodedLen(len(s.Hash)):
		return Signature{}, errHash
	}
	if _, err := hex.Decode(s.Hash[:], []byte(hash)); err != nil {
		return Signature{}, errHash
	}
	return s, nil
}

// printable reports whether s has from 1 to most bytes, all of them printable ASCII and no blank.
func printable(s string, most int) bool {
	if s == "" || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// validTimestamp takes digits only: one moment has one form, so that digits cannot move between timestamp and nonce.
func validTimestamp(s string) bool {
	const most = 15 // digits; that is the year 33658
	if s == "" || len(s) > most || s[0] == '0' {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// Time is when the request was signed, by the client's clock.
func (s *Signature) Time() time.Time {
	ms, _ := strconv.ParseInt(s.Timestamp, 10, 64) // ParseSignature has let only digits through
	return time.UnixMilli(ms).UTC()
}

// Sum is the hash that the request has to come with. Body, path, query and the rest follow one another with nothing
// between them: that is how Zephr's clients do it.
func (s *Signature) Sum(secret string, t Target) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(secret))
	h.Write(t.Body)
	h.Write([]byte(t.Path))
	if s.Scheme != BlaizeHMAC {
		h.Write([]byte(t.Query))
	}
	h.Write([]byte(strings.ToUpper(t.Method)))
	h.Write([]byte(s.Timestamp))
	h.Write([]byte(s.Nonce))
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}

// Sign returns the header Authorization of a request that is sent now. The nonce has to be fresh.
func Sign(accessKey, secret string, t Target, now time.Time, nonce string) string {
	s := Signature{Scheme: ZephrHMAC, AccessKey: accessKey, Timestamp: strconv.FormatInt(now.UnixMilli(), 10), Nonce: nonce}
	sum := s.Sum(secret, t)
	return string(s.Scheme) + " " + s.AccessKey + ":" + s.Timestamp + ":" + s.Nonce + ":" + hex.EncodeToString(sum[:])
}
