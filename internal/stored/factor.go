package stored

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

// Factors holds the second factors of an admin. Each factor is a separate field, so that concurrent
// changes of different factors do not overwrite each other on any engine.
type Factors struct {
	Account  string             `bson:"_id"`
	TOTP     *TOTP              `bson:"totp,omitempty"`
	Passkeys map[string]Passkey `bson:"passkeys,omitempty"` // by id
	Recovery map[string]bool    `bson:"recovery,omitempty"` // by hash
}

// TOTP is an auth.TOTP, and converts to and from it.
type TOTP struct {
	ID           string    `bson:"id"`
	SealedSecret []byte    `bson:"sealed"`
	Created      time.Time `bson:"created"`
}

// Passkey is an auth.Passkey without its id.
type Passkey struct {
	Name         string    `bson:"name"`
	Created      time.Time `bson:"created"`
	LastUsed     time.Time `bson:"last_used,omitempty"`
	CredentialID []byte    `bson:"credential_id"`
	PublicKey    []byte    `bson:"public_key"`
	AAGUID       []byte    `bson:"aaguid"`
	SignCount    int64     `bson:"sign_count"`
	Transports   []string  `bson:"transports,omitempty"`
	Flags        int32     `bson:"flags"`
}

// NewPasskey returns the stored form of a passkey.
func NewPasskey(p *auth.Passkey) Passkey {
	return Passkey{
		Name: p.Name, Created: p.Created, LastUsed: p.LastUsed, CredentialID: p.CredentialID, PublicKey: p.PublicKey,
		AAGUID: p.AAGUID, SignCount: int64(p.SignCount), Transports: p.Transports, Flags: int32(p.Flags),
	}
}

// Removed reports whether the passkey does not exist: MongoDB may store the use of a passkey while
// it is removed.
func (p Passkey) Removed() bool { return len(p.PublicKey) == 0 }

// Factors returns the second factors of the document.
func (d *Factors) Factors() *auth.AccountFactors {
	a := &auth.AccountFactors{RecoveryCodes: slices.Sorted(maps.Keys(d.Recovery))}
	if d.TOTP != nil {
		t := auth.TOTP(*d.TOTP)
		a.TOTP = &t
	}
	for id, p := range d.Passkeys {
		if p.Removed() {
			continue
		}
		a.Passkeys = append(a.Passkeys, auth.Passkey{
			ID: id, Name: p.Name, Created: p.Created, LastUsed: p.LastUsed, CredentialID: p.CredentialID, PublicKey: p.PublicKey,
			AAGUID: p.AAGUID, SignCount: uint32(p.SignCount), Transports: p.Transports, Flags: byte(p.Flags),
		})
	}
	slices.SortFunc(a.Passkeys, func(x, y auth.Passkey) int { return cmp.Compare(x.ID, y.ID) }) // ids are ULIDs: the oldest first
	return a
}
