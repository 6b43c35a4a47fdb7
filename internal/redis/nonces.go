package redis

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

// Nonces remembers the nonces of signed requests, for all servers together.
type Nonces struct{ c *Client }

var _ auth.Nonces = Nonces{}

// NewNonces returns the nonces of a client.
func NewNonces(c *Client) Nonces { return Nonces{c} }

// Spend reports whether a nonce of a key pair is used for the first time, and remembers it for as long as keep.
func (n Nonces) Spend(ctx context.Context, accessKey, nonce string, keep time.Duration) (fresh bool, err error) {
	// An access key holds no colon, so that two pairs never share a nonce.
	sum := sha256.Sum256([]byte(accessKey + ":" + nonce))
	use := rand.Text() // a command that was sent again, since its answer was lost, finds its own
	first, err := run(ctx, "remember a nonce", func(ctx context.Context) (string, error) {
		return takeScript.Run(ctx, n.c.rdb, []string{prefix + "nonce:" + hex.EncodeToString(sum[:])}, use, keep.Milliseconds()).Text()
	})
	return err == nil && first == use, err
}
