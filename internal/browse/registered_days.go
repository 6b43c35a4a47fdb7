package browse

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// registeredDays is the number of days of RegisteredDays, today included.
const registeredDays = 30

// RegisteredDays returns the last 30 days of a zone, oldest first, with the number of users of a user
// store that registered on each. export.All and "" stand for all user stores. Each day is a range of
// the index on registered, so all of them together read the last 30 days of it once. Concurrent callers
// share the result, which they must not change; a slow one is cached like a count.
func (u *Users) RegisteredDays(ctx context.Context, tenant, storeID string, now time.Time, zone *time.Location) ([]users.DayCount, error) {
	selection := filter.InStore(storeID)
	today := now.In(zone)
	key := selection.Key() + "\n" + today.Format(time.DateOnly) + "\n" + zone.String()
	return u.days.do(ctx, tenant, key, func(ctx context.Context) ([]users.DayCount, error) {
		days := make([]users.DayCount, registeredDays)
		for i := range days {
			later := i - registeredDays + 1
			from := time.Date(today.Year(), today.Month(), today.Day()+later, 0, 0, 0, 0, zone)
			before := time.Date(today.Year(), today.Month(), today.Day()+later+1, 0, 0, 0, 0, zone)
			selection.Where = filter.Times{Path: filter.Registered, From: &from, Before: &before}
			n, err := u.source.Count(ctx, tenant, selection)
			if err != nil {
				return nil, err
			}
			// Noon: in some zones a day does not begin at midnight.
			noon := time.Date(today.Year(), today.Month(), today.Day()+later, 12, 0, 0, 0, zone)
			days[i] = users.DayCount{Day: noon.Format(time.DateOnly), Users: n}
		}
		return days, nil
	})
}
