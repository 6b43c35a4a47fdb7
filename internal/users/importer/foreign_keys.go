package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/egress-io/egress/internal/users"
)

func parseForeignKeys(rec *record, raw []byte) {
	const kind = "foreign_keys"
	list, bad, err := splitObject(raw)
	if err != nil {
		rec.skipValue(kind, err)
	}
	rec.skipMembers(kind, bad)
	for _, m := range list {
		system, ok := rec.keyName(kind, m.name, users.ValidSystem, false)
		if !ok {
			continue
		}
		path := kind + "." + system
		key, err := parseText(m.value)
		if _, repeated := rec.user.ForeignKeys[system]; err == nil && repeated {
			err = errors.New("appears twice")
		}
		if err != nil {
			rec.skipValue(path, err)
		} else if key != "" {
			rec.user.ForeignKeys[system] = key
		}
	}
}

// parseProfiles stores the JSON text of each profile. It removes the white space between tokens and
// changes nothing else.
func parseProfiles(rec *record, m member) {
	const kind = "extended_profiles"
	list, bad, err := splitObject(m.value)
	if err != nil {
		rec.skipValue(m.name, err)
	}
	rec.skipMembers(m.name, bad)
	for _, profile := range list {
		app, ok := rec.keyName(kind, profile.name, users.ValidAppID, true)
		if !ok {
			continue
		}
		var compact bytes.Buffer
		err := json.Compact(&compact, profile.value)
		if _, repeated := rec.user.ExtendedProfiles[app]; err == nil && repeated {
			err = errors.New("appears twice")
		}
		if err != nil {
			rec.skipValue(m.name+"."+app, err)
			continue
		}
		rec.user.ExtendedProfiles[app] = compact.Bytes()
	}
}

// keyName returns a valid name for a foreign system or an app. An invalid name becomes a valid one
// with a hash: these names have no labels, and the hash makes the new name unique and the same for
// every file. ok is false if the name cannot be replaced; the record then contains the reason.
func (rec *record) keyName(kind, name string, isValid func(string) bool, dots bool) (key string, ok bool) {
	if isValid(name) {
		return name, true
	}
	if err := checkName(name); err != nil {
		rec.skipValue(kind+"."+sanitize(name), err)
		return "", false
	}
	replacement := hashedName(name, "name", dots)
	rec.renamings = append(rec.renamings, Renaming{kind, name, replacement})
	return replacement, true
}

// parseID parses an id. It returns "" for null and "".
func parseID(raw []byte) (string, error) {
	id, err := parseText(raw)
	if err == nil && id != "" && !users.ValidID(id) {
		err = errors.New("must be at most " + strconv.Itoa(users.MaxIDBytes) + " bytes without control characters")
	}
	return id, err
}

// parseIDs parses an array of ids and drops repeated ones.
func parseIDs(rec *record, field string, raw []byte) []string {
	ids := []string{}
	list, err := splitArray(raw)
	if err != nil {
		rec.skipValue(field, err)
	}
	for i, e := range list {
		id, err := parseID(e)
		if err != nil {
			rec.skipValue(field+"["+strconv.Itoa(i)+"]", err)
			continue
		}
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func parseBool(raw []byte) (bool, error) {
	switch s, err := parseText(raw); {
	case err != nil:
		return false, err
	case s == "true":
		return true, nil
	case s == "false" || s == "":
		return false, nil
	default:
		return false, errors.New("must be true or false")
	}
}
