package users

import (
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
)

// AccountIDsKey is the key of the account ids in a user's document.
const AccountIDsKey = "account_ids"

// ErrInAccount means that a user is in the account already.
var ErrInAccount = errors.New("the user is in the account already")

// WithAccount returns the stored account ids of a user with one added, or ErrInAccount. ids may be
// missing or null.
func WithAccount(ids bson.RawValue, account string) ([]string, error) {
	list, err := accountIDs(ids)
	if err != nil {
		return nil, err
	}
	if slices.Contains(list, account) {
		return nil, ErrInAccount
	}
	return append(list, account), nil
}

// WithoutAccount returns the stored account ids of a user without one, or errs.CodeNotFound.
func WithoutAccount(ids bson.RawValue, account string) ([]string, error) {
	list, err := accountIDs(ids)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(list, account) {
		return nil, errs.Errorf(errs.CodeNotFound, "This user is not in the account.")
	}
	return slices.DeleteFunc(list, func(id string) bool { return id == account }), nil
}

func accountIDs(ids bson.RawValue) ([]string, error) {
	list := []string{}
	if ids.IsZero() || ids.Type == bson.TypeNull {
		return list, nil
	}
	if err := ids.Unmarshal(&list); err != nil {
		return nil, errors.New("the member account_ids of the stored document is not an array of texts")
	}
	return list, nil
}
