package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Scheme is a signature scheme.
type Scheme string

// The schemes. Those of Zephr's Admin API are scheme names in the Authorization header.
const (
	ZephrHMAC         Scheme = "ZEPHR-HMAC-SHA256"
	BlaizeHMAC        Scheme = "BLAIZE-HMAC-SHA256" // older: the query need not be signed
	MessageSignatures Scheme = "RFC 9421"           // see Message
)

const (
	// MaxSkew is the maximum difference between a client's clock and the server's clock.
	MaxSkew = 5 * time.Minute
	// maxIdentifier is the maximum length of an access key and of a nonce, in bytes.
	maxIdentifier = 128
)

// Signature is the parsed Authorization header of a signed request:
//
//	ZEPHR-HMAC-SHA256 <access key>:<timestamp>:<nonce>:<hash>
//
// The timestamp is in Unix milliseconds, the hash in hexadecimal. The nonce may contain colons.
type Signature struct {
	Scheme    Scheme
	AccessKey string
	Timestamp string // as sent, because this form is signed
	Nonce     string
	Hash      [sha256.Size]byte
}

// Target holds the signed parts of a request, exactly as sent.
type Target struct {
	Method string // "GET"
	Path   string // percent-encoded, without host and query
	Query  string // without "?"
	Body   []byte
}

// IsSigned reports whether an Authorization header uses one of Zephr's schemes.
func IsSigned(header string) bool {
	_, _, ok := cutScheme(header)
	return ok
}

func cutScheme(header string) (Scheme, string, bool) {
	word, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	s, ok := schemes[strings.ToUpper(word)] // RFC 9110: scheme names are case-insensitive
	return s, strings.TrimSpace(rest), ok
}

// schemes maps the names in the Authorization header to schemes. Zephr's documents write the hash
// both as SHA256 and as SHA-256.
var schemes = map[string]Scheme{
	"ZEPHR-HMAC-SHA256": ZephrHMAC, "ZEPHR-HMAC-SHA-256": ZephrHMAC,
	"BLAIZE-HMAC-SHA256": BlaizeHMAC, "BLAIZE-HMAC-SHA-256": BlaizeHMAC,
}

// Reasons why a header is not a valid signature. They are for the log only.
var (
	errScheme    = errors.New("the Authorization header does not name a signature scheme")
	errParts     = errors.New("the signature does not have four parts")
	errAccessKey = errors.New("the access key is empty, too long or has unprintable characters")
	errTimestamp = errors.New("the timestamp is not a number of milliseconds")
	errNonce     = errors.New("the nonce is empty, too long or has unprintable characters")
	errMethod    = errors.New("the nonce contains a method and a timestamp")
	errHash      = errors.New("the hash is not 64 hexadecimal digits")
)

// methodAndTime matches the parts that are signed before the nonce. A nonce that contains them may
// come from another request whose data contained a method and a timestamp:
// "/v3/users/u1DELETE1764171266123". Random nonces do not have six digits there.
var methodAndTime = regexp.MustCompile(`(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT)[0-9]{6}`)

// ParseSignature parses an Authorization header. The error is for the log and contains no part of
// the header.
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
	case !printable(s.AccessKey):
		return Signature{}, errAccessKey
	case !validTimestamp(s.Timestamp):
		return Signature{}, errTimestamp
	// This hash allows length extension: someone without the secret can append data. The appended
	// data starts with unprintable padding bytes and would become the end of the nonce.
	case !printable(s.Nonce):
		return Signature{}, errNonce
	case methodAndTime.MatchString(s.Nonce):
		return Signature{}, errMethod
	case len(hash) != hex.EncodedLen(len(s.Hash)):
		return Signature{}, errHash
	}
	if _, err := hex.Decode(s.Hash[:], []byte(hash)); err != nil {
		return Signature{}, errHash
	}
	return s, nil
}

// printable reports whether s has 1 to maxWord bytes, all of them printable ASCII without spaces.
func printable(s string) bool {
	if s == "" || len(s) > maxIdentifier {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// validTimestamp accepts digits only, without a leading zero: each time has one form, so digits
// cannot move between timestamp and nonce.
func validTimestamp(s string) bool {
	const most = 15 // digits: up to the year 33658
	if s == "" || len(s) > most || s[0] == '0' {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// Time returns the signing time, by the client's clock.
func (s *Signature) Time() time.Time {
	ms, _ := strconv.ParseInt(s.Timestamp, 10, 64) // ParseSignature accepts digits only
	return time.UnixMilli(ms).UTC()
}

// Matches reports, in a time that does not depend on the hash, whether the signature is that of a
// request. Clients of the older scheme sign the path alone, the path and the query, or both with
// the question mark between them.
func (s *Signature) Matches(secret string, t Target) bool {
	targets := []string{t.Path + t.Query}
	if s.Scheme == BlaizeHMAC {
		targets = []string{t.Path, t.Path + t.Query, t.Path + "?" + t.Query}
	}
	matches := 0
	for _, target := range targets {
		sum := s.sum(secret, t, target)
		matches |= subtle.ConstantTimeCompare(sum[:], s.Hash[:])
	}
	return matches == 1
}

// sum returns the hash of the signed parts of a request. They are concatenated without separators,
// as in Zephr's clients.
func (s *Signature) sum(secret string, t Target, target string) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(secret))
	h.Write(t.Body)
	h.Write([]byte(target))
	h.Write([]byte(strings.ToUpper(t.Method)))
	h.Write([]byte(s.Timestamp))
	h.Write([]byte(s.Nonce))
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}
