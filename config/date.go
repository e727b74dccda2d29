package config

import (
	"fmt"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// Date is a calendar day without a time zone. The zero Date is no day.
type Date struct {
	year  int
	month time.Month
	day   int
}

// ParseDate reads year-month-day, such as 2027-01-31. A day that no calendar has is an error.
func ParseDate(text string) (Date, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, ui.Hint(fmt.Errorf("`%s` is not a day of the calendar", text), "write it as year-month-day, such as 2027-01-31")
	}
	return Date{day.Year(), day.Month(), day.Day()}, nil
}

// IsZero reports that there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// End is the moment when the day is over in a time zone: the beginning of the next one.
func (d Date) End(zone *time.Location) time.Time {
	return time.Date(d.year, d.month, d.day+1, 0, 0, 0, 0, zone)
}

// String gives year-month-day; the zero Date is empty.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// MarshalText gives the same as String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
