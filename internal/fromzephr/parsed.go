package fromzephr

import (
	"encoding/json"
	"fmt"

	"github.com/egress-io/egress/internal/users"
)

// parsedItem is a line of the file of users.
type parsedItem struct {
	User             parsedUser                 `json:"user"`
	ExtendedProfiles map[string]json.RawMessage `json:"extended_profiles"` // next to the user
	Grants           struct {
		Results []parsedGrant `json:"results"`
	} `json:"grants"`
	// additional are the members of users.AdditionalMembers, by name.
	additional map[string]json.RawMessage
}

type parsedUser struct {
	ID          text `json:"user_id"`
	StoreID     text `json:"user_store_id"`
	Identifiers struct {
		EmailAddress text `json:"email_address"`
		Username     text `json:"username"`
	} `json:"identifiers"`
	EmailVerified    text                       `json:"email_verified"`
	Registered       text                       `json:"registered"`
	LastLogin        text                       `json:"last_login"`
	Updated          text                       `json:"updated"`
	TrackingID       text                       `json:"tracking_id"`
	Attributes       map[string]json.RawMessage `json:"attributes"`
	ForeignKeys      map[string]text            `json:"foreign_keys"`
	ExtendedProfiles map[string]json.RawMessage `json:"extended_profiles"`
	AccountIDs       []text                     `json:"account_ids"`
}

type parsedGrant struct {
	ID              text `json:"grantId"`
	AccountID       text `json:"account_id"`
	ExpiryState     text `json:"expiry_state"`
	EntitlementType text `json:"entitlement_type"`
	EntitlementID   text `json:"entitlement_id"`
	ProductID       text `json:"product_id"`
	Start           text `json:"startTime"`
	End             text `json:"endTime"`
	Created         text `json:"createdAt"`
}

func parseItem(line []byte) (*parsedItem, error) {
	var item parsedItem
	if err := json.Unmarshal(line, &item); err != nil {
		return nil, fmt.Errorf("read a user: %w", err)
	}
	var members struct {
		User map[string]json.RawMessage `json:"user"`
	}
	if err := json.Unmarshal(line, &members); err != nil {
		return nil, fmt.Errorf("read a user: %w", err)
	}
	item.additional = map[string]json.RawMessage{}
	for name, value := range members.User {
		if users.IsAdditional(name) && string(value) != "null" {
			item.additional[name] = value
		}
	}
	return &item, nil
}

// profiles returns the extended profiles by app id.
func (item *parsedItem) profiles() map[string]json.RawMessage {
	if item.User.ExtendedProfiles != nil {
		return item.User.ExtendedProfiles
	}
	return item.ExtendedProfiles
}

// foreignKeys returns the keys that are not empty, by foreign system.
func (item *parsedItem) foreignKeys() map[string]string {
	keys := map[string]string{}
	for system, key := range item.User.ForeignKeys {
		if key != "" {
			keys[system] = string(key)
		}
	}
	return keys
}

// accounts returns the ids of the user's accounts, those of the grants included.
func (item *parsedItem) accounts() map[string]bool {
	ids := map[string]bool{}
	for _, id := range item.User.AccountIDs {
		ids[string(id)] = true
	}
	for i := range item.Grants.Results {
		ids[string(item.Grants.Results[i].AccountID)] = true
	}
	delete(ids, "")
	return ids
}
