package auth

import (
	"context"
	"errors"
	"slices"

	"github.com/egress-io/egress/internal/httpsig"
)

// Message is a request that is signed with HTTP Message Signatures (RFC 9421).
type Message struct {
	httpsig.Request // without Origin

	// Origins lists the origins under which clients may address this server:
	// "https://egress.example.com". It has at least one.
	Origins []string
	Body    []byte
}

// Reasons why a message has no acceptable signature. They are for the log only.
var (
	errNoMethod   = errors.New("the signature does not cover @method")
	errNoTarget   = errors.New("the signature covers neither @path and @query nor @target-uri nor @request-target")
	errNoBody     = errors.New("the request has a body, and the signature does not cover content-digest")
	errNoCreated  = errors.New("the signature has no parameter created")
	errNonceParam = errors.New("the parameter nonce is missing, too long or has unprintable characters")
	errKeyIDParam = errors.New("the parameter keyid is missing, too long or has unprintable characters")
)

// signature parses and checks the signature of a message.
func (m *Message) signature() (requestSignature, error) {
	s, err := httpsig.Parse(m.Header(httpsig.InputField), m.Header(httpsig.SignatureField))
	if err != nil {
		return requestSignature{}, err
	}
	switch {
	case !s.Covers("@method"):
		return requestSignature{}, errNoMethod
	case !s.Covers("@path", "@query") && !s.Covers("@target-uri") && !s.Covers("@request-target"):
		return requestSignature{}, errNoTarget
	case len(m.Body) > 0 && !s.Covers("content-digest"):
		return requestSignature{}, errNoBody
	case s.Created.IsZero():
		return requestSignature{}, errNoCreated
	case !printable(s.Nonce):
		return requestSignature{}, errNonceParam
	case !printable(s.KeyID):
		return requestSignature{}, errKeyIDParam
	}
	if s.Covers("content-digest") {
		if err := httpsig.CheckDigest(m.Header(httpsig.DigestField), m.Body); err != nil {
			return requestSignature{}, err
		}
	}
	bases, err := m.bases(s)
	if err != nil {
		return requestSignature{}, err
	}
	return requestSignature{
		scheme: MessageSignatures, accessKey: s.KeyID, nonce: s.Nonce, signed: s.Created, expires: s.Expires,
		matches: func(secret string) bool {
			ok := false
			for _, base := range bases { // compare all, so that the duration does not reveal which one matched
				ok = s.Verify(secret, base) || ok
			}
			return ok
		},
	}, nil
}

// bases returns the possible signature bases: one per origin if the signature covers the origin,
// otherwise one.
func (m *Message) bases(s *httpsig.Signature) (bases []string, err error) {
	for _, origin := range m.Origins {
		r := m.Request
		r.Origin = origin
		base, err := s.Base(r)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(bases, base) {
			bases = append(bases, base)
		}
	}
	return bases, nil
}

// VerifyMessage authenticates the sender of a message. It returns the same errors as Verify.
func (k *Keys) VerifyMessage(ctx context.Context, m Message) (*Signer, error) {
	sig, err := m.signature()
	if err != nil {
		return nil, k.refuse(ctx, err.Error(), "")
	}
	return k.verify(ctx, sig)
}
