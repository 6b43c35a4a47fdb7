package seed

import (
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/users"
)

// offer is a subscription that users can buy.
type offer struct {
	product         string
	months          int
	entitlementType string
	entitlementID   string // entitlement_id
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

// addSubscriptions gives a user up to four subscriptions, with their states at Epoch, and returns
// the accounts that bought them.
func addSubscriptions(random rng, u *users.User, family string) []users.Account {
	count := []int{0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4}[random.IntN(11)]
	u.Grants = make([]users.Grant, 0, count)
	if count == 0 {
		return nil
	}
	var accounts []users.Account
	switch company := random.IntN(len(companies)); {
	case random.chance(25):
		accounts = append(accounts, users.Account{ID: fmt.Sprintf("acc-company-%02d", company+1), Name: companies[company]})
	case random.chance(40):
		accounts = append(accounts, users.Account{ID: "acc-" + u.ID[len(u.ID)-12:], Name: family + " household"})
	}
	for _, a := range accounts {
		u.AccountIDs = append(u.AccountIDs, a.ID)
	}
	for i := range count {
		g := newSubscription(random, u, i)
		if len(accounts) > 0 && random.chance(80) {
			g.AccountID = accounts[0].ID
		}
		u.Grants = append(u.Grants, g)
	}
	return accounts
}

func newSubscription(random rng, u *users.User, i int) users.Grant {
	o := pick(random, offers)
	created := random.between(*u.Registered, Epoch)
	start := created
	switch {
	case random.chance(4): // starts in the future
		start = Epoch.AddDate(0, 0, 1+random.IntN(60)).Truncate(24 * time.Hour)
	case random.chance(30): // started recently
		start = random.between(Epoch.AddDate(0, -o.months, 0), Epoch)
		created = start
		if created.Before(*u.Registered) {
			created, start = *u.Registered, *u.Registered
		}
	}
	g := users.Grant{
		ID: fmt.Sprintf("grant-%s-%d", u.ID, i+1), UserID: u.ID, EntitlementType: o.entitlementType, EntitlementID: o.entitlementID,
		ProductID: o.product, Start: &start, Created: &created,
	}
	if !(o.entitlementType == "credits" && random.chance(30)) { // some credits never expire
		end := start.AddDate(0, o.months, 0)
		g.End = &end
	}
	g.ExpiryState = g.StateAt(Epoch)
	return g
}
