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

// Places remembers where the pages of a paged query end. All servers share it.
type Places struct{ c *Client }

// NewPlaces returns the page ends kept by a client.
func NewPlaces(c *Client) Places { return Places{c} }

// Place returns the last id of a page of a query, or "" if it is not known.
func (p Places) Place(ctx context.Context, query string, page int64) (id string, err error) {
	return run(ctx, "read the end of a page", func(ctx context.Context) (string, error) {
		return p.c.rdb.GetEx(ctx, pageEndKey(query, page), pageEndTTL).Result()
	})
}

// Remember stores the last id of a page of a query.
func (p Places) Remember(ctx context.Context, query string, page int64, id string) error {
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
