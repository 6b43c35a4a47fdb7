package api

import (
	"time"
	_ "time/tzdata" // machines without a zone database

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/errs"
)

// queryZone parses timeZone, the IANA name of the zone of bare dates and of days; UTC by default.
func queryZone(c *fiber.Ctx) (*time.Location, error) {
	name := c.Query("timeZone")
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, errs.Invalid("timeZone", "must be the name of a time zone, such as Europe/London")
	}
	return zone, nil
}

// queryPeriod parses from and to, both included: times, or dates, which are days in timeZone. Zero:
// omitted.
func queryPeriod(c *fiber.Ctx) (from, to time.Time, err error) {
	zone, err := queryZone(c)
	if err != nil {
		return from, to, err
	}
	from, day, err := auditTime(c, "from")
	if err != nil {
		return from, to, err
	}
	if day {
		from = dayIn(from, 0, zone)
	}
	to, day, err = auditTime(c, "to")
	if err == nil && day { // until the end of that day
		to = dayIn(to, 1, zone).Add(-time.Millisecond)
	}
	if err == nil && !from.IsZero() && !to.IsZero() && to.Before(from) {
		err = errs.Invalid("to", "must not be before from")
	}
	return from, to, err
}

// dayIn returns the first instant of a date, and some days later, in a zone.
func dayIn(date time.Time, later int, zone *time.Location) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day()+later, 0, 0, 0, 0, zone)
}
