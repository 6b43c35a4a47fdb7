package seed

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/users"
)

// Users returns the first n users of a tenant.
func Users(t Tenant, n int) iter.Seq[users.User] {
	return func(yield func(users.User) bool) {
		for i := range n {
			if u, _ := person(t, i); !yield(u) {
				return
			}
		}
	}
}

// dice are the chances of one user.
type dice struct{ *rand.Rand }

// roll returns the dice of a tenant's i-th user, the same every time.
func roll(tenant string, i int) (dice, *rand.ChaCha8) {
	source := rand.NewChaCha8(sha256.Sum256(fmt.Appendf(nil, "egress demo %s %d", tenant, i)))
	return dice{rand.New(source)}, source
}

// chance is true in percent of 100 cases.
func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func one[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

// between returns a time from a (included) to b, in whole seconds.
func (d dice) between(a, b time.Time) time.Time {
	if seconds := int64(b.Sub(a) / time.Second); seconds > 0 {
		return a.Add(time.Duration(d.Int64N(seconds)) * time.Second)
	}
	return a
}

// fill replaces # by digits and @ by capital letters.
func (d dice) fill(pattern string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '#':
			return '0' + rune(d.IntN(10))
		case '@':
			return 'A' + rune(d.IntN(26))
		default:
			return r
		}
	}, pattern)
}

func (d dice) locale() locale {
	total := 0
	for _, l := range locales {
		total += l.weight
	}
	n := d.IntN(total)
	for _, l := range locales {
		if n -= l.weight; n < 0 {
			return l
		}
	}
	return locales[0]
}

// person makes a tenant's i-th user and the accounts that the user's grants name.
func person(t Tenant, i int) (users.User, []users.Account) {
	d, source := roll(t.ID, i)
	l := d.locale()
	given, givenPlain, _ := strings.Cut(one(d, l.given), "|")
	family, familyPlain, _ := strings.Cut(one(d, l.family), "|")

	age := d.Float64()
	registered := Epoch.Add(-time.Duration(age * age * float64(9*365*24*time.Hour))).Truncate(time.Second) // more of them lately
	login := d.between(registered, Epoch)
	updated := d.between(login, Epoch)
	tracking := d.fill("trk-########")
	u := users.User{
		ID:      userID(registered, source),
		StoreID: one(d, t.Stores).ID,
		Identifiers: users.Identifiers{
			EmailAddress: fmt.Sprintf("%s.%s%d@%s", givenPlain, familyPlain, i+1, one(d, []string{"example.com", "example.org", "example.net"})),
		},
		EmailVerified:    d.chance(88),
		Registered:       &registered,
		Updated:          &updated,
		TrackingID:       tracking,
		ForeignKeys:      map[string]string{},
		ExtendedProfiles: map[string]json.RawMessage{},
		AccountIDs:       []string{},
	}
	if d.chance(40) {
		u.Identifiers.Username = fmt.Sprintf("%s_%d", familyPlain, i+1)
	}
	if d.chance(92) {
		u.LastLogin = &login
	}
	u.Attributes = attributes(d, l, given, family)
	if d.chance(70) {
		u.ForeignKeys["crm"] = d.fill("0035e00000@@#@#@AAV")
	}
	if d.chance(45) {
		u.ForeignKeys["legacy"] = d.fill("000######")
	}
	profiles(d, u.ExtendedProfiles)
	accounts := subscribe(d, &u, family)
	return u, accounts
}

func userID(registered time.Time, source *rand.ChaCha8) string {
	var id ulid.ULID
	var entropy [10]byte
	_, _ = source.Read(entropy[:]) // ChaCha8 never fails
	// Both errors are for years beyond 10889 and for entropy of another length.
	_ = id.SetTime(ulid.Timestamp(registered))
	_ = id.SetEntropy(entropy[:])
	return id.String()
}

// odd are company names that spreadsheets and careless parsers trip over.
var odd = []string{
	`=HYPERLINK("http://example.com","Refund")`, "+44 Holdings", "-1+1 Ltd", "@home Media", `"Quotes" & Sons, Ltd`,
	"Two lines\nPublishing", "'Apostrophe Press", "Tab\there", "🦊 Fox & Co", "0012345678901234567890", `Back\slash; Semicolon`,
}

var companies = []string{
	"Harbour & Lane", "Fjord Analytics", "Kestrel Legal LLP", "Café Lumière", "Ōsaka Optics", "Brightwater University",
	"Granite Capital", "Ünal Textiles", "Redwood Clinics", "Северный мост", "Northern Rail Archive", "Atlas Freight",
}

func attributes(d dice, l locale, given, family string) map[string]any {
	birth := d.between(Epoch.AddDate(-88, 0, 0), Epoch.AddDate(-18, 0, 0)).Truncate(24 * time.Hour)
	years := Epoch.Year() - birth.Year()
	if birth.AddDate(years, 0, 0).After(Epoch) {
		years--
	}
	all := map[string]any{
		"first_name": given, "last_name": family, "birth_date": birth, "age": int64(years), "phone": d.fill(l.phone),
		"city": one(d, l.cities), "postcode": d.fill(l.postcode), "country": l.country, "language": l.language,
		"newsletter": d.chance(55), "delivery_day": one(d, days),
		"plan":     one(d, []string{"Digital Annual", "Digital Annual", "Digital Monthly", "Weekend Print", "Student Digital", "Free"}),
		"referrer": "https://" + one(d, []string{"search", "social", "partner"}) + ".example.com/?campaign=" + one(d, []string{"autumn%20sale", "q3", "näher"}),
		"company":  one(d, companies),
	}
	if d.chance(1) {
		all["company"] = one(d, odd)
	}
	if d.chance(1) {
		all["first_name"] = given + " " + one(d, []string{"🌻", "👩🏽‍🚀", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"})
	}
	// How often each is unknown, in percent, in a fixed order.
	for _, gap := range []struct {
		slug    string
		percent int
	}{{"phone", 25}, {"birth_date", 12}, {"age", 12}, {"city", 8}, {"postcode", 10}, {"delivery_day", 50}, {"referrer", 45}, {"company", 70}, {"newsletter", 5}, {"plan", 6}, {"country", 3}} {
		if d.chance(gap.percent) {
			delete(all, gap.slug)
		}
	}
	return all
}

func profiles(d dice, into map[string]json.RawMessage) {
	if d.chance(48) {
		into["newsletter.v2"] = json.RawMessage(fmt.Sprintf(`{"topics":["%s","%s"],"frequency":"%s","pausedUntil":null}`,
			one(d, []string{"rugby", "politics", "llyfrau", "économie"}), one(d, []string{"weather", "食べ物", "chess"}), one(d, []string{"daily", "weekly"})))
	}
	if d.chance(18) {
		into["quiz1"] = json.RawMessage(fmt.Sprintf(`{"score":%d,"answers":[%t,%t,null],"seconds":%d.%d0}`,
			d.IntN(100), d.chance(50), d.chance(50), d.IntN(90), d.IntN(10)))
	}
	if d.chance(6) {
		into["reader_survey"] = json.RawMessage(fmt.Sprintf(`{"nps":%d,"comment":"%s","device":{"os":"%s"}}`,
			d.IntN(11), one(d, []string{`Says \"great\", mostly`, `line one\nline two`, `+1`}), one(d, []string{"iOS", "Android", "web"})))
	}
}
