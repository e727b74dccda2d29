package config

import (
	"fmt"
	"strings"
)

// Retention says which archives of a guest are kept, by the rules of Proxmox VE. A count of 0 means that the file does not give that rule.
type Retention struct {
	KeepAll     bool `yaml:"keep-all" doc:"Keep every archive: nothing is ever removed. Excludes the other keys."`
	KeepLast    int  `yaml:"keep-last" min:"1" max:"1000000" doc:"The newest so many archives."`
	KeepHourly  int  `yaml:"keep-hourly" min:"1" max:"1000000" doc:"The newest archive of each of the last so many hours that have one."`
	KeepDaily   int  `yaml:"keep-daily" min:"1" max:"1000000" doc:"The newest of each of the last so many days that have one."`
	KeepWeekly  int  `yaml:"keep-weekly" min:"1" max:"1000000" doc:"The newest of each of the last so many ISO weeks that have one."`
	KeepMonthly int  `yaml:"keep-monthly" min:"1" max:"1000000" doc:"The newest of each of the last so many months that have one."`
	KeepYearly  int  `yaml:"keep-yearly" min:"1" max:"1000000" doc:"The newest of each of the last so many years that have one."`
}

// String gives the rule as Proxmox VE's property string (parameter prune-backups), keys in alphabetical order: "keep-daily=7,keep-last=3". It is
// empty for a rule that says nothing.
func (r Retention) String() string {
	if r.KeepAll {
		return "keep-all=1"
	}
	var rules []string
	for _, rule := range []struct {
		key   string
		count int
	}{
		{"keep-daily", r.KeepDaily},
		{"keep-hourly", r.KeepHourly},
		{"keep-last", r.KeepLast},
		{"keep-monthly", r.KeepMonthly},
		{"keep-weekly", r.KeepWeekly},
		{"keep-yearly", r.KeepYearly},
	} {
		if rule.count > 0 {
			rules = append(rules, fmt.Sprintf("%s=%d", rule.key, rule.count))
		}
	}
	return strings.Join(rules, ",")
}
