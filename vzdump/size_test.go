package vzdump

import "testing"

func TestArchiveSizesAreBinary(t *testing.T) {
	for text, want := range map[string]int64{
		"0KB":       0,
		"292KB":     292 << 10,
		"3MB":       3 << 20,
		"636MB":     636 << 20,
		"1.95GB":    2093796556, // 1.95 * 2^30, rounded down
		"18.64GB":   20014547599,
		"1500.00GB": 1500 << 30, // before PVE 6.2-7 there were no terabytes
		"1.50TB":    3 << 39,
	} {
		if got, ok := parseArchiveSize([]byte(text)); !ok || got != want {
			t.Errorf("%s: got %d, %t, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "3", "3M", "1.23G", "MB", ".5GB", "3 MB extra", "1.2.3GB", "-3MB", "9999999999PB", "12345678901234567890KB"} {
		if got, ok := parseArchiveSize([]byte(text)); ok {
			t.Errorf("%q passed as %d", text, got)
		}
	}
}

func TestAmounts(t *testing.T) {
	tests := []struct {
		text, rest string
		want       int64
	}{
		{"34359 MB in 309 seconds", " in 309 seconds", 34359e6}, // decimal: until PVE 6.2-4
		{"0 MB in 1 seconds", " in 1 seconds", 0},
		{"32.00 GiB in <1 seconds", " in <1 seconds", 32 << 30},
		{"535.214 MiB of", " of", 561212555},
		{"528.0 KiB", "", 528 << 10},
		{"0.0 B of 128.0 MiB", " of 128.0 MiB", 0},
		{"0 B", "", 0},
		{"1.2 TiB", "", 1319413953331},
	}
	for _, test := range tests {
		got, rest, ok := leadingAmount([]byte(test.text))
		if !ok || got != test.want || string(rest) != test.rest {
			t.Errorf("%q: got %d, %q, %t, want %d, %q", test.text, got, rest, ok, test.want, test.rest)
		}
	}
}

func TestClocks(t *testing.T) {
	for text, want := range map[string]int64{
		"00:00:00":  0,
		"00:05:33":  333,
		"26:10:05":  94205,
		"123:04:05": 443045,
	} {
		if got, ok := parseClock([]byte(text)); !ok || got != want {
			t.Errorf("%s: got %d, %t, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "00:00", "0:42", "00:00:0", "00:00:000", "00:60:00", "00:00:60", "00-00-00", "-1:00:00", "00:00:0x", "99999999999:00:00"} {
		if got, ok := parseClock([]byte(text)); ok {
			t.Errorf("%q passed as %d", text, got)
		}
	}
}

func TestDelays(t *testing.T) {
	for text, want := range map[string]int64{"<1 seconds": 0, "0 seconds": 0, "17 seconds": 17} {
		if got, ok := parseDelay([]byte(text)); !ok || got != want {
			t.Errorf("%s: got %d, %t, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "1", "17 sec", "<2 seconds", "x seconds"} {
		if got, ok := parseDelay([]byte(text)); ok {
			t.Errorf("%q passed as %d", text, got)
		}
	}
}

func TestLocalTimes(t *testing.T) {
	at, ok := parseLocalTime([]byte("2024-02-29 23:59:59"))
	if !ok || at.String() != "2024-02-29 23:59:59" {
		t.Errorf("got %q, %t", at, ok)
	}
	zone := mustZone(t, "Europe/Vienna")
	if got, want := at.In(zone).Unix(), int64(1709247599); got != want {
		t.Errorf("in Vienna: got %d, want %d", got, want)
	}
	if got := (LocalTime{}).String(); got != "" || !(LocalTime{}).IsZero() {
		t.Errorf("the time that is not stated reads %q", got)
	}
	for _, text := range []string{"", "2024-02-30 00:00:00", "2023-02-29 00:00:00", "2024-13-01 00:00:00", "2024-01-01 24:00:00", "2024-01-01 00:60:00", "2024-01-01T00:00:00", "2024-01-01 00:00:0", "0000-01-01 00:00:00"} {
		if got, ok := parseLocalTime([]byte(text)); ok {
			t.Errorf("%q passed as %s", text, got)
		}
	}
}
