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

// Users returns the first n users of a tenant, as seeded at Epoch.
func Users(t Tenant, n int) iter.Seq[users.User] {
	return func(yield func(users.User) bool) {
		for i := range n {
			if u, _ := userAt(t, i, Epoch); !yield(u) {
				return
			}
		}
	}
}

// rng generates the random choices of one user.
type rng struct{ *rand.Rand }

// newRNG returns the generator of a tenant's i-th user and its source. The seed depends only on the
// arguments.
func newRNG(tenant string, i int) (rng, *rand.ChaCha8) {
	source := rand.NewChaCha8(sha256.Sum256(fmt.Appendf(nil, "egress demo %s %d", tenant, i)))
	return rng{rand.New(source)}, source
}

// chance returns true with a probability in percent.
func (random rng) chance(percent int) bool { return random.IntN(100) < percent }

func pick[T any](random rng, list []T) T { return list[random.IntN(len(list))] }

// between returns a time in whole seconds that is not before a and, if a is before b, is before b.
func (random rng) between(a, b time.Time) time.Time {
	if seconds := int64(b.Sub(a) / time.Second); seconds > 0 {
		return a.Add(time.Duration(random.Int64N(seconds)) * time.Second)
	}
	return a
}

// fill replaces # by digits and @ by capital letters.
func (random rng) fill(pattern string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '#':
			return '0' + rune(random.IntN(10))
		case '@':
			return 'A' + rune(random.IntN(26))
		default:
			return r
		}
	}, pattern)
}

func (random rng) locale() locale {
	total := 0
	for _, l := range locales {
		total += l.weight
	}
	n := random.IntN(total)
	for _, l := range locales {
		if n -= l.weight; n < 0 {
			return l
		}
	}
	return locales[0]
}

// newUser returns a tenant's i-th user and the accounts that the user belongs to.
func newUser(t Tenant, i int) (users.User, []users.Account) {
	random, source := newRNG(t.ID, i)
	l := random.locale()
	given, givenPlain, _ := strings.Cut(pick(random, l.given), "|")
	family, familyPlain, _ := strings.Cut(pick(random, l.family), "|")

	age := random.Float64()
	registered := Epoch.Add(-time.Duration(age * age * float64(9*365*24*time.Hour))).Truncate(time.Second) // more recent ones are more frequent
	login := random.between(registered, Epoch)
	updated := random.between(login, Epoch)
	tracking := random.fill("trk-########")
	u := users.User{
		ID:      userID(registered, source),
		StoreID: pick(random, t.Stores).ID,
		Identifiers: users.Identifiers{
			EmailAddress: fmt.Sprintf("%s.%s%d@%s", givenPlain, familyPlain, i+1, pick(random, []string{"example.com", "example.org", "example.net"})),
		},
		EmailVerified:    random.chance(88),
		Registered:       &registered,
		Updated:          &updated,
		TrackingID:       tracking,
		ForeignKeys:      map[string]string{},
		ExtendedProfiles: map[string]json.RawMessage{},
		AccountIDs:       []string{},
	}
	if random.chance(40) {
		u.Identifiers.Username = fmt.Sprintf("%s_%d", familyPlain, i+1)
	}
	if random.chance(92) {
		u.LastLogin = &login
	}
	u.Attributes = attributes(random, l, given, family)
	if random.chance(70) {
		u.ForeignKeys["crm"] = random.fill("0035e00000@@#@#@AAV")
	}
	if random.chance(45) {
		u.ForeignKeys["legacy"] = random.fill("000######")
	}
	profiles(random, u.ExtendedProfiles)
	accounts := addSubscriptions(random, &u, family)
	return u, accounts
}

func userID(registered time.Time, source *rand.ChaCha8) string {
	var id ulid.ULID
	var entropy [10]byte
	_, _ = source.Read(entropy[:]) // ChaCha8 never fails
	// SetTime fails only for years after 10889, and SetEntropy only for another length.
	_ = id.SetTime(ulid.Timestamp(registered))
	_ = id.SetEntropy(entropy[:])
	return id.String()
}

// unusualCompanies are company names that spreadsheets and simple CSV parsers handle badly.
var unusualCompanies = []string{
	`=HYPERLINK("http://example.com","Refund")`, "+44 Holdings", "-1+1 Ltd", "@home Media", `"Quotes" & Sons, Ltd`,
	"Two lines\nPublishing", "'Apostrophe Press", "Tab\there", "🦊 Fox & Co", "0012345678901234567890", `Back\slash; Semicolon`,
}

var companies = []string{
	"Harbour & Lane", "Fjord Analytics", "Kestrel Legal LLP", "Café Lumière", "Ōsaka Optics", "Brightwater University",
	"Granite Capital", "Ünal Textiles", "Redwood Clinics", "Северный мост", "Northern Rail Archive", "Atlas Freight",
}

func attributes(random rng, l locale, given, family string) map[string]any {
	birth := random.between(Epoch.AddDate(-88, 0, 0), Epoch.AddDate(-18, 0, 0)).Truncate(24 * time.Hour)
	years := Epoch.Year() - birth.Year()
	if birth.AddDate(years, 0, 0).After(Epoch) {
		years--
	}
	all := map[string]any{
		"first_name": given, "last_name": family, "birth_date": birth, "age": int64(years), "phone": random.fill(l.phone),
		"city": pick(random, l.cities), "postcode": random.fill(l.postcode), "country": l.country, "language": l.language,
		"newsletter": random.chance(55), "delivery_day": pick(random, weekdays),
		"plan":     pick(random, []string{"Digital Annual", "Digital Annual", "Digital Monthly", "Weekend Print", "Student Digital", "Free"}),
		"referrer": "https://" + pick(random, []string{"search", "social", "partner"}) + ".example.com/?campaign=" + pick(random, []string{"autumn%20sale", "q3", "näher"}),
		"company":  pick(random, companies),
	}
	if random.chance(1) {
		all["company"] = pick(random, unusualCompanies)
	}
	if random.chance(1) {
		all["first_name"] = given + " " + pick(random, []string{"🌻", "👩🏽‍🚀", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"})
	}
	// The probability in percent that each attribute is missing. The order is fixed to keep the
	// data deterministic.
	for _, gap := range []struct {
		slug    string
		percent int
	}{{"phone", 25}, {"birth_date", 12}, {"age", 12}, {"city", 8}, {"postcode", 10}, {"delivery_day", 50}, {"referrer", 45}, {"company", 70}, {"newsletter", 5}, {"plan", 6}, {"country", 3}} {
		if random.chance(gap.percent) {
			delete(all, gap.slug)
		}
	}
	return all
}

func profiles(random rng, into map[string]json.RawMessage) {
	if random.chance(48) {
		into["newsletter.v2"] = json.RawMessage(fmt.Sprintf(`{"topics":["%s","%s"],"frequency":"%s","pausedUntil":null}`,
			pick(random, []string{"rugby", "politics", "llyfrau", "économie"}), pick(random, []string{"weather", "食べ物", "chess"}), pick(random, []string{"daily", "weekly"})))
	}
	if random.chance(18) {
		into["quiz1"] = json.RawMessage(fmt.Sprintf(`{"score":%d,"answers":[%t,%t,null],"seconds":%d.%d0}`,
			random.IntN(100), random.chance(50), random.chance(50), random.IntN(90), random.IntN(10)))
	}
	if random.chance(6) {
		into["reader_survey"] = json.RawMessage(fmt.Sprintf(`{"nps":%d,"comment":"%s","device":{"os":"%s"}}`,
			random.IntN(11), pick(random, []string{`Says \"great\", mostly`, `line one\nline two`, `+1`}), pick(random, []string{"iOS", "Android", "web"})))
	}
}
