package pvesim

import (
	"crypto/sha1"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// jobWriteEndpoints are the calls that change backup jobs.
func (c *Cluster) jobWriteEndpoints() []wire.Endpoint {
	modify, knows := c.need("/", "Sys.Modify"), c.knows(jobVersions())
	id := wire.Param{Name: "id", Required: true, MaxLength: 50, Pattern: noBlanks}
	remove := wire.Param{Name: "delete", Check: listOf(checkConfigID)}
	return []wire.Endpoint{
		{
			Method: "POST", Template: "/cluster/backup", Protected: true, Check: modify, Knows: knows, Handle: c.createJob,
			Params: jobParams(wire.Param{Name: "id", Check: checkConfigID}),
		},
		{
			Method: "PUT", Template: "/cluster/backup/{id}", Protected: true, Check: modify, Knows: knows, Handle: c.updateJob,
			Params: jobParams(id, remove),
		},
		{Method: "DELETE", Template: "/cluster/backup/{id}", Protected: true, Check: modify, Params: []wire.Param{id}, Handle: c.deleteJob},
	}
}

// jobEdit is what a call wants to set.
type jobEdit struct {
	options  map[string]string
	schedule string
	enabled  string // empty where it is not said
}

// readJobEdit takes a job's properties from a call's parameters.
func readJobEdit(call *wire.Call, params []wire.Param) jobEdit {
	e := jobEdit{options: map[string]string{}, schedule: call.Get("schedule")}
	for _, p := range params {
		if !call.Has(p.Name) || slices.Contains([]string{"id", "delete", "schedule", "starttime", "dow", "enabled"}, p.Name) {
			continue
		}
		value := call.Get(p.Name)
		switch {
		case p.Kind == wire.Boolean:
			value = flagText(value)
		case p.Repeats:
			value = strings.Join(call.All(p.Name), "\n")
		}
		e.options[p.Name] = value
	}
	if call.Has("enabled") {
		e.enabled = flagText(call.Get("enabled"))
	}
	if time := call.Get("starttime"); time != "" {
		e.schedule = time
		if days := splitList(call.Get("dow")); len(days) > 0 && len(days) < len(daysOfWeek) {
			e.schedule = strings.Join(days, ",") + " " + time
		}
	}
	return e
}

func (c *Cluster) createJob(call *wire.Call) (wire.Answer, *wire.Error) {
	if failure := firstError(c.mayWriteJob(call), c.mayUseStorage(call, call.Get("storage")), c.mayUsePool(call), checkTimes(call, true)); failure != nil {
		return wire.Answer{}, failure
	}
	edit := readJobEdit(call, call.Endpoint.Params)
	job := &Job{ID: call.Get("id"), Schedule: edit.schedule, Disabled: edit.enabled == "0", Options: edit.options}
	if job.ID == "" {
		sum := sha1.Sum(fmt.Append(nil, c.options.Seed, c.revision, c.at))
		job.ID = fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	}
	switch {
	case !c.model.Quorate:
		return wire.Answer{}, wire.Failure("cfs-lock 'file-jobs_cfg' error: no quorum!")
	case c.model.Job(job.ID) != nil:
		return wire.Answer{}, wire.Failure("Job '" + job.ID + "' already exists")
	}
	if failure := firstError(verifyJob(job.Options, true), writable(job.Options)); failure != nil {
		return wire.Answer{}, failure
	}
	c.change(func(m *Model) { m.Jobs = append(m.Jobs, job) })
	return wire.Answer{}, nil
}

// writable refuses what a line of jobs.cfg cannot hold.
func writable(options map[string]string) *wire.Error {
	for name, value := range options {
		if name != "exclude-path" && strings.Contains(value, "\n") {
			return wire.Failure("property contains a line feed")
		}
	}
	return nil
}

func (c *Cluster) updateJob(call *wire.Call) (wire.Answer, *wire.Error) {
	remove, edit := splitList(call.Get("delete")), readJobEdit(call, call.Endpoint.Params)
	storage := call.Get("storage")
	failure := c.mayWriteJob(call)
	if failure == nil && (storage != "" || slices.Contains(remove, "storage")) {
		failure = c.mayUseStorage(call, storage)
	}
	if failure = firstError(failure, c.mayUsePool(call), checkTimes(call, false)); failure != nil {
		return wire.Answer{}, failure
	}
	job := c.model.Job(call.Get("id"))
	switch {
	case len(edit.options) == 0 && edit.schedule == "" && edit.enabled == "" && len(remove) == 0:
		return wire.Answer{}, wire.Failure("no options specified")
	case !c.model.Quorate:
		return wire.Answer{}, wire.Failure("cfs-lock 'file-jobs_cfg' error: no quorum!")
	}
	if failure := verifyJob(edit.options, false); failure != nil {
		return wire.Answer{}, failure
	}
	switch {
	case job == nil:
		return wire.Answer{}, wire.Failure("no such vzdump job")
	case job.Options["dumpdir"] != "":
		return wire.Answer{}, wire.Failure("only root@pam may edit jobs with a 'dumpdir' option.")
	}
	if failure := c.mayUseStorage(call, job.Options["storage"]); failure != nil {
		return wire.Answer{}, failure
	}
	options, failure := mergeJob(job.Options, edit.options, remove)
	if failure = firstError(failure, writable(options)); failure != nil {
		return wire.Answer{}, failure
	}
	c.change(func(*Model) {
		job.Options = options
		if edit.schedule != "" {
			job.Schedule = edit.schedule
		}
		if edit.enabled != "" {
			job.Disabled = edit.enabled == "0"
		}
	})
	return wire.Answer{}, nil
}

// mergeJob applies an edit to a job's options: the kinds of selection replace each other.
func mergeJob(now, set map[string]string, remove []string) (map[string]string, *wire.Error) {
	options, deletable := maps.Clone(now), deletableOptions()
	if options == nil {
		options = map[string]string{}
	}
	for _, name := range remove {
		if !deletable[name] {
			return nil, wire.InvalidWithin("delete", "unknown option '"+name+"'")
		}
		delete(options, name)
	}
	maps.Copy(options, set)
	if options["exclude"] != "" && options["pool"] == "" {
		options["all"] = "1"
	}
	var replaced []string
	switch {
	case set["vmid"] != "":
		replaced = []string{"all", "exclude", "pool"}
	case set["all"] == "1":
		replaced = []string{"vmid", "pool"}
	case options["pool"] != "":
		replaced = []string{"vmid", "all", "exclude"}
	}
	for _, name := range replaced {
		delete(options, name)
	}
	return options, verifyJob(options, true)
}

func (c *Cluster) deleteJob(call *wire.Call) (wire.Answer, *wire.Error) {
	id := call.Get("id")
	switch {
	case !c.model.Quorate:
		return wire.Answer{}, wire.Failure("cfs-lock 'file-jobs_cfg' error: no quorum!")
	case c.model.Job(id) == nil:
		return wire.Answer{}, wire.InvalidWithin("id", "No such job '"+id+"'")
	}
	c.change(func(m *Model) { m.RemoveJob(id) })
	return wire.Answer{}, nil
}
