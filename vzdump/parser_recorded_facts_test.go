package vzdump

// What a person reads in the recorded logs, as digest writes it.

// recordedGuests are the guests of recorded task logs.
var recordedGuests = map[string][]string{
	"aborted-by-user-200-1795393174": {"200 failed qemu win1 stop interrupted took=595"},
	"after-crash-locked-or-ok":       {"200 success qemu win1 stop took=5 archive=vzdump-qemu-200-2026_11_23-00_36_39.vma.zst stored size=299008 transferred=134217728 sparse=80530636 pruned=1 without=scsi1"},
	"all-exclude": {
		"100 success lxc web1 suspend took=0 archive=vzdump-lxc-100-2026_11_23-00_30_47.tar.zst stored size=3145728 tar=5181440 down=0 pruned=0",
		"101 success lxc db1 stop took=1 archive=vzdump-lxc-101-2026_11_23-00_30_47.tar.zst stored size=3145728 tar=5171200 pruned=1",
		"200 success qemu win1 stop took=5 archive=vzdump-qemu-200-2026_11_23-00_30_48.vma.zst stored size=299008 transferred=134217728 sparse=80530636 pruned=1",
		"201 success qemu nodisk stop took=0 archive=vzdump-qemu-201-2026_11_23-00_30_53.vma.zst stored size=0 pruned=0",
	},
	"conf-bwlimit":                         {"101 success lxc db1 stop took=2 archive=vzdump-lxc-101-2026_11_23-00_33_37.tar.zst stored size=3145728 tar=5171200 pruned=1"},
	"ct-gzip-ok":                           {"101 success lxc db1 stop took=1 archive=vzdump-lxc-101-2026_11_23-00_18_17.tar.gz stored size=3145728 tar=5171200 pruned=0"},
	"ct-locked":                            {"102 failed lxc guest_locked took=0"},
	"ct-lzo-ok":                            {"101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_18_20.tar.lzo stored size=4194304 tar=5171200 pruned=0"},
	"ct-missing-disk":                      {"103 failed lxc gone stop unknown took=0 archive=vzdump-lxc-103-2026_11_23-00_30_39.tar.zst"},
	"ct-nocompress-ok":                     {"101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_18_22.tar stored size=4194304 tar=5171200 pruned=1"},
	"ct-running-snapshot-fallback-suspend": {"100 success lxc web1 suspend took=0 archive=vzdump-lxc-100-2026_11_23-00_19_07.tar.zst stored size=3145728 tar=5181440 down=0 pruned=0"},
	"ct-stopped-ok":                        {"101 success lxc db1 stop took=1 archive=vzdump-lxc-101-2026_11_23-00_18_09.tar.zst stored size=3145728 tar=5171200 pruned=0"},
	"hook-fail-backup-start":               {"101 failed lxc db1 stop hook_failed took=0"},
	"hook-fail-job-start":                  {"101 not_run"},
	"hook-fail-log-end":                    {"101 warning lxc db1 stop took=1 archive=vzdump-lxc-101-2026_11_23-00_33_32.tar.zst stored size=3145728 tar=5171200 pruned=1"},
	"hook-ok":                              {"101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_33_28.tar.zst stored size=3145728 tar=5171200 pruned=1"},
	"notify-mailto-legacy":                 {"101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_33_43.tar.zst stored size=3145728 tar=5171200 pruned=1"},
	"pool": {
		"100 success lxc web1 suspend took=0 archive=vzdump-lxc-100-2026_11_23-00_30_54.tar.zst stored size=3145728 tar=5181440 down=0 pruned=1",
		"101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_30_54.tar.zst stored size=3145728 tar=5171200 pruned=1",
	},
	"protected-1":              {"101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_33_45.tar.zst stored size=3145728 tar=5171200"},
	"protected-limit-exceeded": {"101 failed backup_limit"},
	"prune-keep-all":           {"101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_33_52.tar.zst stored size=3145728 tar=5171200"},
	"scheduled-0-101":          {"101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_39_59.tar.zst stored size=3145728 tar=5171200 pruned=0"},
	"storage-full-ct-zstd":     {"101 failed lxc db1 stop storage_full took=0 archive=vzdump-lxc-101-2026_11_23-00_30_58.tar.zst tar=5171200"},
	"storage-full-ct":          {"101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_30_55.tar stored size=4194304 tar=5171200"},
	"storage-full-vm-plain":    {"200 failed qemu win1 stop storage_full took=2 archive=vzdump-qemu-200-2026_11_23-00_31_05.vma"},
	"storage-full-vm-zstd":     {"200 failed qemu win1 stop storage_full took=7 archive=vzdump-qemu-200-2026_11_23-00_30_58.vma.zst transferred=134217728 sparse=80530636"},
	"vm-cancelled-by-user":     {"200 failed qemu win1 stop interrupted took=10 archive=vzdump-qemu-200-2026_11_23-00_36_13.vma.zst without=scsi1"},
	"vm-diskless-ok":           {"201 success qemu nodisk stop took=1 archive=vzdump-qemu-201-2026_11_23-00_18_16.vma.zst stored size=0 pruned=0"},
	"vm-io-error-midway":       {"200 failed qemu win1 snapshot io_error took=4 archive=vzdump-qemu-200-2026_11_23-00_30_27.vma.zst"},
	"vm-missing-disk":          {"202 failed qemu lost stop unknown took=0"},
	"vm-nocompress-ok":         {"200 success qemu win1 stop took=5 archive=vzdump-qemu-200-2026_11_23-00_18_22.vma stored size=299008 transferred=134217728 sparse=80530636 pruned=0"},
	"vm-running-snapshot-qga":  {"200 success qemu win1 snapshot took=4 archive=vzdump-qemu-200-2026_11_23-00_19_14.vma.zst stored size=299008 transferred=134217728 sparse=80530636 pruned=0"},
	"vm-running-stop-mode":     {"200 success qemu win1 stop took=6 archive=vzdump-qemu-200-2026_11_23-00_30_21.vma.zst stored size=299008 transferred=134217728 sparse=80530636 down=2 pruned=1"},
	"vm-running-suspend-mode":  {"200 success qemu win1 suspend took=6 archive=vzdump-qemu-200-2026_11_23-00_30_15.vma.zst stored size=299008 transferred=134217728 sparse=80530636 down=1 pruned=1"},
	"vm-start-error":           {"200 failed qemu win1 stop permission took=0 archive=vzdump-qemu-200-2026_11_23-00_30_36.vma.zst"},
	"vm-stopped-ok":            {"200 success qemu win1 stop took=6 archive=vzdump-qemu-200-2026_11_23-00_18_10.vma.zst stored size=299008 transferred=134217728 sparse=80530636 pruned=0"},
	"vm-template-diskless":     {"203 success qemu tmpl stop took=0 archive=vzdump-qemu-203-2026_11_23-00_34_04.vma.zst stored size=0 pruned=0"},
	"vmid-nonexistent":         {"999 failed guest_missing"},
	"vzdump-156-mps":           {"156 success lxc CT156 stop took=0 archive=vzdump-lxc-156-2026_11_23-00_42_32.tar.zst stored size=3145728 tar=5181440 pruned=0 without=mp1"},
	"vzdump-oci-ct":            {"170 success lxc ocict stop took=1 archive=vzdump-lxc-170-2026_11_23-00_48_39.tar.zst stored size=3145728 tar=5171200 pruned=0"},
	"zstd-missing-ct":          {"101 failed lxc db1 stop archive_write took=0 archive=vzdump-lxc-101-2026_11_23-00_33_40.tar.zst"},
	"zstd-missing-vm":          {"200 failed qemu win1 stop archive_write took=2 archive=vzdump-qemu-200-2026_11_23-00_33_40.vma.zst"},
	"hook-fail-job-init":       nil,
	"hook-missing":             nil,
	"storage-disabled":         nil,
	"storage-other-node":       nil,
	"storage-unknown":          nil,
}

// recordedFiles are guests of log files beside archives.
var recordedFiles = map[string]string{
	"vzdump-lxc-100-2026_11_23-00_19_08":  "100 success lxc web1 stop took=6 archive=vzdump-lxc-100-2026_11_23-00_19_08.tar.zst stored size=3145728 tar=5171200 down=6 pruned=0",
	"vzdump-lxc-100-2026_11_23-00_30_47":  "100 success lxc web1 suspend took=0 archive=vzdump-lxc-100-2026_11_23-00_30_47.tar.zst stored size=3145728 tar=5181440 down=0 pruned=0",
	"vzdump-lxc-100-2026_11_23-00_30_54":  "100 success lxc web1 suspend took=0 archive=vzdump-lxc-100-2026_11_23-00_30_54.tar.zst stored size=3145728 tar=5181440 down=0 pruned=1",
	"vzdump-lxc-101-2026_11_23-00_33_40":  "101 failed lxc db1 stop archive_write took=0 archive=vzdump-lxc-101-2026_11_23-00_33_40.tar.zst",
	"vzdump-lxc-101-2026_11_23-00_34_04":  "101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_34_04.tar.zst stored size=3145728 tar=5181440 pruned=0 without=mp1 binds=mp0",
	"vzdump-lxc-101-2026_11_23-00_34_06":  "101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_34_06.tar.zst stored size=3145728 tar=5171200 pruned=1",
	"vzdump-lxc-101-2026_11_23-00_45_19":  "101 success lxc db1 stop took=0 archive=vzdump-lxc-101-2026_11_23-00_45_19.tar.zst stored size=3145728 tar=5171200 pruned=13",
	"vzdump-lxc-102-2026_11_23-00_30_37":  "102 failed lxc guest_locked took=0",
	"vzdump-lxc-102-2026_11_23-00_30_41":  "102 failed lxc guest_locked took=0",
	"vzdump-lxc-103-2026_11_23-00_30_39":  "103 failed lxc gone stop unknown took=0 archive=vzdump-lxc-103-2026_11_23-00_30_39.tar.zst",
	"vzdump-lxc-103-2026_11_23-00_30_41":  "103 failed lxc gone stop unknown took=0 archive=vzdump-lxc-103-2026_11_23-00_30_41.tar.zst",
	"vzdump-lxc-156-2026_11_23-00_42_32":  "156 success lxc CT156 stop took=0 archive=vzdump-lxc-156-2026_11_23-00_42_32.tar.zst stored size=3145728 tar=5181440 pruned=0 without=mp1",
	"vzdump-qemu-200-2026_11_23-00_19_34": "200 failed qemu win1 stop interrupted took=595",
	"vzdump-qemu-200-2026_11_23-00_30_27": "200 failed qemu win1 snapshot io_error took=4 archive=vzdump-qemu-200-2026_11_23-00_30_27.vma.zst",
	"vzdump-qemu-200-2026_11_23-00_30_31": "200 failed qemu win1 snapshot unknown took=0 archive=vzdump-qemu-200-2026_11_23-00_30_31.vma.zst",
	"vzdump-qemu-200-2026_11_23-00_30_36": "200 failed qemu win1 stop unknown took=0 archive=vzdump-qemu-200-2026_11_23-00_30_36.vma.zst",
	"vzdump-qemu-200-2026_11_23-00_33_40": "200 failed qemu win1 stop archive_write took=2 archive=vzdump-qemu-200-2026_11_23-00_33_40.vma.zst",
	"vzdump-qemu-200-2026_11_23-00_33_58": "200 success qemu win1 stop took=5 archive=vzdump-qemu-200-2026_11_23-00_33_58.vma.zst stored size=299008 transferred=134217728 sparse=80530636 pruned=1 without=scsi1",
	"vzdump-qemu-200-2026_11_23-00_36_13": "200 failed qemu win1 stop interrupted took=10 archive=vzdump-qemu-200-2026_11_23-00_36_13.vma.zst without=scsi1",
	"vzdump-qemu-200-2026_11_23-00_36_39": "200 success qemu win1 stop took=5 archive=vzdump-qemu-200-2026_11_23-00_36_39.vma.zst stored size=299008 transferred=134217728 sparse=80530636 pruned=1 without=scsi1",
	"vzdump-qemu-201-2026_11_23-00_18_16": "201 success qemu nodisk stop took=1 archive=vzdump-qemu-201-2026_11_23-00_18_16.vma.zst stored size=0 pruned=0",
	"vzdump-qemu-201-2026_11_23-00_30_53": "201 success qemu nodisk stop took=0 archive=vzdump-qemu-201-2026_11_23-00_30_53.vma.zst stored size=0 pruned=0",
	"vzdump-qemu-202-2026_11_23-00_30_39": "202 failed qemu lost stop unknown took=0",
	"vzdump-qemu-203-2026_11_23-00_34_04": "203 success qemu tmpl stop took=0 archive=vzdump-qemu-203-2026_11_23-00_34_04.vma.zst stored size=0 pruned=0",
}

type fieldLog struct {
	result Result
	guests []string
}

// fieldLogs are the logs from the field.
var fieldLogs = map[string]fieldLog{
	"01-lxc-stdout-zfs-pve89": {ResultOK, []string{
		"115 success lxc container1 snapshot took=6 tar=564357120",
	}},
	"03-qemu-template-stop-pve7": {ResultOK, []string{
		"102 success qemu template-ubuntu-20.04-5.4-basic-r02 stop took=64 archive=vzdump-qemu-102-2023_07_26-01_23_50.vma stored size=20014547599",
	}},
	"05-lxc-snapshot-lvm-nfs-failed-pve7": {ResultFailed, []string{
		"200 failed lxc babydeb snapshot permission took=1 archive=vzdump-lxc-200-2023_04_07-17_11_08.tar.zst",
	}},
	"07-lxc-suspend-pbs-ok-pve9": {ResultOK, []string{
		"101 success lxc test suspend took=9 archive=2026-05-09T15:43:57Z stored transferred=561212555 compressed=191080955 down=1",
	}},
	"09-lxc-pbs-namespace-trimmed-pve89": {ResultUnknown, []string{
		"101 success lxc dhcp-ct101 snapshot took=55 archive=2026-01-16T02:00:02Z stored transferred=503128784 reused=1908039221 compressed=126340825",
	}},
	"11-openvz-pve1": {ResultOK, []string{
		"1123 success openvz snapshot took=751 archive=vzdump-openvz-1123-2011_12_20-21_53_10.tgz stored size=666894336 tar=1595801600",
	}},
	"13-lxc-stop-mountfail-pve5": {ResultFailed, []string{
		"136 failed lxc ELK stop snapshot_failed archive=vzdump-lxc-136-2019_02_24-23_00_02.tar.lzo",
	}},
	"15-qemu-pbs-qmp-timeout-trimmed-pve917": {ResultFailed, []string{
		"111 failed qemu vmname snapshot qmp_timeout archive=2026-04-23T20:00:14Z",
	}},
	"17-qemu-suspend-pbs-mailformat-pve8": {ResultUnknown, []string{
		"106 running qemu vm-hassio suspend archive=2024-11-20T06:30:58Z down=5 unfrozen",
	}},
	"27-qemu-pbs-first-backup-pve9": {ResultOK, []string{
		"103 success qemu nfs-vm snapshot took=47 archive=2026-03-11T08:51:30Z stored transferred=8589934592 sparse=2061584302 reused=2802466160",
	}},
	"28-lxc-stop-dir-notify-pve91": {ResultOK, []string{
		"999 success lxc pve-openclaw stop took=17 archive=vzdump-lxc-999-2026_02_13-15_33_59.tar.zst stored size=256901120 tar=878131200 down=17",
	}},
	"29-lxc-stopped-dir-gzip-pve72": {ResultOK, []string{
		"100 success lxc CT100 stop took=22 archive=vzdump-lxc-100-2022_05_26-00_16_48.tar.gz stored size=198180864 tar=611809280",
	}},
	"30-qemu-dir-vma-pve8": {ResultOK, []string{
		"122 success qemu op snapshot took=2 archive=vzdump-qemu-122-2025_04_18-09_27_17.vma 125 stored size=357564416 transferred=21603685498 sparse=21249350696",
	}},
	"31-qemu-multi-vzdump-logdir-pve5": {ResultUnknown, []string{
		"100 success qemu pfsense01 stop took=94 archive=vzdump-qemu-100-2017_09_05-11_45_02.vma.gz stored size=719323136 transferred=34359000000",
		"102 success qemu firewall01 stop took=234 archive=vzdump-qemu-102-2017_09_05-11_46_36.vma.gz stored size=2093796556 transferred=9663000000",
		"103 success qemu server01-hlds stop took=4318 archive=vzdump-qemu-103-2017_09_05-11_50_30.vma.gz stored size=35530116956 transferred=108447000000",
	}},
}
