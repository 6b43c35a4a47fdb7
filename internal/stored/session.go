package stored

import "time"

// Session is an auth.Session, and converts to and from it.
type Session struct {
	ID           string    `bson:"_id"`
	PublicID     string    `bson:"public_id"`
	AdminID      string    `bson:"admin_id"`
	Created      time.Time `bson:"created"`
	LastUsed     time.Time `bson:"seen"`
	Expires      time.Time `bson:"expires"`
	Address      string    `bson:"address,omitempty"`
	UserAgent    string    `bson:"user_agent,omitempty"`
	SecondFactor bool      `bson:"second_factor,omitempty"`
	Confirmed    time.Time `bson:"confirmed"`
}
