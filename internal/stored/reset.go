package stored

import "time"

// Reset is an auth.Reset, and converts to and from it.
type Reset struct {
	ID       string    `bson:"_id"`
	AdminID  string    `bson:"admin_id"`
	Password string    `bson:"password"`
	Expires  time.Time `bson:"expires"`
}
