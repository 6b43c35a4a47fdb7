package browse

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A slow count is cached for a while, but not across a write of the tenant's users by this process.
func TestSlowCountsAreCached(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, took := range []time.Duration{0, slowCount - 1, slowCount, 3 * time.Second, 20 * time.Second} {
			writes := map[string]uint64{}
			s := &singleFlight[int64]{ttl: countTTL, version: func(tenant string) uint64 { return writes[tenant] }}
			counted := int64(0)
			count := func() int64 {
				n, err := s.do(t.Context(), "daily", countryGB, func(context.Context) (int64, error) {
					<-time.After(took)
					counted++
					return counted, nil
				})
				if err != nil {
					t.Error(err)
				}
				return n
			}
			ttl := min(10*took, maxCountAge)
			if took < slowCount {
				ttl = 0
			}
			count()
			if ttl > 0 {
				<-time.After(ttl - 1)
				if n := count(); n != 1 {
					t.Errorf("%s: counted %d times within %s", took, n, ttl)
				}
				<-time.After(1)
			}
			if n := count(); n != 2 {
				t.Errorf("%s: counted %d times after %s", took, n, ttl)
			}
			writes["weekly"]++
			if n := count(); ttl > 0 && n != 2 {
				t.Errorf("%s: counted %d times after a write of another tenant", took, n)
			}
			writes["daily"]++
			before := counted
			if n := count(); n != before+1 {
				t.Errorf("%s: a stale count after a write: %d", took, n)
			}
		}
	})
}
