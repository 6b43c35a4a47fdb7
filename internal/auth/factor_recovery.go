package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// A recovery code has 120 random bits: it cannot be guessed, so a fast hash is sufficient.
const (
	recoveryCodeCount   = 10
	recoveryCodeBytes   = 15 // 120 bits, 24 characters
	recoveryGroupLength = 4  // characters between two hyphens
)

// crockford is Crockford's base32 encoding. It omits letters that look like digits.
var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// lookalikes replaces the letters that Crockford's encoding reads as digits, and removes separators
// that people type.
var lookalikes = strings.NewReplacer("o", "0", "i", "1", "l", "1", "-", "", " ", "", "\t", "", "\u2010", "", "\u2011", "", "\u2013", "")

// MakeRecoveryCodes returns ten new recovery codes and invalidates the old ones. CodeExists if the
// account has no second factor.
func (f *Factors) MakeRecoveryCodes(ctx context.Context, id *Identity) ([]string, error) {
	have, err := f.changeableFactors(ctx, id)
	if err != nil {
		return nil, err
	}
	if !have.Any() {
		return nil, errNoSecondFactor
	}
	return f.newRecoveryCodes(ctx, id.Admin.ID)
}

func (f *Factors) newRecoveryCodes(ctx context.Context, account string) ([]string, error) {
	codes, hashes := make([]string, recoveryCodeCount), make([]string, recoveryCodeCount)
	for i := range codes {
		codes[i] = newRecoveryCode()
		hashes[i] = recoveryHash(account, codes[i])
	}
	if err := f.o.Factors.SetRecoveryCodes(ctx, account, hashes); err != nil {
		return nil, fmt.Errorf("store recovery codes: %w", err)
	}
	return codes, nil
}

func newRecoveryCode() string {
	raw := make([]byte, recoveryCodeBytes)
	_, _ = rand.Read(raw) // crypto/rand does not fail
	var groups []string
	for group := range slices.Chunk([]byte(crockford.EncodeToString(raw)), recoveryGroupLength) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, "-")
}

// recoveryHash returns the stored hash of a code. It ignores case and separators.
func recoveryHash(account, code string) string {
	plain := lookalikes.Replace(strings.ToLower(strings.TrimSpace(code)))
	sum := sha256.Sum256([]byte(account + ":" + plain))
	return hex.EncodeToString(sum[:])
}

var errWrongRecoveryCode = errs.Invalid("recoveryCode", "The recovery code is wrong or was already used.")

// useRecoveryCode accepts a recovery code once.
func (f *Factors) useRecoveryCode(ctx context.Context, account string, have *AccountFactors, code string) error {
	hash := recoveryHash(account, code)
	if !slices.Contains(have.RecoveryCodes, hash) {
		return errWrongRecoveryCode
	}
	// Keep the claim forever: a concurrent request may already have read the list of codes.
	won, err := f.o.Factors.Claim(ctx, "recovery:"+hash, time.Time{})
	if err != nil {
		return fmt.Errorf("claim a recovery code: %w", err)
	}
	if err := f.o.Factors.RemoveRecoveryCode(ctx, account, hash); err != nil {
		f.logger.WarnContext(ctx, "cannot delete a used recovery code; it cannot be used again but still counts as unused", "admin", account, "error", err)
	}
	if !won {
		return errWrongRecoveryCode
	}
	return nil
}
