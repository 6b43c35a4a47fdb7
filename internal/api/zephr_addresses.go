package api

import "strings"

// zephrV4Addresses are the addresses of Zephr's Admin API outside of /v3.
var zephrV4Addresses = []string{"/v4/user-export"}

// isZephrAddress reports whether a path is one of Zephr's Admin API: every path of /v3, the paths at
// and below zephrV4Addresses, and the foreign keys of a user.
func isZephrAddress(path string) bool {
	if strings.HasPrefix(path, "/v3/") || strings.HasPrefix(path, "/v4/users/") && strings.Contains(path, "/foreign-key/") {
		return true
	}
	for _, address := range zephrV4Addresses {
		if rest, ok := strings.CutPrefix(path, address); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}
