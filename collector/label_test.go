package collector

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
)

func TestCleanLabel(t *testing.T) {
	long := strings.Repeat("x", maxLabelRunes)
	tests := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"plain", "web-01", "web-01"},
		{"quotes and backslash are the encoder's business", `say "hi" \o/`, `say "hi" \o/`},
		{"umlauts, Chinese and Arabic letters stay", "Müller 备份 مرحبا", "Müller 备份 مرحبا"},
		{"emoji with joiner stays", "👩‍💻", "👩‍💻"},
		{"newline", "a\nb", `a\nb`},
		{"carriage return and tab", "a\r\tb", `a\r\tb`},
		{"zero byte", "a\x00b", `a\x00b`},
		{"delete", "a\x7fb", `a\x7fb`},
		{"control character above ASCII", "a\u0085b", `a\u0085b`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"right-to-left override", "a\u202eb", `a\u202eb`},
		{"invalid UTF-8", "a\xff\xfeb", "a\ufffd\ufffdb"},
		{"exactly as long as allowed", long, long},
		{"one more", long + "x", long[1:] + "…"},
		{"10 kB of two-byte letters", strings.Repeat("é", 5000), strings.Repeat("é", maxLabelRunes-1) + "…"},
		{"no half escape at the end", strings.Repeat("x", maxLabelRunes-2) + "\x00\x00", strings.Repeat("x", maxLabelRunes-2) + "…"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := cleanLabel(test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzCleanLabel(f *testing.F) {
	for _, seed := range hostile {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := cleanLabel(text)
		if !utf8.ValidString(got) {
			t.Errorf("%q became invalid UTF-8: %q", text, got)
		}
		if n := utf8.RuneCountInString(got); n > maxLabelRunes {
			t.Errorf("%q became %d characters long", text, n)
		}
		if i := strings.IndexFunc(got, unicode.IsControl); i >= 0 {
			t.Errorf("%q keeps a control character: %q", text, got)
		}
		if again := cleanLabel(got); again != got {
			t.Errorf("cleaning %q twice makes %q of %q", text, again, got)
		}
	})
}

// hostile are texts that guests, pools, notes, jobs and storages may carry.
var hostile = []string{
	`quote " in it`, `back\slash`, "new\nline", "nul\x00byte", "invalid \xff\xfe\xc0\xaf", strings.Repeat("long ", 2048), "\u202etxt.exe", "مرحبا بالعالم",
	"🦊👩‍💻🇫🇷", "\r\n# HELP up forged\nup 1", `{le="1"}`, "", " ", "a,b=\"c\"", "\ufeffbom",
}

// Whatever a cluster's texts are, the scrape can be read back by every parser, and has as many series as with plain ones.
func TestHostileTextsKeepTheScrapeReadable(t *testing.T) {
	plain := NewStore(silent())
	plain.Publish(everything())
	want := len(series(t, plain))

	for _, text := range hostile {
		c := everything()
		c.Name = text
		for i := range c.Guests {
			g := &c.Guests[i]
			g.Name, g.Pool, g.Node, g.Environment = text, text, text, text
			if g.Note != "" {
				g.Note = text
			}
			if g.Lock != "" {
				g.Lock += text
			}
		}
		for i := range c.Targets {
			c.Targets[i].Environment = text
		}
		for i := range c.Jobs {
			c.Jobs[i].ID = string(rune('a'+i)) + text
			c.Jobs[i].Schedule = text
		}
		for i := range c.Storages {
			c.Storages[i].ID = string(rune('a'+i)) + text
			c.Storages[i].Type = text
		}
		store := NewStore(silent())
		store.Publish(c)
		pedantic := prometheus.NewPedanticRegistry()
		pedantic.MustRegister(store)
		for _, kind := range []expfmt.FormatType{expfmt.TypeTextPlain, expfmt.TypeProtoDelim} {
			format := expfmt.NewFormat(kind)
			for _, gatherer := range []prometheus.Gatherer{pedantic, store.Gatherer(prometheus.NewRegistry())} {
				if got := count(parse(t, encode(t, gatherer, format), format)); got != want {
					t.Errorf("%q in %s: got %d series, want %d", text, format, got, want)
				}
			}
		}
	}
}

// The parser of OpenMetrics takes its time, so it reads the one metric with the most text.
func TestHostileTextsInOpenMetrics(t *testing.T) {
	format := expfmt.NewFormat(expfmt.TypeOpenMetrics)
	for _, text := range hostile {
		store := NewStore(silent())
		store.Publish(&snapshot.Cluster{Guests: []snapshot.Guest{{ID: "qemu/100", Name: text}}})
		for _, family := range parse(t, encode(t, store.Gatherer(prometheus.NewRegistry()), format), format) {
			if family.GetName() != GuestInfo {
				continue
			}
			for _, label := range family.Metric[0].Label {
				if label.GetName() == "name" && label.GetValue() != cleanLabel(text) {
					t.Errorf("%q came back as %q", text, label.GetValue())
				}
			}
		}
	}
}
