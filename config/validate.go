package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/decode"
	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/source"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/nearest"
)

// checker checks what the values of a file mean together. It looks at what was written, not at what could be read of it, so that one mistake
// is not reported twice.
type checker struct {
	file     *File
	decoder  *decode.Decoder
	problems *source.Problems
}

func validate(file *File, decoder *decode.Decoder, problems *source.Problems) {
	c := checker{file, decoder, problems}
	c.clusters()
	c.environments()
	c.jobs()
	c.storages()
	c.stores()
	c.containers()
	c.drills()
	c.exemptions()
	c.externalBackups()
}

// problem reports a problem at a path, or at the nearest section that is there.
func (c checker) problem(message, hint string, path ...string) {
	at, ok := c.decoder.Place(path...)
	for n := len(path) - 1; !ok && n > 0; n-- {
		at, ok = c.decoder.Place(path[:n]...)
	}
	c.problems.Add(at, message, hint)
}

func (c checker) has(path ...string) bool {
	_, ok := c.decoder.Place(path...)
	return ok
}

// cluster checks that the section at a path is of a cluster that the file declares.
func (c checker) cluster(name string, path ...string) {
	var known []string
	for _, cluster := range c.file.Clusters {
		known = append(known, cluster.Name)
	}
	given := c.has(append(path, "cluster")...)
	switch {
	case !given && len(known) > 1:
		c.problem("`cluster` is missing, and the file has several", "add it: one of "+list(known), path...)
	case given && name != "" && len(known) > 0:
		c.known("cluster", name, known, append(path, "cluster")...)
	}
}

// known checks that a name is one of those declared.
func (c checker) known(what, name string, known []string, path ...string) {
	hint := "declare it, or write one of " + list(known)
	if len(known) == 0 {
		hint = fmt.Sprintf("declare it in `%ss`", what)
	}
	for _, each := range known {
		if each == name {
			return
		}
	}
	if word, ok := nearest.Word(name, known); ok {
		hint = fmt.Sprintf("did you mean `%s`?", word)
	}
	c.problem(fmt.Sprintf("there is no %s `%s` in this file", what, name), hint, path...)
}

func list(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }

// retention checks a rule that is there at all.
func (c checker) retention(retention *Retention, path ...string) {
	if retention == nil || !c.decoder.Sound(path...) {
		return
	}
	var counts int
	for _, key := range []string{"keep-last", "keep-hourly", "keep-daily", "keep-weekly", "keep-monthly", "keep-yearly"} {
		if c.has(append(path, key)...) {
			counts++
		}
	}
	switch all := c.has(append(path, "keep-all")...); {
	case all && counts > 0:
		c.problem("`keep-all` keeps everything: the other keys beside it mean nothing", "remove `keep-all`, or the other keys", append(path, "keep-all")...)
	case all && !retention.KeepAll && counts == 0:
		c.problem("`keep-all: false` alone says nothing", "say what to keep, such as `keep-daily: 7`", append(path, "keep-all")...)
	case !all && counts == 0:
		c.problem("the retention says nothing", "say what to keep, such as `keep-daily: 7`, or leave `retention` out", path...)
	}
}

func (c checker) exemptions() {
	first := map[string]int{}
	for i, exemption := range c.file.Exempt {
		index := strconv.Itoa(i)
		c.cluster(exemption.Cluster, "exempt", index)
		c.once(first, i, fmt.Sprintf("guest %d of cluster %s is exempt twice", exemption.VMID, exemption.Cluster), exemption.VMID, "exempt", index, "vmid")
	}
}

func (c checker) externalBackups() {
	first := map[string]int{}
	for i, external := range c.file.ExternalBackups {
		index := strconv.Itoa(i)
		c.cluster(external.Cluster, "external_backups", index)
		c.once(first, i, fmt.Sprintf("guest %d of cluster %s has two intervals on storage %s", external.VMID, external.Cluster, external.Storage),
			external.VMID, "external_backups", index, "vmid")
	}
}

// once reports a list member that says what an earlier one said: the message names what must be unique. The path ends with the member's index
// and the key that both have.
func (c checker) once(first map[string]int, i int, message string, vmid int, path ...string) {
	if vmid == 0 {
		return // it was malformed
	}
	earlier, ok := first[message]
	if !ok {
		first[message] = i
		return
	}
	at, _ := c.decoder.Place(append(slices.Clone(path[:len(path)-2]), strconv.Itoa(earlier))...)
	c.problem(message, fmt.Sprintf("keep one of the two; the first is on line %d", at.Line), path...)
}
