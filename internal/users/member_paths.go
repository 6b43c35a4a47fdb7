package users

import (
	"encoding/json"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
)

// GrantsKey is the key of the grants in a user's document.
const GrantsKey = "grants"

const (
	foreignKeysPrefix = "foreign_keys."
	profilesPrefix    = "extended_profiles."
)

// ForeignKeyPath returns the path of a foreign key in documents.
func ForeignKeyPath(system string) string { return foreignKeysPrefix + system }

// ProfilePath returns the path of an extended profile in documents.
func ProfilePath(appID string) string { return profilesPrefix + EscapeAppID(appID) }

// AdditionalPath returns the path of an additional member in documents.
func AdditionalPath(name string) string { return AdditionalKey + "." + name }

// NamesIn returns the registry entries of a user whose members at these paths are set. A nil value
// is a member that is removed.
func NamesIn(values map[string]any) (r Registry) {
	for path, value := range values {
		if value == nil {
			continue
		}
		if system, ok := strings.CutPrefix(path, foreignKeysPrefix); ok {
			r.ForeignSystems = append(r.ForeignSystems, system)
		} else if app, ok := strings.CutPrefix(path, profilesPrefix); ok {
			r.AppIDs = append(r.AppIDs, UnescapeAppID(app))
		}
	}
	return r
}

// CheckKey returns errs.CodeNotFound unless a stored foreign key is key. stored may be missing.
func CheckKey(stored bson.RawValue, key string) error {
	if stored.IsZero() || textOf(stored) != key {
		return errs.Errorf(errs.CodeNotFound, "This user does not have this foreign key.")
	}
	return nil
}

// ProfileChange returns the change of a stored extended profile, which may be missing, for a change
// of its JSON, which is then nil.
func ProfileChange(change func(json.RawMessage) (json.RawMessage, error)) func(bson.RawValue) (any, error) {
	return func(stored bson.RawValue) (any, error) {
		var profile json.RawMessage
		if !stored.IsZero() {
			profile = StoredJSON(stored)
		}
		profile, err := change(profile)
		return string(profile), err
	}
}
