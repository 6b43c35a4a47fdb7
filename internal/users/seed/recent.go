package seed

import (
	"math"
	"time"

	"github.com/egress-io/egress/internal/users"
)

// recent is how long before Epoch the users registered whose times follow the time of seeding.
const recent = 30 * 24 * time.Hour

// userAt returns a tenant's i-th user as seeded at now, and the accounts that the user belongs to.
func userAt(t Tenant, i int, now time.Time) (users.User, []users.Account) {
	u, bought := newUser(t, i)
	makeRecent(&u, now)
	for j := range u.Grants {
		u.Grants[j].ExpiryState = u.Grants[j].StateAt(now)
	}
	return u, bought
}

// makeRecent moves the times of a user who registered in the last 30 days before Epoch, so that the user registered in
// the last 30 days before now, and all such users about evenly. All other users, and all ids, keep their values.
func makeRecent(u *users.User, now time.Time) {
	if Epoch.Sub(*u.Registered) >= recent {
		return
	}
	move := func(at *time.Time) *time.Time {
		if at == nil {
			return nil
		}
		moved := recentTime(*at, now)
		return &moved
	}
	u.Registered, u.LastLogin, u.Updated = move(u.Registered), move(u.LastLogin), move(u.Updated)
	for i := range u.Grants {
		g := &u.Grants[i]
		start := move(g.Start)
		if g.End != nil {
			end := g.End.Add(start.Sub(*g.Start)) // the subscription keeps its length
			g.End = &end
		}
		g.Start, g.Created = start, move(g.Created)
	}
}

// recentTime moves a time between Epoch-recent and Epoch to the same part of the days before now, and later times by as
// much as Epoch. It keeps the order of times. The square root makes registrations even: they are more frequent towards
// Epoch, by the square.
func recentTime(at, now time.Time) time.Time {
	age := Epoch.Sub(at)
	if age > 0 {
		age = time.Duration(math.Sqrt(float64(age)/float64(recent)) * float64(recent))
	}
	return now.Add(-age).Truncate(time.Second)
}
