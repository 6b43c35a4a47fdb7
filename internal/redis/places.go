package redis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// placeTTL is how long a place is remembered after it was asked for last.
const placeTTL = time.Hour

// Places remembers where the pages of a walk end, for all servers together.
type Places struct{ c *Client }

// NewPlaces returns the places of a client.
func NewPlaces(c *Client) Places { return Places{c} }

// Place returns the id with which a page of a walk has ended, "" where that is not remembered.
func (p Places) Place(ctx context.Context, walk string, page int64) (id string, err error) {
	return run(ctx, "find a place", func(ctx context.Context) (string, error) {
		return p.c.rdb.GetEx(ctx, placeKey(walk, page), placeTTL).Result()
	})
}

// Remember keeps the id with which a page of a walk ends.
func (p Places) Remember(ctx context.Context, walk string, page int64, id string) error {
	_, err := run(ctx, "remember a place", func(ctx context.Context) (string, error) {
		return p.c.rdb.Set(ctx, placeKey(walk, page), id, placeTTL).Result()
	})
	return err
}

// placeKey hashes the walk: its filter may hold personal data.
func placeKey(walk string, page int64) string {
	sum := sha256.Sum256([]byte(walk))
	return prefix + "place:" + hex.EncodeToString(sum[:]) + ":" + strconv.FormatInt(page, 10)
}
