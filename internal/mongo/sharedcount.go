package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/singleflight"
)

// countTimeout is how long a count goes on that nobody waits for any more.
const countTimeout = time.Minute

// sharedCounts lets everybody who asks for the same number at once wait for one count. A count may have to look at every user,
// and a client that gave up and asks again would otherwise have the database count twice: the busier it is, the more often.
type sharedCounts struct{ flights singleflight.Group }

// count returns what counting yields for a question, or ctx's cause once that ends. The counting itself goes on then, for whoever
// asks next, for countTimeout at most.
func (s *sharedCounts) count(ctx context.Context, tenant string, match bson.D, counting func(context.Context) (int64, error)) (int64, error) {
	question, err := bson.Marshal(bson.D{{Key: "tenant", Value: tenant}, {Key: "match", Value: match}})
	if err != nil {
		return 0, err
	}
	answer := s.flights.DoChan(string(question), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), countTimeout)
		defer cancel()
		return counting(ctx)
	})
	select {
	case got := <-answer:
		n, _ := got.Val.(int64)
		return n, got.Err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}
