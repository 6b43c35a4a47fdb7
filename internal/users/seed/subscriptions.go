package seed

import (
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/users"
)

// offer is what a product grants.
type offer struct {
	product string
	months  int
	kind    string // entitlement_type
	grants  string // entitlement_id
}

var offers = []offer{
	{digitalAnnual, 12, "bundle", "all-digital"},
	{digitalAnnual, 12, "bundle", "all-digital"},
	{digitalMonthly, 1, "bundle", "all-digital"},
	{digitalMonthly, 1, "bundle", "all-digital"},
	{weekendPrint, 6, "entitlement", "weekend-delivery"},
	{crosswordPass, 12, "entitlement", "crosswords"},
	{studentDigital, 9, "bundle", "all-digital"},
	{archiveCredits, 24, "credits", "archive"},
}

// subscribe gives a user up to four subscriptions, states fitting their dates as seen from Epoch, and returns the
// accounts that bought them.
func subscribe(d dice, u *users.User, family string) []users.Account {
	count := []int{0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4}[d.IntN(11)]
	u.Grants = make([]users.Grant, 0, count)
	if count == 0 {
		return nil
	}
	var accounts []users.Account
	switch company := d.IntN(len(companies)); {
	case d.chance(25):
		accounts = append(accounts, users.Account{ID: fmt.Sprintf("acc-company-%02d", company+1), Name: companies[company]})
	case d.chance(40):
		accounts = append(accounts, users.Account{ID: "acc-" + u.ID[len(u.ID)-12:], Name: family + " household"})
	}
	for _, a := range accounts {
		u.AccountIDs = append(u.AccountIDs, a.ID)
	}
	for i := range count {
		g := subscription(d, u, i)
		if len(accounts) > 0 && d.chance(80) {
			g.AccountID = accounts[0].ID
		}
		u.Grants = append(u.Grants, g)
	}
	return accounts
}

func subscription(d dice, u *users.User, i int) users.Grant {
	o := one(d, offers)
	created := d.between(*u.Registered, Epoch)
	start := created
	switch {
	case d.chance(4): // ordered ahead
		start = Epoch.AddDate(0, 0, 1+d.IntN(60)).Truncate(24 * time.Hour)
	case d.chance(30): // lately renewed
		start = d.between(Epoch.AddDate(0, -o.months, 0), Epoch)
		created = start
		if created.Before(*u.Registered) {
			created, start = *u.Registered, *u.Registered
		}
	}
	g := users.Grant{
		ID: fmt.Sprintf("grant-%s-%d", u.ID, i+1), UserID: u.ID, EntitlementType: o.kind, EntitlementID: o.grants,
		ProductID: o.product, Start: &start, Created: &created,
	}
	if !(o.kind == "credits" && d.chance(30)) { // some credits never run out
		end := start.AddDate(0, o.months, 0)
		g.End = &end
	}
	g.ExpiryState = stateAt(Epoch, g)
	return g
}

func stateAt(now time.Time, g users.Grant) string {
	switch {
	case g.Start.After(now):
		return "pending"
	case g.End != nil && !g.End.After(now):
		return "expired"
	default:
		return "active"
	}
}
