package export

// Truncate returns text for a message: s, or its first 60 characters and an ellipsis.
func Truncate(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
