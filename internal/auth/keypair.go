package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// KeyPair lets a program sign its requests. It belongs to one tenant, and may do there what its admin may: an admin who
// loses a role takes it from the key pairs too.
type KeyPair struct {
	AccessKey string // names the pair; no secret
	Tenant    string
	AdminID   string
	Note      string // what it is for, in its owner's words
	Sealed    []byte // the secret; nil once the pair is revoked
	Created   time.Time
	CreatedBy string    // id of an admin
	LastUsed  time.Time // to the minute; zero: never
	Revoked   time.Time // zero: it is good
}

// KeyStore keeps key pairs. What is read is what was last written: a pair that was revoked is so at once.
type KeyStore interface {
	// InsertKeyPair adds a pair. ErrDuplicate where the access key is taken.
	InsertKeyPair(ctx context.Context, k *KeyPair) error
	// KeyPair returns a pair, revoked or not, or ErrNotFound.
	KeyPair(ctx context.Context, accessKey string) (*KeyPair, error)
	// KeyPairs returns the pairs of a tenant that are not revoked, newest first: of one admin, or of all where adminID is "".
	KeyPairs(ctx context.Context, tenant, adminID string) ([]KeyPair, error)
	// AnnotateKeyPair changes the note of a pair that is not revoked, or returns ErrNotFound.
	AnnotateKeyPair(ctx context.Context, tenant, accessKey, note string) error
	// RevokeKeyPair revokes a pair and forgets its secret. ErrNotFound where there is none that is good.
	RevokeKeyPair(ctx context.Context, tenant, accessKey string, at time.Time) error
	// TouchKeyPair notes that a pair was used. That it is gone is no error.
	TouchKeyPair(ctx context.Context, accessKey string, at time.Time) error
}

// Nonces remembers which nonces were used, for all servers together.
type Nonces interface {
	// Spend reports whether a nonce of a key pair is used for the first time, and remembers it for as long as keep.
	Spend(ctx context.Context, accessKey, nonce string, keep time.Duration) (fresh bool, err error)
}

// DefaultKeyLimit is how many requests a key pair may make.
var DefaultKeyLimit = Limit{Events: 1200, Window: time.Minute}

// KeysOptions configure NewKeys.
type KeysOptions struct {
	Store    Store
	Keys     KeyStore
	Nonces   Nonces
	Throttle Throttle
	Sealer   *Sealer
	Limit    Limit // of the requests of one pair; zero: DefaultKeyLimit
	// NotBefore refuses what was signed earlier: nonces from before it are not remembered. Zero: all are.
	NotBefore time.Time
	Now       func() time.Time // nil: time.Now
	Logger    *slog.Logger     // nil: none
}

// Keys issues key pairs and knows who has signed a request. It is safe for concurrent use.
type Keys struct {
	o      KeysOptions
	decoy  string
	logger *slog.Logger
}

// NewKeys makes Keys.
func NewKeys(o KeysOptions) *Keys {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Limit == (Limit{}) {
		o.Limit = DefaultKeyLimit
	}
	return &Keys{o: o, decoy: newSecret(), logger: o.Logger.With("component", "auth")}
}

// Signer is who has signed a request.
type Signer struct {
	Admin *Admin
	Pair  *KeyPair
	Membership
	Quota Quota
}

// Quota is what is left to a key pair.
type Quota struct {
	Limit Limit
	Left  int           // requests
	Reset time.Duration // until Limit.Events are left again
}

// errNotSigned is the one answer to a signature that does not hold, whatever is wrong with it. The log has the reason.
var errNotSigned = export.Errorf(export.CodeUnauthenticated, "The signature of this request is not valid, or its key pair is not.")

// Verify returns who signed a request. CodeUnauthenticated for a signature that does not hold; CodeRateLimited, with
// retryAfterSeconds, when the pair makes too many requests; CodeUnavailable while nobody can say whether the nonce was
// used before. The Signer comes with CodeRateLimited too, for its Quota.
func (k *Keys) Verify(ctx context.Context, header string, t Target) (*Signer, error) {
	s, err := ParseSignature(header)
	if err != nil {
		return nil, k.refuse(ctx, err.Error(), "")
	}
	pair, secret, err := k.secret(ctx, s.AccessKey)
	if err != nil {
		return nil, err
	}
	sum := s.Sum(secret, t)
	holds := subtle.ConstantTimeCompare(sum[:], s.Hash[:]) == 1
	switch {
	case pair == nil:
		return nil, k.refuse(ctx, "there is no such key pair", "")
	case !pair.Revoked.IsZero():
		return nil, k.refuse(ctx, "the key pair was revoked", pair.AccessKey)
	case !holds:
		return nil, k.refuse(ctx, "the hash is not that of this request with this key pair's secret", pair.AccessKey)
	}
	signer, err := k.signer(ctx, pair, s.Scheme)
	if err != nil {
		return nil, err
	}
	if err := k.spend(ctx, &s); err != nil {
		return nil, err
	}
	err = k.count(ctx, signer)
	k.touch(ctx, pair)
	return signer, err
}

// secret finds a pair and opens its secret. Where there is none it returns nil and something to hash with: what is
// unknown takes as long as what is known.
func (k *Keys) secret(ctx context.Context, accessKey string) (*KeyPair, string, error) {
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
	secret, err := k.o.Sealer.Open(pair.AccessKey, pair.Sealed)
	if err != nil {
		return nil, "", fmt.Errorf("open the secret of a key pair: %w", err)
	}
	return pair, secret, nil
}

// signer finds out what the pair may do.
func (k *Keys) signer(ctx context.Context, pair *KeyPair, scheme Scheme) (*Signer, error) {
	admin, err := k.o.Store.Admin(ctx, pair.AdminID)
	if errors.Is(err, ErrNotFound) {
		return nil, k.refuse(ctx, "the admin of the key pair is gone", pair.AccessKey)
	}
	if err != nil {
		return nil, fmt.Errorf("read the admin of a key pair: %w", err)
	}
	tenant, err := k.o.Store.Tenant(ctx, pair.Tenant)
	if errors.Is(err, ErrNotFound) {
		return nil, k.refuse(ctx, "the tenant of the key pair is gone", pair.AccessKey)
	}
	if err != nil {
		return nil, fmt.Errorf("read the tenant of a key pair: %w", err)
	}
	role := admin.Role(pair.Tenant)
	switch {
	case !role.Valid():
		return nil, k.refuse(ctx, "the admin of the key pair has no role in its tenant any more", pair.AccessKey)
	case scheme == BlaizeHMAC && !tenant.LegacySignatures:
		return nil, k.refuse(ctx, "the tenant does not allow legacy signatures", pair.AccessKey)
	}
	return &Signer{Admin: admin, Pair: pair, Membership: Membership{*tenant, role}}, nil
}

// spend lets a signature through once, and only while its time has come.
func (k *Keys) spend(ctx context.Context, s *Signature) error {
	signed, now := s.Time(), k.o.Now()
	switch {
	case signed.Before(now.Add(-MaxSkew)):
		return k.refuse(ctx, "the timestamp is more than five minutes ago", s.AccessKey)
	case signed.After(now.Add(MaxSkew)):
		return k.refuse(ctx, "the timestamp is more than five minutes ahead", s.AccessKey)
	case signed.Before(k.o.NotBefore.Truncate(time.Millisecond)):
		return k.refuse(ctx, "it was signed before this server began, which does not know what was used then", s.AccessKey)
	}
	// It could come again as long as its time is not over.
	fresh, err := k.o.Nonces.Spend(ctx, s.AccessKey, s.Nonce, signed.Add(MaxSkew).Sub(now)+time.Second)
	if err != nil {
		return export.Wrap(export.CodeUnavailable, err, "Signatures cannot be checked right now. Please try again in a moment.")
	}
	if !fresh {
		return k.refuse(ctx, "the nonce was used before", s.AccessKey)
	}
	return nil
}

// count takes one of the requests that a pair may make. Nobody is refused because Redis is down.
func (k *Keys) count(ctx context.Context, s *Signer) error {
	l := k.o.Limit
	s.Quota = Quota{Limit: l, Left: l.Events, Reset: l.Window}
	n, reset, err := k.o.Throttle.Take(ctx, "key:"+s.Pair.AccessKey, l)
	if err != nil {
		k.logger.WarnContext(ctx, "the requests of key pairs are not being limited", "error", err)
		return nil
	}
	s.Quota.Left, s.Quota.Reset = max(0, l.Events-n), reset
	if n <= l.Events {
		return nil
	}
	e := export.Errorf(export.CodeRateLimited, "This key pair has made %d requests within %s. Wait, then go on.", l.Events, l.Window)
	e.Details = map[string]any{"retryAfterSeconds": int(math.Ceil(reset.Seconds()))}
	return e
}

func (k *Keys) touch(ctx context.Context, pair *KeyPair) {
	now := k.o.Now()
	if now.Sub(pair.LastUsed) < touchEvery {
		return
	}
	if err := k.o.Keys.TouchKeyPair(ctx, pair.AccessKey, now); err != nil {
		k.logger.WarnContext(ctx, "could not note that a key pair was used", "error", err)
	}
}

// refuse tells the operator why, and the caller only that. An access key is named only where it is one.
func (k *Keys) refuse(ctx context.Context, reason, accessKey string) error {
	args := []any{"reason", reason}
	if accessKey != "" {
		args = append(args, "access_key", accessKey)
	}
	k.logger.WarnContext(ctx, "a signed request was refused", args...)
	return errNotSigned
}
