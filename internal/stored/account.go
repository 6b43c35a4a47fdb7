package stored

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

// Account is the document of a customer's account.
type Account struct {
	users.Account `bson:",inline"`

	Folded bson.D `bson:"folded,omitempty"` // users.FoldedKey
}

// NewAccount returns the document of an account, with the folded name if it needs one.
func NewAccount(a users.Account) Account {
	d := Account{Account: a}
	if text := users.FoldedText("name", a.Name); text != nil {
		d.Folded = bson.D{{Key: "name", Value: text}}
	}
	return d
}
