package auth

import (
	"errors"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/egress-io/egress/internal/auth/strength"
	"github.com/egress-io/egress/internal/errs"
)

// The same password in decomposed and composed form: keyboards differ.
const (
	cafeComposed   = "caf\u00e9 hollyhock 47"
	cafeDecomposed = "cafe\u0301 hollyhock 47"
)

// productionCost is the cost outside tests. Tests hash at the lowest cost: at the real one, argon2
// took almost all of their CPU time.
var productionCost = passwordCost

func init() {
	passwordCost = &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

func TestHashPassword(t *testing.T) {
	t.Parallel()
	if hash, err := HashPassword(cafeComposed); err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Errorf("HashPassword does not hash at passwordCost: %q, %v", hash, err)
	}
	for typed, again := range map[string]string{cafeComposed: cafeDecomposed, cafeDecomposed: cafeComposed} {
		hash, err := hashPassword(typed, productionCost)
		if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Fatalf("hash %q, %v", hash, err)
		}
		for password, want := range map[string]bool{typed: true, again: true, "caf\u00e8 hollyhock 47": false} {
			if ok, err := verifyPassword(password, hash); ok != want || err != nil {
				t.Errorf("chosen as %+q, typed as %+q: %v, %v", typed, password, ok, err)
			}
		}
	}
}

// Old hashes are of passwords that were short or not normalized.
func TestOldHashesVerify(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"12345678", cafeComposed, cafeDecomposed, "not UTF-8 \xff"} {
		hash, err := argon2id.CreateHash(password, passwordCost)
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := verifyPassword(password, hash); !ok || err != nil {
			t.Errorf("%+q: %v, %v", password, ok, err)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	if err := CheckPassword("password", testPassword, testEmail, "Amelia"); err != nil {
		t.Error(err)
	}
	for password, reason := range map[string]strength.Reason{
		"Xq7!rT2#vL9":               strength.TooShort,
		strings.Repeat("x1Z-", 257): strength.TooLong,
		"Xq7!rT2#vL9p\xff":          strength.Malformed,
		testEmail:                   strength.Email,
		"amelia-amelia":             strength.Personal,
		"Passw0rd!Passw0rd!":        strength.Common,
		"abcdefghijkl":              strength.Pattern,
		"xyxyxyxyxyxyxy":            strength.Repeats,
	} {
		err := CheckPassword("newPassword", password, testEmail, "Amelia")
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || e.Code != errs.CodeInvalidRequest || e.Field != "newPassword" || e.Message == "" || e.Message != refusals[reason] {
			t.Errorf("%q: %v, want %q", password, err, refusals[reason])
		}
	}
}
