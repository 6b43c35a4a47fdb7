package auth

import (
	"context"
	"log/slog"
	"time"
)

// KeyPair lets a program sign requests. It belongs to one tenant and has the current role of its
// admin: if the admin loses the role, so does the key pair.
type KeyPair struct {
	AccessKey    string // identifies the pair; not secret
	Tenant       string
	AdminID      string
	Note         string // a description, written by an admin
	SealedSecret []byte // the sealed secret; nil after revocation
	Created      time.Time
	CreatedBy    string    // id of an admin
	LastUsed     time.Time // to the minute; zero: never
	Revoked      time.Time // zero: valid
	// Slot is the slot of a valid pair, "<tenant>:<admin>:<n>". It is unique and limits the pairs
	// of an admin in a tenant. "" after revocation, and for pairs from before slots existed.
	Slot string
	// RequestsPerMinute is the request limit of the pair; 0 means that of the server.
	RequestsPerMinute int
}

// KeyPairChange holds what to change in a pair. Nil members stay as they are.
type KeyPairChange struct {
	Note              *string
	RequestsPerMinute *int
}

// KeyStore stores key pairs. Reads return the last written state: a revocation takes effect at
// once.
type KeyStore interface {
	// InsertKeyPair adds a pair. It atomically returns ErrDuplicate if the access key or the slot
	// exists.
	InsertKeyPair(ctx context.Context, k *KeyPair) error
	// KeyPair returns a pair, even a revoked one, or ErrNotFound.
	KeyPair(ctx context.Context, accessKey string) (*KeyPair, error)
	// KeyPairs returns the valid pairs of an admin in a tenant, newest first. An adminID of ""
	// means all admins. With an adminID, a tenant of "" means all tenants.
	KeyPairs(ctx context.Context, tenant, adminID string) ([]KeyPair, error)
	// ChangeKeyPair changes a valid pair, or returns ErrNotFound.
	ChangeKeyPair(ctx context.Context, tenant, accessKey string, c KeyPairChange) error
	// RevokeKeyPair revokes a valid pair, deletes its secret and frees its slot, or returns
	// ErrNotFound.
	RevokeKeyPair(ctx context.Context, tenant, accessKey string, at time.Time) error
	// TouchKeyPair updates the last use of a pair. A missing pair is no error.
	TouchKeyPair(ctx context.Context, accessKey string, at time.Time) error
}

// DefaultKeyLimit is the default request limit of a key pair.
var DefaultKeyLimit = Limit{Events: 6000, Window: time.Minute}

// KeysOptions configures NewKeys.
type KeysOptions struct {
	Store    Store
	Keys     KeyStore
	Nonces   Nonces
	Throttle Throttle // while it fails, each process counts on its own
	Sealer   *Sealer
	Limit    Limit // requests per pair without an own limit; zero means DefaultKeyLimit
	// OnRefusal is called for every rejected signature; accessKey is "" if no key pair has it. It
	// must not block. It may be nil.
	OnRefusal func(accessKey, reason string)
	Now       func() time.Time                                 // nil: time.Now
	Wait      func(ctx context.Context, d time.Duration) error // blocks for d; nil: a timer
	Logger    *slog.Logger                                     // nil: none
}

// Keys issues key pairs and authenticates signed requests. It is safe for concurrent use.
type Keys struct {
	o       KeysOptions
	decoy   string
	waiting waitingRoom // delayed requests, by access key
	logger  *slog.Logger
}

// NewKeys returns Keys.
func NewKeys(o KeysOptions) *Keys {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Limit == (Limit{}) {
		o.Limit = DefaultKeyLimit
	}
	o.Throttle = NewFallbackThrottle(o.Throttle, o.Now, o.Logger)
	return &Keys{o: o, decoy: newSecret(), logger: o.Logger.With("component", "auth")}
}
