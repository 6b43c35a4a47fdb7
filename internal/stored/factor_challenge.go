package stored

import "time"

// Challenge is an auth.FactorChallenge, and converts to and from it.
type Challenge struct {
	ID       string    `bson:"_id"`
	Nonce    string    `bson:"nonce"`
	Account  string    `bson:"account"`
	Purpose  string    `bson:"purpose"`
	Session  string    `bson:"session,omitempty"`
	Password string    `bson:"password,omitempty"`
	Data     []byte    `bson:"data,omitempty"`
	Expires  time.Time `bson:"expires"`
}

// FactorClaim is a claim on an id, which only one call gets.
type FactorClaim struct {
	ID      string     `bson:"_id"`
	Expires *time.Time `bson:"expires,omitempty"` // nil: never
}

// NewFactorClaim returns the claim on an id until expires, or forever if that is zero.
func NewFactorClaim(id string, expires time.Time) *FactorClaim {
	if expires.IsZero() {
		return &FactorClaim{ID: id}
	}
	return &FactorClaim{ID: id, Expires: &expires}
}
