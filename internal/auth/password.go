package auth

import (
	"context"
	"fmt"
	"runtime"

	"github.com/alexedwards/argon2id"

	"github.com/egress-io/egress/internal/auth/strength"
	"github.com/egress-io/egress/internal/errs"
)

// passwordCost is the argon2id configuration that OWASP recommends first: 19 MiB, two passes.
var passwordCost = &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HashPassword returns the argon2id hash of a password in PHC form. It normalizes the password to
// NFC first, so that the hash does not depend on the keyboard. It does not check the password: see
// CheckPassword.
func HashPassword(password string) (string, error) {
	return hashPassword(password, passwordCost)
}

func hashPassword(password string, cost *argon2id.Params) (string, error) {
	hash, err := argon2id.CreateHash(strength.Normalize(password), cost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// passwords verifies and hashes passwords, a few at a time: each takes 19 MiB and tens of
// milliseconds, so many concurrent ones would overload the machine.
type passwords struct {
	slots chan struct{}
	decoy string // a hash to compare with if the account does not exist
}

func newPasswords() (*passwords, error) {
	decoy, err := argon2id.CreateHash("an account that does not exist", passwordCost)
	if err != nil {
		return nil, fmt.Errorf("hash the decoy password: %w", err)
	}
	return &passwords{slots: make(chan struct{}, runtime.GOMAXPROCS(0)), decoy: decoy}, nil
}

// acquire waits for a free slot and returns the function that releases it.
func (p *passwords) acquire(ctx context.Context) (release func(), err error) {
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a turn to check a password: %w", ctx.Err())
	}
}

// match returns the first account with this password, nil if there is none. Without accounts it
// takes as long as with one.
func (p *passwords) match(accounts []Admin, password string) (*Admin, error) {
	if len(accounts) == 0 {
		_, err := verifyPassword(password, p.decoy)
		return nil, err
	}
	var found *Admin
	for i := range accounts {
		ok, err := verifyPassword(password, accounts[i].Password)
		if err != nil {
			return nil, fmt.Errorf("check a password: %w", err)
		}
		if ok && found == nil {
			found = &accounts[i]
		}
	}
	return found, nil
}

// hash waits for a free slot and hashes a new password. Hashing costs as much as verifying.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	release, err := p.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return HashPassword(password)
}

// verifyPassword compares a password with a hash from HashPassword. If normalization changes the
// password, it also compares the original form, because old versions hashed passwords without
// normalization. Whether there is a second comparison depends on the password only, so the duration
// reveals nothing about the account.
func verifyPassword(password, hash string) (bool, error) {
	normalized := strength.Normalize(password)
	ok, err := argon2id.ComparePasswordAndHash(normalized, hash)
	if ok || err != nil || normalized == password {
		return ok, err
	}
	return argon2id.ComparePasswordAndHash(password, hash)
}

// CheckPassword returns nil if a new password is acceptable, otherwise a CodeInvalidRequest for the field
// that says what to do. about holds words that an attacker would try first: e-mail address, name,
// tenant name. Package strength has the rules. The error contains no part of the password.
func CheckPassword(field, password string, about ...string) error {
	if reason := strength.Check(password, about...); reason != "" {
		return errs.Invalid(field, "%s", refusals[reason])
	}
	return nil
}

// refusals maps each reason to an error message. The console's messages are in
// new-password-field.tsx.
var refusals = map[strength.Reason]string{
	strength.Malformed: "The password must be valid UTF-8.",
	strength.TooLong:   "The password is too long: use at most 1,024 bytes.",
	strength.TooShort:  "The password is too short: use at least 12 characters.",
	strength.Email:     "The password contains the email address: leave it out.",
	strength.Personal: "The password is easy to guess: most of it is the email address, a name or the product's name. " +
		"Use several unrelated words.",
	strength.Common:  "The password is easy to guess: most of it is among the most used passwords. Use several unrelated words.",
	strength.Pattern: "The password is easy to guess: it follows the alphabet, numbers, a keyboard or a date. Use several unrelated words.",
	strength.Repeats: "The password is easy to guess: it repeats itself. Use several unrelated words.",
}
