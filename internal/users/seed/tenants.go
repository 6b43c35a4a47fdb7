package seed

import (
	"time"

	"github.com/egress-io/egress/internal/users"
)

// Epoch is the current time of the demo data: it determines whether a subscription is active or
// expired.
var Epoch = time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)

// Tenant is a demo tenant.
type Tenant struct {
	ID       string
	Name     string
	Stores   []users.Store
	Products []users.Product
	Schema   users.Schema
}

// Tenants returns the demo tenants.
func Tenants() []Tenant {
	return []Tenant{
		{
			ID: "meridian", Name: "Meridian Press", Products: products(), Schema: schema(),
			Stores: []users.Store{
				{ID: "meridian-uk", Title: "Meridian UK"},
				{ID: "meridian-nordics", Title: "Meridian Nordics"},
				{ID: "meridian-asia", Title: "Meridian Asia"},
			},
		},
		{
			ID: "northgate", Name: "Northgate Media", Products: products(), Schema: schema(),
			Stores: []users.Store{
				{ID: "northgate-daily", Title: "Northgate Daily"},
				{ID: "northgate-business", Title: "Northgate Business"},
				{ID: "northgate-campus", Title: "Northgate Campus"},
			},
		},
	}
}

// The ids of the products.
const (
	digitalAnnual  = "digital-annual"
	digitalMonthly = "digital-monthly"
	weekendPrint   = "weekend-print"
	crosswordPass  = "crossword-pass"
	studentDigital = "student-digital"
	archiveCredits = "archive-credits"
)

func products() []users.Product {
	return []users.Product{
		{ID: digitalAnnual, Label: "Digital Annual"},
		{ID: digitalMonthly, Label: "Digital Monthly"},
		{ID: weekendPrint, Label: "Weekend Print"},
		{ID: crosswordPass, Label: "Crossword Pass"},
		{ID: studentDigital, Label: "Student Digital"},
		{ID: archiveCredits, Label: "Archive Credits"},
	}
}

func schema() users.Schema {
	list := users.Schema{
		{Slug: "first_name", Label: "First name", Type: users.Text},
		{Slug: "last_name", Label: "Last name", Type: users.Text},
		{Slug: "birth_date", Label: "Birth date", Type: users.Date},
		{Slug: "phone", Label: "Phone", Type: users.Tel},
		{Slug: "city", Label: "City", Type: users.Text},
		{Slug: "postcode", Label: "Postcode", Type: users.Text},
		{Slug: "country", Label: "Country", Type: users.Select, Options: countries()},
		{Slug: "plan", Label: "Plan", Type: users.Select, Options: options("Digital Annual", "Digital Monthly", "Weekend Print", "Student Digital", "Free")},
		{Slug: "newsletter", Label: "Newsletter", Type: users.Checkbox},
		{Slug: "age", Label: "Age", Type: users.Number},
		{Slug: "language", Label: "Language", Type: users.Text},
		{Slug: "delivery_day", Label: "Delivery day", Type: users.Select, Options: options(weekdays...)},
		{Slug: "referrer", Label: "Referrer", Type: users.URL},
		{Slug: "company", Label: "Company", Type: users.Text},
	}
	for i := range list {
		list[i].Order = i
	}
	return list
}

var weekdays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

func options(values ...string) []users.Option {
	list := make([]users.Option, len(values))
	for i, v := range values {
		list[i] = users.Option{Value: v, Label: v}
	}
	return list
}

func countries() []users.Option {
	var list []users.Option
	seen := map[string]bool{}
	for _, l := range locales {
		if !seen[l.country] {
			list = append(list, users.Option{Value: l.country, Label: l.countryName})
			seen[l.country] = true
		}
	}
	return list
}
