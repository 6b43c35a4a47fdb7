package decode

import (
	"encoding/json"
	"maps"
)

// MergePatch returns a JSON value after a merge patch (RFC 7396). target is valid compact JSON, nil
// if it is missing. What the patch does not name keeps its bytes and its order; new members follow in
// the order of the patch, and the values of the patch lose their white space.
func MergePatch(target json.RawMessage, patch Value) json.RawMessage {
	return mergePatch(target, patch.raw)
}

func mergePatch(target, patch []byte) []byte {
	if patch[0] != kindObject {
		return compact(patch)
	}
	if len(target) == 0 || target[0] != kindObject {
		target = []byte("{}")
	}
	changes := maps.Collect(members(patch)) // the last one counts of a repeated name
	merged := []byte{kindObject}
	set := func(name, value, change []byte) {
		if change != nil && change[0] == 'n' {
			return
		}
		if len(merged) > 1 {
			merged = append(merged, ',')
		}
		if change != nil {
			value = mergePatch(value, change)
		}
		merged = append(append(append(merged, name...), ':'), value...)
	}
	done := map[string]bool{}
	for name, value := range rawMembers(target) {
		text := unquote(name)
		set(name, value, changes[text])
		done[text] = true
	}
	for name := range rawMembers(patch) {
		if text := unquote(name); !done[text] {
			set(name, nil, changes[text])
			done[text] = true
		}
	}
	return append(merged, '}')
}
