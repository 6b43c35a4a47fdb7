package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// dataSet is the generated users. The same number of users on the same day gives the same file.
type dataSet struct {
	users int
	path  string
	day   time.Time // the newest users registered on the day before
	bytes int64
	rows  int64 // of a file with one row per grant
	ids   []string
}

// maxIDs is how many ids a dataSet keeps, for requests in the middle of the list.
const maxIDs = 1000

func newDataSet(users int, now time.Time) *dataSet {
	return &dataSet{users: users, day: now.UTC().Truncate(24 * time.Hour)}
}

type user struct {
	ID          string            `json:"user_id"`
	Store       string            `json:"user_store_id"`
	Identifiers identifiers       `json:"identifiers"`
	Verified    bool              `json:"email_verified"`
	Registered  string            `json:"registered"`
	LastLogin   string            `json:"last_login"`
	Updated     string            `json:"updated"`
	TrackingID  string            `json:"tracking_id"`
	Attributes  map[string]any    `json:"attributes"`
	ForeignKeys map[string]string `json:"foreign_keys"`
	AccountIDs  []string          `json:"account_ids,omitempty"`
	Grants      grants            `json:"grants"`
}

type identifiers struct {
	Email    string `json:"email_address"`
	Username string `json:"username"`
}

type grants struct {
	Results []grant `json:"results"`
}

type grant struct {
	ID        string `json:"grantId"`
	ProductID string `json:"product_id"`
	State     string `json:"expiry_state"`
	Type      string `json:"entitlement_type"`
	Start     string `json:"startTime"`
	End       string `json:"endTime,omitempty"`
}

var (
	firstNames = strings.Fields("Amara Bram Chidi Dora Elif Farid Greta Hugo Ines Jonas Kofi Lena Mateo Nadia Oskar Priya Quentin Rosa Søren Tilda")
	lastNames  = strings.Fields("Okafor Bakker Hart Nair Yılmaz Rossi Weber Novak Silva Kowalski Lindqvist Moreau Tanaka Osei Byrne Castillo Dvořák Fischer")
	cities     = strings.Fields("Accra Bergen Cork Dresden Edinburgh Florence Ghent Haarlem Izmir Jena Kraków Leeds Malmö Nantes Oslo Porto Quimper Riga Seville Turin")
	countries  = strings.Fields("GB DE NL FR ES PT PL NO SE IT IE GH TR LV")
	products   = strings.Fields("digital print weekend archive crossword premium")
)

// write writes the users to a file.
func (d *dataSet) write(path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriterSize(f, 1<<20)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret: the same users in every run
	for i := range d.users {
		u := d.newUser(random, i)
		if err := encoder.Encode(u); err != nil {
			return err
		}
		d.rows += int64(len(u.Grants.Results))
		if len(d.ids) < maxIDs && i%max(1, d.users/maxIDs) == 0 {
			d.ids = append(d.ids, u.ID)
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	d.path, d.bytes = path, info.Size()
	return nil
}

func (d *dataSet) newUser(random *rand.Rand, i int) user {
	pick := func(words []string) string { return words[random.IntN(len(words))] }
	before := func(days int) string {
		return d.day.Add(-time.Duration(1+random.Int64N(int64(days)*24*3600)) * time.Second).Format(time.RFC3339)
	}
	id := newID(random)
	first, last := pick(firstNames), pick(lastNames)
	u := user{
		ID: id, Store: []string{"web", "app"}[random.IntN(2)],
		Identifiers: identifiers{Email: emailOf(id), Username: strings.ToLower(first) + id[:8]},
		Verified:    random.IntN(4) > 0, Registered: before(2000), LastLogin: before(200), Updated: before(100), TrackingID: newID(random),
		Attributes: map[string]any{
			"first_name": first, "last_name": last, "city": pick(cities), "country": pick(countries),
			"birth_date": fmt.Sprintf("%d-%02d-%02d", 1940+random.IntN(65), 1+random.IntN(12), 1+random.IntN(28)),
			"newsletter": random.IntN(2) == 0, "articles_read": random.IntN(5000), "score": float64(random.IntN(10_000)) / 100,
			"street": fmt.Sprintf("%d %s Street", 1+random.IntN(300), pick(cities)), "postcode": fmt.Sprintf("%05d", random.IntN(100_000)),
			"company": pick(lastNames) + " & " + pick(lastNames), "phone": fmt.Sprintf("+44 20 %04d %04d", random.IntN(10_000), random.IntN(10_000)),
			"interests": pick(cities) + ", " + pick(products) + ", \"" + pick(products) + "\"",
		},
		ForeignKeys: map[string]string{"crm": newID(random)[:18], "billing": fmt.Sprintf("B-%07d", i)},
	}
	if random.IntN(10) == 0 {
		u.AccountIDs = []string{fmt.Sprintf("account-%04d", random.IntN(2000))}
	}
	for range 1 + random.IntN(2) {
		g := grant{ID: newID(random), ProductID: pick(products), State: "active", Type: "bundle", Start: before(1000)}
		if random.IntN(2) == 0 {
			g.State, g.End = "expired", before(30)
		}
		u.Grants.Results = append(u.Grants.Results, g)
	}
	return u
}

// emailOf returns the e-mail address of a user.
func emailOf(id string) string { return id[:13] + "@example.com" }

// newID returns a random UUID.
func newID(random *rand.Rand) string {
	a, b := random.Uint64(), random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}
