package runlog

import (
	"strconv"
	"strings"
)

// commandLine writes the command that vzdump logs first: the ids, then the options in no particular order, since Perl's hashes have none.
func commandLine(o *Options, seed uint64) string {
	var b strings.Builder
	b.WriteString("vzdump")
	for _, id := range o.VMIDs {
		b.WriteByte(' ')
		b.WriteString(strconv.Itoa(id))
	}
	order := make([]Flag, len(o.Flags))
	copy(order, o.Flags)
	for i := len(order) - 1; i > 0; i-- {
		j := int(hash(seed, uint64(i)) % uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
	for _, flag := range order {
		b.WriteString(" --")
		b.WriteString(flag.Name)
		b.WriteByte(' ')
		b.WriteString(shellQuote(flag.Value))
	}
	return b.String()
}

// shellQuote quotes like Perl's String::ShellQuote: only where a shell would see more than a plain word.
func shellQuote(value string) string {
	if value == "" {
		return "''"
	}
	plain := true
	for _, c := range []byte(value) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_!%+,-./:@^", c) >= 0) {
			plain = false
			break
		}
	}
	if plain {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
