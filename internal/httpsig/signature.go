// Package httpsig signs and verifies HTTP requests with HTTP Message Signatures (RFC 9421,
// algorithm hmac-sha256) and Content-Digest (RFC 9530).
//
// It is stricter than the RFC: a request has exactly one signature, in the canonical form of
// structured fields. Features that the package does not implement are errors. The caller checks
// which components are covered, and the age of the signature.
package httpsig

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// Algorithm is the only supported algorithm, by its name in the registry of RFC 9421.
const Algorithm = "hmac-sha256"

// The header fields of a signature.
const (
	InputField     = "Signature-Input"
	SignatureField = "Signature"
	DigestField    = "Content-Digest"
)

// Signature is the parsed signature of a request.
type Signature struct {
	Components []string  // the covered components, in order: "@method", "content-digest"
	KeyID      string    // "" if missing
	Nonce      string    // "" if missing
	Created    time.Time // in seconds; zero if missing
	Expires    time.Time // in seconds; zero if missing
	MAC        []byte

	params string // the value of @signature-params
}

// Reasons why header fields are not a valid signature. They contain no part of the request.
var (
	errFieldCount         = errors.New("the request does not have exactly one Signature-Input and one Signature field")
	errNotCanonical       = errors.New("a field of the signature is not a structured field in canonical form")
	errSignatureCount     = errors.New("the request does not have exactly one signature, with one label in both fields")
	errComponent          = errors.New("the signature covers a component in a form that is not supported")
	errDuplicateComponent = errors.New("the signature covers a component twice")
	errParameter          = errors.New("the signature has a parameter that is not supported")
	errParameterValue     = errors.New("a parameter of the signature has the wrong type or value")
	errAlgorithm          = errors.New("the algorithm of the signature is not hmac-sha256")
	errMAC                = errors.New("the signature is not a byte sequence of 32 bytes")
)

// Parse parses the Signature-Input and Signature fields of a request. The error is for logs and
// contains no part of the request.
func Parse(input, signature []string) (*Signature, error) {
	if len(input) != 1 || len(signature) != 1 {
		return nil, errFieldCount
	}
	label, list, err := onlyMember[httpsfv.InnerList](input[0])
	if err != nil {
		return nil, err
	}
	signatureLabel, item, err := onlyMember[httpsfv.Item](signature[0])
	if err != nil {
		return nil, err
	}
	if label != signatureLabel {
		return nil, errSignatureCount
	}
	s := &Signature{params: strings.TrimPrefix(input[0], label+"=")}
	mac, ok := item.Value.([]byte)
	if !ok || len(mac) != sha256.Size || len(item.Params.Names()) > 0 {
		return nil, errMAC
	}
	s.MAC = mac
	for _, c := range list.Items {
		name, ok := c.Value.(string)
		switch {
		case !ok || len(c.Params.Names()) > 0:
			return nil, errComponent
		case slices.Contains(s.Components, name):
			return nil, errDuplicateComponent
		}
		s.Components = append(s.Components, name)
	}
	return s, s.readParams(list.Params)
}

// onlyMember parses a dictionary with one member. It requires the canonical form, which has only
// one reading: no duplicate names or parameters, no trailing bits in a byte sequence.
func onlyMember[T httpsfv.Item | httpsfv.InnerList](line string) (label string, member T, err error) {
	d, err := httpsfv.UnmarshalDictionary([]string{line})
	if err != nil {
		return "", member, errNotCanonical
	}
	if canonical, err := httpsfv.Marshal(d); err != nil || canonical != line {
		return "", member, errNotCanonical
	}
	if len(d.Names()) != 1 {
		return "", member, errSignatureCount
	}
	label = d.Names()[0]
	value, _ := d.Get(label)
	member, ok := any(value).(T)
	if !ok {
		return "", member, errNotCanonical
	}
	return label, member, nil
}

func (s *Signature) readParams(params *httpsfv.Params) error {
	for _, name := range params.Names() {
		value, _ := params.Get(name)
		text, isText := value.(string)
		number, isNumber := value.(int64)
		ok := isText && text != ""
		switch name {
		case "keyid":
			s.KeyID = text
		case "nonce":
			s.Nonce = text
		case "alg":
			if ok && text != Algorithm {
				return errAlgorithm
			}
		case "created":
			s.Created, ok = time.Unix(number, 0).UTC(), isNumber && number > 0
		case "expires":
			s.Expires, ok = time.Unix(number, 0).UTC(), isNumber && number > 0
		default:
			return errParameter
		}
		if !ok {
			return errParameterValue
		}
	}
	return nil
}

// Covers reports whether the signature covers all of the components.
func (s *Signature) Covers(components ...string) bool {
	return !slices.ContainsFunc(components, func(c string) bool { return !slices.Contains(s.Components, c) })
}

// Verify reports, in constant time, whether the signature matches a signature base and a secret.
func (s *Signature) Verify(secret, base string) bool {
	return hmac.Equal(s.MAC, mac(secret, base))
}

func mac(secret, base string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(base))
	return h.Sum(nil)
}
