package auth

import (
	"context"
	"fmt"
	"runtime"

	"github.com/alexedwards/argon2id"

	"github.com/egress-io/egress/internal/export"
)

// The lengths of a password, in bytes.
const (
	minPassword = 8
	maxPassword = 1024
)

// passwordCost is OWASP's first choice for argon2id: 19 MiB, two passes.
var passwordCost = &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HashPassword returns the argon2id hash of a password in PHC form. A password that is too short or too long is an
// *export.Error.
func HashPassword(password string) (string, error) {
	if len(password) < minPassword || len(password) > maxPassword {
		return "", export.Invalid("password", "A password has between %d and %d characters.", minPassword, maxPassword)
	}
	hash, err := argon2id.CreateHash(password, passwordCost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// passwords checks passwords, a few at a time: each check costs 19 MiB and tens of milliseconds, and a crowd of them
// must not take the machine down.
type passwords struct {
	slots chan struct{}
	decoy string // the hash that is checked for an account that does not exist
}

func newPasswords() (*passwords, error) {
	decoy, err := argon2id.CreateHash("an account that does not exist", passwordCost)
	if err != nil {
		return nil, fmt.Errorf("hash the decoy password: %w", err)
	}
	return &passwords{slots: make(chan struct{}, runtime.GOMAXPROCS(0)), decoy: decoy}, nil
}

// acquire waits for a turn and returns what ends it.
func (p *passwords) acquire(ctx context.Context) (release func(), err error) {
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a turn to check a password: %w", ctx.Err())
	}
}

// match reports whether the admin has this password. For no admin it takes as long, and says no.
func (p *passwords) match(a *Admin, password string) (bool, error) {
	if a != nil && a.Password == "" { // invited, and has not chosen one yet
		a = nil
	}
	hash := p.decoy
	if a != nil {
		hash = a.Password
	}
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("check a password: %w", err)
	}
	return ok && a != nil, nil
}
