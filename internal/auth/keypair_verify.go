package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// Signer is the authenticated sender of a signed request.
type Signer struct {
	Admin *Admin
	Pair  *KeyPair
	Membership
	Quota Quota
}

// Quota is the remaining request quota of a key pair.
type Quota struct {
	Limit Limit
	Left  int           // remaining requests
	Reset time.Duration // until the window ends
}

// errNotSigned is the single error for every rejected signature. The log has the reason.
var errNotSigned = errs.Errorf(errs.CodeUnauthenticated, "The signature of this request or its key pair is not valid.")

// Verify authenticates a request that is signed by one of Zephr's schemes. The error is
// CodeUnauthenticated for an invalid signature, CodeRateLimited with retryAfterSeconds if the pair
// exceeds its limit, and CodeUnavailable if the nonce cannot be checked. With CodeRateLimited the
// Signer is returned, too, for its Quota.
func (k *Keys) Verify(ctx context.Context, header string, t Target) (*Signer, error) {
	s, err := ParseSignature(header)
	if err != nil {
		return nil, k.refuse(ctx, err.Error(), "")
	}
	return k.verify(ctx, requestSignature{
		scheme: s.Scheme, accessKey: s.AccessKey, nonce: s.Nonce, signed: s.Time(),
		matches: func(secret string) bool { return s.Matches(secret, t) },
	})
}

// requestSignature is the signature of a request, independent of the scheme.
type requestSignature struct {
	scheme    Scheme
	accessKey string
	nonce     string
	signed    time.Time
	expires   time.Time                // zero: MaxSkew after signed
	matches   func(secret string) bool // reports in constant time whether the signature matches the request
}

// verify authenticates the sender of a signature.
func (k *Keys) verify(ctx context.Context, c requestSignature) (*Signer, error) {
	pair, secret, err := k.openSecret(ctx, c.accessKey)
	if err != nil {
		return nil, err
	}
	matches := c.matches(secret)
	switch {
	case pair == nil:
		return nil, k.refuse(ctx, "there is no such key pair", "")
	case !pair.Revoked.IsZero():
		return nil, k.refuse(ctx, "the key pair was revoked", pair.AccessKey)
	case !matches:
		return nil, k.refuse(ctx, "the hash does not match this request and the key pair's secret", pair.AccessKey)
	}
	signer, err := k.signer(ctx, pair, c.scheme)
	if err != nil {
		return nil, err
	}
	if err := k.useNonce(ctx, &c); err != nil {
		return nil, err
	}
	err = k.takeQuota(ctx, signer)
	k.touch(ctx, pair)
	return signer, err
}

// openSecret returns a pair and its opened secret. For an unknown or revoked pair it returns a
// decoy secret, so that the check takes the same time.
func (k *Keys) openSecret(ctx context.Context, accessKey string) (*KeyPair, string, error) {
	pair, err := k.o.Keys.KeyPair(ctx, accessKey)
	if errors.Is(err, ErrNotFound) {
		return nil, k.decoy, nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("find a key pair: %w", err)
	}
	if !pair.Revoked.IsZero() {
		return pair, k.decoy, nil
	}
	secret, err := k.o.Sealer.Open(pair.AccessKey, pair.SealedSecret)
	if err != nil {
		return nil, "", fmt.Errorf("open the secret of a key pair: %w", err)
	}
	return pair, secret, nil
}

// signer returns the sender with the current role of the pair's admin.
func (k *Keys) signer(ctx context.Context, pair *KeyPair, scheme Scheme) (*Signer, error) {
	admin, err := k.o.Store.Admin(ctx, pair.AdminID)
	if errors.Is(err, ErrNotFound) {
		return nil, k.refuse(ctx, "the admin of the key pair no longer exists", pair.AccessKey)
	}
	if err != nil {
		return nil, fmt.Errorf("read the admin of a key pair: %w", err)
	}
	tenant, err := k.o.Store.Tenant(ctx, pair.Tenant)
	if errors.Is(err, ErrNotFound) {
		return nil, k.refuse(ctx, "the tenant of the key pair no longer exists", pair.AccessKey)
	}
	if err != nil {
		return nil, fmt.Errorf("read the tenant of a key pair: %w", err)
	}
	role := admin.Role(pair.Tenant)
	switch {
	case !role.Valid():
		return nil, k.refuse(ctx, "the admin of the key pair no longer has a role in its tenant", pair.AccessKey)
	case scheme != MessageSignatures && tenant.RefuseZephr:
		return nil, k.refuse(ctx, "the tenant does not accept Zephr's signature schemes", pair.AccessKey)
	case scheme == BlaizeHMAC && !tenant.LegacySignatures:
		return nil, k.refuse(ctx, "the tenant does not allow legacy signatures", pair.AccessKey)
	}
	return &Signer{Admin: admin, Pair: pair, Membership: Membership{*tenant, role}}, nil
}

// useNonce checks the signing time and accepts a nonce once.
func (k *Keys) useNonce(ctx context.Context, c *requestSignature) error {
	signed, now := c.signed, k.o.Now()
	switch {
	case signed.Before(now.Add(-MaxSkew)):
		return k.refuse(ctx, "the timestamp is more than five minutes old", c.accessKey)
	case signed.After(now.Add(MaxSkew)):
		return k.refuse(ctx, "the timestamp is more than five minutes in the future", c.accessKey)
	case !c.expires.IsZero() && !c.expires.After(now):
		return k.refuse(ctx, "the signature has expired", c.accessKey)
	}
	// The request could be replayed until its signing time is too old.
	fresh, err := k.o.Nonces.Use(ctx, c.accessKey, c.nonce, signed.Add(MaxSkew).Sub(now)+time.Second)
	if err != nil {
		return errs.Wrap(errs.CodeUnavailable, err, "Egress cannot check signatures right now. Please try again in a moment.")
	}
	if !fresh {
		return k.refuse(ctx, "the nonce was used before", c.accessKey)
	}
	return nil
}

func (k *Keys) touch(ctx context.Context, pair *KeyPair) {
	now := k.o.Now()
	if now.Sub(pair.LastUsed) < touchInterval {
		return
	}
	if err := k.o.Keys.TouchKeyPair(ctx, pair.AccessKey, now); err != nil {
		k.logger.WarnContext(ctx, "cannot update the last use of a key pair", "error", err)
	}
}

// refuse logs and reports the reason of a rejection, and returns an error that does not contain it.
// accessKey must be that of an existing key pair, or "".
func (k *Keys) refuse(ctx context.Context, reason, accessKey string) error {
	args := []any{"reason", reason}
	if accessKey != "" {
		args = append(args, "access_key", accessKey)
	}
	k.logger.WarnContext(ctx, "a signed request was refused", args...)
	if k.o.OnRefusal != nil {
		k.o.OnRefusal(accessKey, reason)
	}
	return errNotSigned
}
