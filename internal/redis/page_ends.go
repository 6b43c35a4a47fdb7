package redis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// pageEndTTL is how long the end of a page is remembered after its last use.
const pageEndTTL = time.Hour

// PageEnds remembers where the pages of a paged query end. All servers share it.
type PageEnds struct{ c *Client }

// NewPageEnds returns the page ends kept by a client.
func NewPageEnds(c *Client) PageEnds { return PageEnds{c} }

// LastID returns the last id of a page of a query, or "" if it is not known.
func (p PageEnds) LastID(ctx context.Context, query string, page int64) (id string, err error) {
	return run(ctx, "read the end of a page", func(ctx context.Context) (string, error) {
		return p.c.rdb.GetEx(ctx, pageEndKey(query, page), pageEndTTL).Result()
	})
}

// Remember stores the last id of a page of a query.
func (p PageEnds) Remember(ctx context.Context, query string, page int64, id string) error {
	_, err := run(ctx, "store the end of a page", func(ctx context.Context) (string, error) {
		return p.c.rdb.Set(ctx, pageEndKey(query, page), id, pageEndTTL).Result()
	})
	return err
}

// pageEndKey hashes the query, because its filter may contain personal data.
func pageEndKey(query string, page int64) string {
	sum := sha256.Sum256([]byte(query))
	return prefix + "place:" + hex.EncodeToString(sum[:]) + ":" + strconv.FormatInt(page, 10)
}
