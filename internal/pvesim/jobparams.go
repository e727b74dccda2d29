package pvesim

import (
	"regexp"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

var (
	noBlanks    = regexp.MustCompile(`^\S+$`)
	hourMinutes = regexp.MustCompile(`^\d{1,2}:\d{1,2}$`)
)

// vzdumpParams are the options of vzdump that a job may have.
func vzdumpParams() []wire.Param {
	flag := func(name string) wire.Param { return wire.Param{Name: name, Kind: wire.Boolean} }
	atLeast := func(name string) wire.Param {
		return wire.Param{Name: name, Kind: wire.Integer, Min: wire.Limit(0)}
	}
	oneOf := func(name string, values ...string) wire.Param { return wire.Param{Name: name, Values: values} }
	return []wire.Param{
		flag("all"), flag("quiet"), flag("remove"), flag("stdexcludes"), flag("stop"), atLeast("bwlimit"), atLeast("lockwait"), atLeast("stopwait"),
		oneOf("compress", "0", "1", "gzip", "lzo", "zstd"), oneOf("mailnotification", "always", "failure"), oneOf("mode", "snapshot", "suspend", "stop"),
		oneOf("notification-mode", "auto", "legacy-sendmail", "notification-system"), oneOf("pbs-change-detection-mode", "legacy", "data", "metadata"),
		{Name: "dumpdir"},
		{Name: "exclude-path", Repeats: true},
		{Name: "pool"},
		{Name: "script"},
		{Name: "tmpdir"},
		{Name: "pigz", Kind: wire.Integer},
		{Name: "zstd", Kind: wire.Integer},
		{Name: "ionice", Kind: wire.Integer, Min: wire.Limit(0), Max: wire.Limit(8)},
		{Name: "exclude", Check: listOf(checkVMID)},
		{Name: "vmid", Check: listOf(checkVMID)},
		{Name: "mailto", Check: listOf(checkMail)},
		{Name: "node", Check: checkNode},
		{Name: "storage", Check: checkStorageID},
		{Name: "notes-template", MaxLength: 1024, Requires: "storage"},
		{Name: "protected", Kind: wire.Boolean, Requires: "storage"},
		{Name: "fleecing", CheckNamed: checkProperties(fleecingFormat)},
		{Name: "performance", CheckNamed: checkProperties(performanceFormat)},
		{Name: "prune-backups", CheckNamed: checkKeep},
	}
}

// jobParams are the parameters of calls that write a job.
func jobParams(own ...wire.Param) []wire.Param {
	return append(append(vzdumpParams(), own...),
		wire.Param{Name: "comment", MaxLength: 512}, wire.Param{Name: "enabled", Kind: wire.Boolean}, wire.Param{Name: "repeat-missed", Kind: wire.Boolean},
		wire.Param{Name: "schedule", MaxLength: 128, Check: checkSchedule}, wire.Param{Name: "starttime", Pattern: hourMinutes},
		wire.Param{Name: "dow", Check: listOf(checkDay), Requires: "starttime"})
}

// deletableOptions are what PUT's parameter "delete" takes: vzdump's options and two of the job's own.
func deletableOptions() map[string]bool {
	names := map[string]bool{"comment": true, "repeat-missed": true}
	for _, p := range vzdumpParams() {
		names[p.Name] = true
	}
	return names
}
