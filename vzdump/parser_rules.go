package vzdump

// infoRule is what one kind of INFO line means: to the job as a whole, or to the guest whose block it stands in. The first rule whose
// prefix fits decides. One without a meaning keeps frequent lines from being searched for causes; so do lines that no rule knows, which are
// output of hook scripts and of programs, while no archive is being written.
type infoRule struct {
	prefix string
	job    func(*state, []byte)
	guest  func(*block, []byte)
}

// infoRules are the INFO lines that state something, by their first letter. Remarks name the versions that write a line, where not all do.
var infoRules = [256][]infoRule{
	'B': {
		{prefix: "Backup started at ", job: (*state).startedAt}, // 5.4-5
		{prefix: "Backup finished at ", job: func(s *state, rest []byte) { s.stamped(rest, GuestSuccess) }},
		{prefix: "Backup job finished ", job: (*state).jobFinished},
	},
	'C': {{prefix: "CT Name: ", guest: func(b *block, rest []byte) { b.named("lxc", rest) }}},
	'D': {{prefix: "Duration: ", guest: (*block).clientDone}},
	'F': {
		{prefix: "Finished Backup of VM ", job: (*state).finished},
		{prefix: "Failed at ", job: func(s *state, rest []byte) { s.stamped(rest, GuestFailed) }}, // 5.4-5
	},
	'S': {{prefix: "Starting Backup of VM ", job: (*state).starting}},
	'T': {{prefix: "Total bytes written: ", guest: (*block).tarTotal}},
	'V': {{prefix: "VM Name: ", guest: func(b *block, rest []byte) { b.named("qemu", rest) }}},
	'a': {
		{prefix: "aborting backup job", guest: (*block).cleanup},
		{prefix: "adding notes to backup", guest: (*block).stored},
		{prefix: "archive file size: ", guest: (*block).archiveSize},
	},
	'b': {
		{prefix: "backup is sparse: ", guest: (*block).sparse},
		{prefix: "backup mode: ", guest: (*block).mode},
		{prefix: "backup was done incrementally, reused ", guest: (*block).reused},
	},
	'c': {
		{prefix: "cleanup temporary 'vzdump' snapshot", guest: (*block).cleanup},
		{prefix: "creating ", guest: (*block).creating},
	},
	'd': {{prefix: "delete old backup '", guest: (*block).deleted}},
	'e': {
		{prefix: "exclude disk '", guest: (*block).excludedDisk},
		{prefix: "excluding '", guest: (*block).excludedDisk}, // 6
		{prefix: "excluding volume mount point ", guest: (*block).excludedVolume},
		{prefix: "excluding bind mount point ", guest: (*block).bindMount},
		{prefix: "excluding device mount point ", guest: (*block).bindMount},
	},
	'f': {
		{prefix: "final sync finished", guest: func(b *block, _ []byte) { b.copying = false }},
		{prefix: "first sync finished", guest: func(b *block, _ []byte) { b.copying = false }},
	},
	'g': {
		{prefix: "got global lock", job: func(s *state, _ []byte) { s.waiting = false }},
		{prefix: "guest is online again after ", guest: (*block).downtime},
	},
	'i': {
		{prefix: "include disk '", guest: func(b *block, _ []byte) { b.kind("qemu") }},
		{prefix: "issuing guest-agent "},                                                      // 6.1
		{prefix: "including mount point ", guest: func(b *block, _ []byte) { b.kind("lxc") }}, // 6.2
	},
	'm': {{prefix: "marking backup as protected", guest: (*block).stored}},
	'p': {
		{prefix: "processed ", guest: func(*block, []byte) {}},                        // of the backup server's client, many
		{prefix: "progress ", guest: func(b *block, rest []byte) { b.percent(rest) }}, // of a template's backup
		{prefix: "prune older backups with retention", guest: (*block).prunes},        // 7.0
		{prefix: "pruned ", guest: (*block).pruned},                                   // 7.0
	},
	'r': {
		{prefix: "remove vzdump snapshot", guest: (*block).cleanup},
		{prefix: "removing backup '", guest: (*block).deleted}, // 6.2
		{prefix: "restarting vm", guest: (*block).cleanup},
		{prefix: "resume vm", guest: (*block).resumes},
		{prefix: "resuming VM again after ", guest: (*block).downtime},
		{prefix: "resuming VM again"},
	},
	's': {
		{prefix: "sending archive to stdout", guest: func(b *block, _ []byte) { b.write("") }},
		{prefix: "skip external VMs: ", job: (*state).skipExternal},
		{prefix: "skipping guest-agent 'fs-freeze'", guest: func(b *block, _ []byte) { b.FreezeSkipped = true }},
		{prefix: "skipping guest filesystem freeze - already frozen"},
		{prefix: "skipping guest filesystem freeze", guest: func(b *block, _ []byte) { b.FreezeSkipped = true }}, // 9.1
		{prefix: "started backup task '", guest: func(b *block, _ []byte) { b.cause = evidence{} }},
		{prefix: "starting backup via QMP command"}, // 9.2
		{prefix: "starting final sync ", guest: func(b *block, _ []byte) { b.copying = true }},
		{prefix: "starting first sync ", guest: func(b *block, _ []byte) { b.copying = true }},
		{prefix: "starting new backup job: ", job: (*state).startJob},
		{prefix: "starting kvm to execute backup task"},
		{prefix: "status: ", guest: func(b *block, rest []byte) { b.percent(rest) }}, // until 6.2-4
		{prefix: "stopping kvm after backup task"},
	},
	't': {
		{prefix: "transferred ", guest: (*block).transferred},
		{prefix: "trying to get global lock", job: (*state).waits},
	},
	'u': {{prefix: "using fast incremental mode (dirty-bitmap), ", guest: (*block).dirty}},
	'v': {{prefix: "vm is online again after ", guest: (*block).downtime}}, // until 5
}
