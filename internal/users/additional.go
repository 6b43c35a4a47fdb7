package users

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// MaxAdditionalBytes is the maximum size of one additional member, as compact JSON.
const MaxAdditionalBytes = 16 << 10

// AdditionalMembers are the members of Zephr's user documents that Egress has no field for, sorted.
// They are kept as given in User.Additional. They are no columns, and cannot be searched or filtered.
var AdditionalMembers = []string{
	"accountMembershipCode", "created_at", "product_sharing_id", "registration_state", "registration_tenant", "session_limit",
}

// IsAdditional reports whether name is one of AdditionalMembers.
func IsAdditional(name string) bool { return slices.Contains(AdditionalMembers, name) }

// CompactAdditional returns the value of an additional member as compact JSON. raw is valid JSON. The
// error completes a sentence that begins with the name of the member.
func CompactAdditional(raw []byte) (json.RawMessage, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return nil, err
	}
	if compact.Len() > MaxAdditionalBytes {
		return nil, fmt.Errorf("must have at most %d bytes", MaxAdditionalBytes)
	}
	return compact.Bytes(), nil
}
