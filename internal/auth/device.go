package auth

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// Lengths in a device cookie, in bytes.
const (
	deviceIDBytes   = 16
	maxDeviceCookie = 100 // of the encoded cookie
)

// deviceCookies issues and verifies device cookies (OWASP, "Slow Down Online Guessing Attacks with
// Device Cookies"). A cookie holds a random id and an HMAC over the id, the admin's id and the
// password hash. It contains no personal data, is valid for one account, and becomes invalid when
// the password changes. It does not authenticate anyone: it only gives the device its own limit.
type deviceCookies struct{ key []byte }

// newDeviceCookies derives the key from secret. Without a secret it uses a random key, which is
// lost when the process ends.
func newDeviceCookies(secret []byte) (*deviceCookies, error) {
	if len(secret) == 0 {
		secret = make([]byte, sha256.Size)
		_, _ = rand.Read(secret) // crypto/rand does not fail
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "egress: device cookies", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive the key of device cookies: %w", err)
	}
	return &deviceCookies{key: key}, nil
}

// issue returns the cookie of a new device of an admin.
func (d *deviceCookies) issue(a *Admin) string {
	id := make([]byte, deviceIDBytes)
	_, _ = rand.Read(id)
	return base64.RawURLEncoding.EncodeToString(id) + "." + base64.RawURLEncoding.EncodeToString(d.sign(a, id))
}

// id returns the device id of an admin's cookie, in hex. ok is false for a cookie of another
// account or of an earlier password.
func (d *deviceCookies) id(a *Admin, cookie string) (id string, ok bool) {
	if a == nil || a.Password == "" || len(cookie) > maxDeviceCookie {
		return "", false
	}
	first, second, ok := strings.Cut(cookie, ".")
	if !ok {
		return "", false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(first)
	if err != nil || len(raw) != deviceIDBytes {
		return "", false
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(second)
	if err != nil || !hmac.Equal(mac, d.sign(a, raw)) {
		return "", false
	}
	return hex.EncodeToString(raw), true
}

// sign returns the HMAC of a device cookie. The fields of fixed length come first, so that
// different fields never have the same bytes.
func (d *deviceCookies) sign(a *Admin, id []byte) []byte {
	mac := hmac.New(sha256.New, d.key)
	password := sha256.Sum256([]byte(a.Password))
	for _, part := range [][]byte{id, password[:], []byte(a.ID)} {
		_, _ = mac.Write(part) // a hash does not fail
	}
	return mac.Sum(nil)
}

// Device returns the device cookie for the client of a session: the cookie that the client has, if
// it is valid for the session's admin, otherwise a new one.
func (s *Service) Device(ctx context.Context, session *Session, has string) (string, error) {
	admin, err := s.store.Admin(ctx, session.AdminID)
	if err != nil {
		return "", fmt.Errorf("read the admin of a session: %w", err)
	}
	if _, ok := s.deviceCookies.id(admin, has); ok {
		return has, nil
	}
	return s.deviceCookies.issue(admin), nil
}
