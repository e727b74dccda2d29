package mixin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/mixin/query"
)

// Parse reads settings in YAML. What they leave out stays at its default; what is not known is an error. The error joins all that is wrong,
// each with its line or its key.
func Parse(text []byte) (Config, error) {
	cfg := Default()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&cfg); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, plain(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Config{}, errors.New("settings are one YAML document, here another one follows")
	}
	return cfg, cfg.Check()
}

var (
	unknownField = regexp.MustCompile(`^(line \d+: )field (\S+) not found in type \S+$`)
	wrongKind    = regexp.MustCompile("^(line \\d+: )cannot unmarshal \\S+(?: `(.*)`)? into (\\S+)$")
)

// plain words the library's errors for people who know nothing of Go types.
func plain(err error) error {
	var wrong *yaml.TypeError
	if !errors.As(err, &wrong) {
		return errors.New(strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n", " "))
	}
	all := make([]error, len(wrong.Errors))
	for i, text := range wrong.Errors {
		text = unknownField.ReplaceAllString(text, "${1}no setting is named '$2'")
		if parts := wrongKind.FindStringSubmatch(text); parts != nil {
			text = parts[1] + notA(parts[2], parts[3])
		}
		all[i] = errors.New(text)
	}
	return errors.Join(all...)
}

// notA says what a value should have been.
func notA(written, kind string) string {
	switch kind {
	case "float64", "int":
		return "'" + written + "' is no number"
	case "bool":
		return "'" + written + "' is neither true nor false"
	case "string", "mixin.Severity":
		return "a text belongs here"
	default:
		return "settings by their names belong here"
	}
}

// Check returns all that is wrong with the values, each with its key.
func (c Config) Check() error {
	var all []error
	for _, setting := range c.Settings() {
		if err := setting.check(); err != nil {
			all = append(all, fmt.Errorf("%s: %w", setting.Key, err))
		}
	}
	if _, err := query.ParseMatchers(c.Selector); err != nil {
		all = append(all, fmt.Errorf("selector: %w", err))
	}
	if strings.HasSuffix(c.RunbookURL, "/") || c.RunbookURL == "" {
		all = append(all, errors.New("runbook_url: is no address without a slash at its end"))
	}
	if almost, full := c.Alerts.BackupStorageAlmostFull.Above, c.Alerts.BackupStorageFull.Above; almost > full {
		all = append(all, fmt.Errorf("alerts.BackupStorageAlmostFull.above: %g is above that of BackupStorageFull, %g", almost, full))
	}
	return errors.Join(all...)
}

func (s Setting) check() error {
	switch value := s.Value.(type) {
	case Severity:
		if !slices.Contains([]Severity{Critical, Warning, Info}, value) {
			return fmt.Errorf("'%s' is none of critical, warning and info", value)
		}
	case model.Duration:
		if s.least != "" {
			least, err := model.ParseDuration(s.least)
			if err == nil && value < least {
				return fmt.Errorf("%s is less than %s", value, s.least)
			}
		}
	case int:
		return s.between(float64(value))
	case float64:
		return s.between(value)
	}
	return nil
}

func (s Setting) between(value float64) error {
	least, errLeast := strconv.ParseFloat(s.least, 64)
	most, errMost := strconv.ParseFloat(s.most, 64)
	switch {
	case errLeast == nil && !(value >= least): // NaN is not
		return fmt.Errorf("%g is less than %s", value, s.least)
	case errMost == nil && value > most:
		return fmt.Errorf("%g is more than %s", value, s.most)
	}
	return nil
}
