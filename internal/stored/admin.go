package stored

import (
	"time"

	"github.com/egress-io/egress/internal/auth"
)

// Admin is an auth.Admin, and converts to and from it.
type Admin struct {
	ID              string               `bson:"_id"`
	Email           string               `bson:"email"`
	Name            string               `bson:"name"`
	Password        string               `bson:"password"`
	PasswordChanged time.Time            `bson:"password_changed,omitempty"`
	Roles           map[string]auth.Role `bson:"roles,omitempty"`
	GlobalRole      auth.Role            `bson:"everywhere,omitempty"`
	Created         time.Time            `bson:"created"`
}
