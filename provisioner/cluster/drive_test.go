package cluster

import "testing"

func TestOnlyTheFlagOfADriveChanges(t *testing.T) {
	for _, test := range []struct{ what, guest, drive, in, out string }{
		{"a disk without a flag", "qemu", "local-zfs:vm-104-disk-1,iothread=1,size=32G", "local-zfs:vm-104-disk-1,iothread=1,size=32G", "local-zfs:vm-104-disk-1,iothread=1,size=32G,backup=0"},
		{"a disk flagged out", "qemu", "a:b,backup=0,size=1G", "a:b,backup=1,size=1G", "a:b,backup=0,size=1G"},
		{"a disk flagged in", "qemu", "a:b,size=1G,backup=1", "a:b,size=1G,backup=1", "a:b,size=1G,backup=0"},
		{"a mount without a flag", "lxc", "a:b,mp=/data,size=8G", "a:b,mp=/data,size=8G,backup=1", "a:b,mp=/data,size=8G"},
		{"a mount flagged in", "lxc", "a:b,backup=1,mp=/data", "a:b,backup=1,mp=/data", "a:b,backup=0,mp=/data"},
		{"the flag in front of the volume", "lxc", "backup=1,volume=a:b,mp=/x", "backup=1,volume=a:b,mp=/x", "backup=0,volume=a:b,mp=/x"},
		{"other words for true", "qemu", "a:b,backup=yes", "a:b,backup=yes", "a:b,backup=0"},
		{"other words for false", "qemu", "a:b,backup=off", "a:b,backup=1", "a:b,backup=off"},
		{"a storage called backup", "qemu", "backup:vm-1-disk-0", "backup:vm-1-disk-0", "backup:vm-1-disk-0,backup=0"},
		{"the default key spelled out", "qemu", "file=backup:vm-1-disk-0,backup=0", "file=backup:vm-1-disk-0,backup=1", "file=backup:vm-1-disk-0,backup=0"},
		{"a serial that looks like the flag", "qemu", "a:b,serial=backup=0", "a:b,serial=backup=0", "a:b,serial=backup=0,backup=0"},
		{"a longer name", "qemu", "a:b,nobackup=1,backups=0", "a:b,nobackup=1,backups=0", "a:b,nobackup=1,backups=0,backup=0"},
		{"a comma in quotation marks", "qemu", `a:b,model="x,backup=0",size=1G`, `a:b,model="x,backup=0",size=1G`, `a:b,model="x,backup=0",size=1G,backup=0`},
		{"a lone quotation mark", "qemu", `a:b,serial=12",backup=0`, `a:b,serial=12",backup=1`, `a:b,serial=12",backup=0`},
		{"blanks and empty parts", "qemu", "a:b,, backup=0 ,size=1G,", "a:b,, backup=1,size=1G,", "a:b,, backup=0 ,size=1G,"},
		{"percent signs and others", "lxc", "a:b,mp=/srv/x y%3D=,mountoptions=noatime;discard", "a:b,mp=/srv/x y%3D=,mountoptions=noatime;discard,backup=1", "a:b,mp=/srv/x y%3D=,mountoptions=noatime;discard"},
		{"an empty text", "qemu", "", "", ",backup=0"},
	} {
		for _, include := range []bool{true, false} {
			want := test.out
			if include {
				want = test.in
			}
			got := WithDriveIncluded(test.guest, test.drive, include)
			if got != want {
				t.Errorf("%s, include %v: got %q, want %q", test.what, include, got, want)
			}
			if DriveIncluded(test.guest, got) != include {
				t.Errorf("%s: %q does not say %v", test.what, got, include)
			}
			if again := WithDriveIncluded(test.guest, got, include); again != got {
				t.Errorf("%s: a second change made %q of %q", test.what, again, got)
			}
		}
	}
}

// FuzzDrive changes flags to and fro: whatever else a drive says stays, byte by byte.
func FuzzDrive(f *testing.F) {
	for _, seed := range []string{"a:b", "a:b,backup=0", `a:b,model="x,backup=0"`, "backup=1,volume=a:b", `",backup=0`, ",,="} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	others := func(drive string) (rest []string) {
		for _, part := range driveParts(drive) {
			if _, is := flagOf(part); !is {
				rest = append(rest, part)
			}
		}
		return rest
	}
	f.Fuzz(func(t *testing.T, drive string, include bool) {
		for _, guest := range []string{"qemu", "lxc"} {
			got := WithDriveIncluded(guest, drive, include)
			before, after := others(drive), others(got)
			if len(before) != len(after) {
				t.Fatalf("%q became %q: other options came or went", drive, got)
			}
			for i := range before {
				if before[i] != after[i] {
					t.Fatalf("%q became %q: %q is another option", drive, got, after[i])
				}
			}
			if DriveIncluded(guest, got) != include && DriveIncluded(guest, drive) != include {
				t.Fatalf("%q became %q, which does not say %v", drive, got, include)
			}
		}
	})
}
