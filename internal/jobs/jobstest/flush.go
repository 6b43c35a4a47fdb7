package jobstest

import (
	"testing"

	"github.com/redis/go-redis/v9"
)

// Flush deletes everything in the Redis at a URL, as a restart without persistence does.
func Flush(t *testing.T, url string) {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	defer c.Close()
	if err := c.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
}
