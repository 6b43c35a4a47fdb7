package api

import "strings"

// zephrAddresses are the addresses of Zephr's Admin API, each with all addresses below it, as
// segments in Fiber's form.
var zephrAddresses = splitPaths(
	"/v3/:path", "/blaize/:path", "/zephr/:path",
	"/v4/accounts", "/v4/admin", "/v4/anonymous-sessions", "/v4/cache-management", "/v4/companies", "/v4/email-templates", "/v4/pages",
	"/v4/resources", "/v4/sessions", "/v4/thumbnails", "/v4/user-export", "/v4/user-updates", "/v4/users/reset", "/v4/users/segments",
	"/v4/users/:user_id/foreign-key", "/v4/users/:user_id/segments", "/v4/users/:user_id/sessions",
)

func splitPaths(paths ...string) [][]string {
	split := make([][]string, len(paths))
	for i, path := range paths {
		split[i] = strings.Split(path, "/")
	}
	return split
}

// isZephrAddress reports whether a path is one of Zephr's Admin API.
func isZephrAddress(path string) bool {
	segments := strings.Split(path, "/")
	for _, pattern := range zephrAddresses {
		if len(segments) >= len(pattern) && matchSegments(pattern, segments[:len(pattern)]) {
			return true
		}
	}
	return false
}
