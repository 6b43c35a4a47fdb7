package redis

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/egress-io/egress/internal/auth"
)

// Nonces remembers the nonces of signed requests. All servers share them.
type Nonces struct{ c *Client }

var _ auth.Nonces = Nonces{}

// NewNonces returns the nonces kept by a client.
func NewNonces(c *Client) Nonces { return Nonces{c} }

// Use reports whether this is the first use of a key pair's nonce, and remembers the nonce for
// the duration keep.
func (n Nonces) Use(ctx context.Context, accessKey, nonce string, keep time.Duration) (fresh bool, err error) {
	use := rand.Text() // a command that is resent after a lost answer recognizes its own value
	first, err := run(ctx, "remember a nonce", func(ctx context.Context) (string, error) {
		return takeScript.Run(ctx, n.c.rdb, []string{prefix + "nonce:" + auth.NonceHash(accessKey, nonce)}, use, keep.Milliseconds()).Text()
	})
	return err == nil && first == use, err
}
