package fromzephr

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// scheme is the signature scheme of Zephr's Admin API, as its clients spell it.
const scheme = "ZEPHR-HMAC-SHA256"

// authorization returns the Authorization header of a GET request without a body. target is the
// path with the query, exactly as sent. Use each nonce once only.
func authorization(accessKey, secretKey, target string, at time.Time, nonce string) string {
	path, query, _ := strings.Cut(target, "?")
	timestamp := strconv.FormatInt(at.UnixMilli(), 10)
	sum := sha256.Sum256([]byte(secretKey + path + query + "GET" + timestamp + nonce))
	return scheme + " " + accessKey + ":" + timestamp + ":" + nonce + ":" + hex.EncodeToString(sum[:])
}
