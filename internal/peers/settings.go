// Package peers checks that all processes on one control database have the same settings.
package peers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Setting is one setting in a form that may be stored and shown. It is never a secret.
type Setting struct {
	Variable string // "EGRESS_S3_BUCKET"
	Value    string
	Hidden   bool // Value is a fingerprint: not shown
	Required bool // must be the same in all processes, so that they find each other's files and open each other's secrets
}

// Settings lists the settings of one process. The order is the same in every process.
type Settings []Setting

// differences returns the settings of s whose values differ in o, required ones first. Settings
// that o does not have are skipped: it may be of another version of Egress.
func (s Settings) differences(o Settings) (all []difference) {
	theirs := map[string]Setting{}
	for _, setting := range o {
		theirs[setting.Variable] = setting
	}
	for _, required := range []bool{true, false} {
		for _, setting := range s {
			other, known := theirs[setting.Variable]
			if known && setting.Required == required && setting.Value != other.Value {
				all = append(all, difference{setting, other.Value})
			}
		}
	}
	return all
}

// difference is a setting with another value in another process.
type difference struct {
	Setting
	other string
}

// String describes the difference for an operator. It does not show hidden values.
func (d difference) String() string {
	if d.Hidden {
		return d.Variable + " differs"
	}
	return fmt.Sprintf("%s is %q in this process and %q in another", d.Variable, d.Value, d.other)
}

// requiredOnly returns the differences in required settings.
func requiredOnly(all []difference) []difference {
	for i, d := range all {
		if !d.Required {
			return all[:i]
		}
	}
	return all
}

// Fingerprint returns a fingerprint of a secret for Setting.Value. Equal secrets have equal
// fingerprints. key is a secret that all processes share, or the secret itself.
func Fingerprint(key []byte, name string, parts ...string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("egress settings " + name + "\n" + strings.Join(parts, "\n")))
	return hex.EncodeToString(h.Sum(nil)[:8])
}
