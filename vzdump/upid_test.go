package vzdump

import (
	"strings"
	"testing"
)

func TestParseUPID(t *testing.T) {
	tests := map[string]struct {
		text string
		want UPID
	}{
		"one guest": {
			"UPID:pve1:000040B8:0004DE6B:6B0389D9:vzdump:101:root@pam!full:",
			UPID{Node: "pve1", PID: 0x40B8, ProcessStart: 0x4DE6B, Start: 1795394009, Type: "vzdump", ID: "101", User: "root@pam!full"},
		},
		"several guests have no id": {
			"UPID:pve1:00003D31:0004A73E:6B03894C:vzdump::root@pam:",
			UPID{Node: "pve1", PID: 0x3D31, ProcessStart: 0x4A73E, Start: 1795393868, Type: "vzdump", User: "root@pam"},
		},
		"up for more than 497 days": {
			"UPID:a-1:00000001:123456789:FFFFFFFF:qmrestore:9:a@pve:",
			UPID{Node: "a-1", PID: 1, ProcessStart: 0x123456789, Start: 1<<32 - 1, Type: "qmrestore", ID: "9", User: "a@pve"},
		},
		"id with an at sign": {
			"UPID:n:00000000:00000000:00000000:prunebackups:101@backup1:u@p:",
			UPID{Node: "n", Type: "prunebackups", ID: "101@backup1", User: "u@p"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseUPID(test.text)
			if err != nil || got != test.want {
				t.Fatalf("got %+v, %v, want %+v", got, err, test.want)
			}
			if got.String() != test.text {
				t.Errorf("String() = %q, want %q", got.String(), test.text)
			}
		})
	}
}

func TestUPIDIsWrittenInUpperCase(t *testing.T) {
	u, err := ParseUPID("UPID:pve1:000040b8:0004de6b:6b0389d9:vzdump:101:root@pam:")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := u.String(), "UPID:pve1:000040B8:0004DE6B:6B0389D9:vzdump:101:root@pam:"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseUPIDRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                 "",
		"no trailing colon":       "UPID:pve1:000040B8:0004DE6B:6B0389D9:vzdump:101:root@pam",
		"something after the end": "UPID:pve1:000040B8:0004DE6B:6B0389D9:vzdump:101:root@pam:x",
		"backup server's":         "UPID:pbs:000040B8:0004DE6B:00000001:6B0389D9:verificationjob:id:root@pam:",
		"lower case":              "upid:pve1:000040B8:0004DE6B:6B0389D9:vzdump:101:root@pam:",
		"no node":                 "UPID::000040B8:0004DE6B:6B0389D9:vzdump:101:root@pam:",
		"domain in the node":      "UPID:pve1.example:000040B8:0004DE6B:6B0389D9:vzdump:101:root@pam:",
		"node ends in a hyphen":   "UPID:pve-:000040B8:0004DE6B:6B0389D9:vzdump:101:root@pam:",
		"short pid":               "UPID:pve1:40B8:0004DE6B:6B0389D9:vzdump:101:root@pam:",
		"signed pid":              "UPID:pve1:+00040B8:0004DE6B:6B0389D9:vzdump:101:root@pam:",
		"ten digits":              "UPID:pve1:000040B8:0123456789:6B0389D9:vzdump:101:root@pam:",
		"long start time":         "UPID:pve1:000040B8:0004DE6B:06B0389D9:vzdump:101:root@pam:",
		"not hexadecimal":         "UPID:pve1:000040B8:0004DE6B:6B0389G9:vzdump:101:root@pam:",
		"no type":                 "UPID:pve1:000040B8:0004DE6B:6B0389D9::101:root@pam:",
		"blank in the type":       "UPID:pve1:000040B8:0004DE6B:6B0389D9:vz dump:101:root@pam:",
		"slash in the id":         "UPID:pve1:000040B8:0004DE6B:6B0389D9:vzdump:../101:root@pam:",
		"no user":                 "UPID:pve1:000040B8:0004DE6B:6B0389D9:vzdump:101::",
		"line feed after the end": "UPID:pve1:000040B8:0004DE6B:6B0389D9:vzdump:101:root@pam:\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := ParseUPID(text); err == nil {
				t.Errorf("%q passed as %+v", text, got)
			}
		})
	}
}

func TestParseUPIDKeepsErrorsShort(t *testing.T) {
	_, err := ParseUPID("UPID:" + strings.Repeat("x_", 1<<20))
	if err == nil || len(err.Error()) > 300 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}

func FuzzUPID(f *testing.F) {
	f.Add("UPID:pve1:000040B8:0004DE6B:6B0389D9:vzdump:101:root@pam!full:")
	f.Add("UPID:a-1:00000001:123456789:ffffffff:prunebackups::a@pve:")
	f.Add("UPID:pbs:000040B8:0004DE6B:00000001:6B0389D9:verificationjob:id:root@pam:")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseUPID(text)
		if err != nil {
			return
		}
		again, err := ParseUPID(u.String())
		if err != nil || again != u {
			t.Errorf("%q became %q, which is %+v, %v", text, u.String(), again, err)
		}
		if !strings.EqualFold(u.String(), text) && len(text) == len(u.String()) {
			t.Errorf("%q became %q", text, u.String())
		}
	})
}
