package browse

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestIDTypesAreCached(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const took = 50 * time.Millisecond
		s, queries, answer := newIDTypesCache(), 0, ""
		query := func() string {
			types, err := s.do(t.Context(), "daily", "users", func(context.Context) (string, error) {
				queries++
				<-time.After(took)
				return answer, nil
			})
			if err != nil {
				t.Error(err)
			}
			return types
		}
		query()
		answer = "int"
		if types := query(); types != "" || queries != 1 {
			t.Errorf("at once: %q, %d queries", types, queries)
		}
		<-time.After(idTypesAgeFactor * took)
		if types := query(); types != "int" || queries != 2 {
			t.Errorf("later: %q, %d queries", types, queries)
		}
	})
}
