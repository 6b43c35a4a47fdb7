package stored

import "time"

// KeyPair is an auth.KeyPair, and converts to and from it.
type KeyPair struct {
	AccessKey    string    `bson:"_id"`
	Tenant       string    `bson:"tenant"`
	AdminID      string    `bson:"admin_id"`
	Note         string    `bson:"note,omitempty"`
	SealedSecret []byte    `bson:"sealed,omitempty"`
	Created      time.Time `bson:"created"`
	CreatedBy    string    `bson:"created_by"`
	LastUsed     time.Time `bson:"last_used,omitempty"`
	Revoked      time.Time `bson:"revoked,omitempty"`
	Slot         string    `bson:"slot,omitempty"` // unique

	RequestsPerMinute int `bson:"requests_per_minute,omitempty"`
}
