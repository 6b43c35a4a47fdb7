package importer

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

var errExtended = errors.New("is not valid MongoDB extended JSON")

// parseExtended decodes MongoDB extended JSON, which represents a scalar as an object. It accepts
// the canonical, the relaxed and the legacy format and returns the scalar that an export shows for
// the value. known is false if the object is not extended JSON.
func parseExtended(object []byte) (v export.Value, known bool, err error) {
	if len(object) < 2 || object[skipBlank(object, 1)] != '"' {
		return v, false, nil
	}
	list, bad, err := splitObject(object)
	if err != nil || len(bad) > 0 || len(list) == 0 || !strings.HasPrefix(list[0].name, "$") || len(list) > 2 {
		return v, false, nil //nolint:nilerr // an ordinary object
	}
	name, first := list[0].name, list[0].value
	var second member
	if len(list) == 2 {
		second = list[1]
	}
	if second.name != "" && second.name != secondMembers[name] {
		return v, false, nil
	}
	switch name {
	case "$oid":
		v, err = parseObjectID(first)
	case "$date":
		v, err = parseExtendedDate(first)
	case "$uuid":
		v, err = parseExtendedUUID(first)
	case "$numberInt", "$numberLong", "$numberDouble", "$numberDecimal":
		v, err = parseExtendedNumber(first)
	case "$binary":
		v, err = parseExtendedBinary(first, second)
	case "$symbol", "$code":
		v, err = parseExtendedString(first)
	case "$undefined":
	case "$minKey":
		v = export.String("MinKey")
	case "$maxKey":
		v = export.String("MaxKey")
	case "$timestamp":
		v, err = parseExtendedTimestamp(first)
	case "$regularExpression":
		v, err = parseExtendedRegex(memberValue(first, "pattern"), memberValue(first, "options"))
	case "$regex":
		v, err = parseExtendedRegex(first, second.value)
	default:
		return v, false, nil
	}
	return v, true, err
}

// secondMembers maps the first member of a legacy format to its second one.
var secondMembers = map[string]string{"$binary": "$type", "$regex": "$options"}

func parseExtendedString(raw []byte) (export.Value, error) {
	if len(raw) == 0 || raw[0] != '"' {
		return export.Value{}, errExtended
	}
	s, err := parseString(raw)
	return export.String(s), err
}

func parseObjectID(raw []byte) (export.Value, error) {
	v, err := parseExtendedString(raw)
	if b, bad := hex.DecodeString(v.Text); err == nil && (bad != nil || len(b) != 12) {
		err = errExtended
	}
	return export.String(strings.ToLower(v.Text)), err
}

// parseExtendedNumber decodes a number. NaN and the infinities, which JSON lacks, become strings.
func parseExtendedNumber(raw []byte) (export.Value, error) {
	if raw[0] != '"' {
		v, err := parseScalar(raw)
		if err == nil && v.Kind != export.NumberValue {
			err = errExtended
		}
		return v, err
	}
	v, err := parseExtendedString(raw)
	switch {
	case err != nil:
		return v, err
	case users.IsNumber(v.Text):
		return export.Number(v.Text), nil
	case v.Text == "NaN" || v.Text == "Infinity" || v.Text == "-Infinity":
		return v, nil
	default:
		return v, errExtended
	}
}

// parseExtendedDate decodes a date: text, or milliseconds since 1970 as a number or in $numberLong.
// The unit is always the millisecond, so it accepts times in any year.
func parseExtendedDate(raw []byte) (export.Value, error) {
	v, err := parseScalar(raw)
	switch {
	case err != nil:
		return v, errExtended
	case v.Kind == export.NumberValue:
		ms, err := strconv.ParseInt(v.Text, 10, 64)
		if err != nil {
			return v, errExtended
		}
		return export.String(export.FormatTime(time.UnixMilli(ms))), nil
	case v.Kind == export.StringValue:
		at, err := users.ParseDate(users.DateTime, v.Text)
		if err != nil {
			return v, err
		}
		return export.String(export.FormatTime(at)), nil
	default:
		return v, errExtended
	}
}

func parseExtendedUUID(raw []byte) (export.Value, error) {
	v, err := parseExtendedString(raw)
	if err != nil {
		return v, err
	}
	b, err := hex.DecodeString(strings.ReplaceAll(v.Text, "-", ""))
	if err != nil || len(b) != 16 {
		return v, errExtended
	}
	return export.String(users.UUIDText([16]byte(b))), nil
}

// parseExtendedBinary decodes {"$binary": {"base64": …, "subType": …}} and the legacy {"$binary":
// …, "$type": …}.
func parseExtendedBinary(raw []byte, second member) (export.Value, error) {
	content, subtype := raw, second.value
	if len(raw) > 0 && raw[0] == '{' && second.name == "" {
		content, subtype = memberValue(raw, "base64"), memberValue(raw, "subType")
	}
	data, err := parseExtendedString(content)
	if err != nil {
		return data, errExtended
	}
	b, err := base64.StdEncoding.DecodeString(data.Text)
	if err != nil || len(subtype) == 0 {
		return data, errExtended
	}
	kind, err := parseText(subtype)
	if err != nil {
		return data, errExtended
	}
	if strings.TrimLeft(kind, "0") == "4" && len(b) == 16 {
		return export.String(users.UUIDText([16]byte(b))), nil
	}
	return data, nil
}

func parseExtendedTimestamp(raw []byte) (export.Value, error) {
	seconds, err1 := parseText(orNull(memberValue(raw, "t")))
	ordinal, err2 := parseText(orNull(memberValue(raw, "i")))
	if err1 != nil || err2 != nil || !users.IsNumber(seconds) || !users.IsNumber(ordinal) {
		return export.Value{}, errExtended
	}
	return export.String("Timestamp(" + seconds + ", " + ordinal + ")"), nil
}

func parseExtendedRegex(expression, options []byte) (export.Value, error) {
	e, err := parseExtendedString(expression)
	if err != nil {
		return e, errExtended
	}
	o, err := parseText(orNull(options))
	if err != nil {
		return e, errExtended
	}
	return export.String("/" + e.Text + "/" + o), nil
}

// memberValue returns the value of a member of an object, or nil if the object lacks it or is not
// an object.
func memberValue(object []byte, name string) []byte {
	if len(object) == 0 || object[0] != '{' {
		return nil
	}
	list, _, err := splitObject(object)
	if err != nil {
		return nil
	}
	for _, m := range list {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

func orNull(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}
