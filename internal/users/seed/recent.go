package seed

import (
	"time"

	"github.com/egress-io/egress/internal/users"
)

// recent is how long before Epoch the users registered whose times follow the time of seeding.
const recent = 30 * 24 * time.Hour

// makeRecent moves the times of a user who registered in the last 30 days before Epoch, so that the user registered in
// the last 30 days before now. All other users, and all ids, keep their values.
func makeRecent(u *users.User, now time.Time) {
	if Epoch.Sub(*u.Registered) > recent {
		return
	}
	by := now.Sub(Epoch).Truncate(time.Second)
	move := func(at **time.Time) {
		if *at != nil {
			moved := (*at).Add(by)
			*at = &moved
		}
	}
	move(&u.Registered)
	move(&u.LastLogin)
	move(&u.Updated)
	for i := range u.Grants {
		g := &u.Grants[i]
		move(&g.Start)
		move(&g.End)
		move(&g.Created)
	}
}
