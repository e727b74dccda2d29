// Package vzdump is what is known of Proxmox VE's backup tool without asking a Proxmox VE: the grammar of its task logs, task ids and
// task statuses, the calendar events that start its jobs, the retention rules that prune its archives, the names of those archives and
// the command lines of its jobs, for PVE 5 to 9.
//
// It is pure: it opens no file and no connection and reads no clock. Bytes or text go in, values come out; what needs a time zone or the
// present moment takes it as an argument. Whoever wants a log fetched looks in package pve; whoever wants a log explained to people looks
// in package vzdump/explain.
//
// # Task logs
//
// [Parser] reads a log as a stream and [Report] says what it states. Three rules hold throughout:
//
//   - A fact that the log does not state is unknown, never zero. Nothing is derived from the status of the task or from today's date.
//   - A log that was cut anywhere never shows a success that is not in the part that was read.
//   - Memory does not grow with the log: lines, messages, lists and the number of guests have limits.
//
// # Who may say what
//
// Hook scripts print into the log, every line after "INFO: ", and guests choose texts that appear in it (names, file names, errors of the
// guest agent), so a line is believed only where vzdump could have written it:
//
//   - A guest's block begins with "Starting Backup of VM N" and only lines that name N end it. While a block is open, a line about another
//     guest counts only if the next line confirms it, and blocks that turn out to lie inside another block are dropped: vzdump's never nest.
//   - A failure outranks a success: hook scripts cannot print "ERROR: ". A timestamp line that follows a result seals it.
//   - A hook script that imitates every line of its own guest's block, timestamps included, cannot be told from vzdump. It runs as root on
//     the node, so nothing is lost by believing it. The same holds for a script that imitates a whole block where no block is open.
package vzdump
