package redis

import (
	"context"
	"testing"
)

func TestPageEnds(t *testing.T) {
	onEachKind(t, func(t *testing.T, ctx context.Context, c *Client) {
		pageEnds := NewPageEnds(c)
		is := func(walk string, page int64, want string) {
			t.Helper()
			if got, err := pageEnds.LastID(ctx, walk, page); err != nil || got != want {
				t.Errorf("page %d of %s ends with %q, %v; want %q", page, walk, got, err, want)
			}
		}
		is("a", 1, "")
		for page, id := range map[int64]string{1: "u5", 2: "u9"} {
			if err := pageEnds.Remember(ctx, "a", page, id); err != nil {
				t.Fatal(err)
			}
		}
		is("a", 1, "u5")
		is("a", 2, "u9")
		is("b", 1, "")
		if err := pageEnds.Remember(ctx, "a", 1, "u6"); err != nil {
			t.Fatal(err)
		}
		is("a", 1, "u6")
	})
}
