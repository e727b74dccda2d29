package pvesim

import (
	"strings"
	"time"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// jobEndpoints are the calls about backup jobs.
func (c *Cluster) jobEndpoints() []wire.Endpoint {
	audit := c.need("/", "Sys.Audit")
	id := wire.Param{Name: "id", Required: true, MaxLength: 50}
	return []wire.Endpoint{
		{Method: "GET", Template: "/cluster/backup", Check: audit, Handle: c.getJobs},
		{Method: "GET", Template: "/cluster/backup/{id}", Check: audit, Params: []wire.Param{id}, Handle: c.getJob},
		{Method: "GET", Template: "/cluster/backup/{id}/included_volumes", Protected: true, Check: audit, Params: []wire.Param{id}, Handle: c.getIncluded},
		{Method: "GET", Template: "/cluster/backup-info/not-backed-up", Protected: true, Check: audit, Handle: c.getNotBackedUp},
		{Method: "GET", Template: "/cluster/jobs/schedule-analyze", Handle: c.analyzeSchedule, Params: []wire.Param{
			{Name: "schedule", Required: true, MaxLength: 128, Check: checkSchedule},
			{Name: "iterations", Kind: wire.Integer, Min: wire.Limit(1), Max: wire.Limit(100)},
			{Name: "starttime", Kind: wire.Integer},
		}},
	}
}

// checkSchedule is PVE's format for calendar events; its error quotes the parser of the library proxmox-time.
func checkSchedule(text string) error {
	if text == "" {
		return textError("invalid calendar event '' - unable to parse calendar event - event is empty\n")
	}
	if _, err := vzdump.ParseCalendarEvent(text); err != nil {
		word, _, _ := strings.Cut(text, " ")
		return textError("invalid calendar event '" + text + "' - unable to parse calendar event at '" + word + "' - Context(\"weekday\")\n")
	}
	return nil
}

func (c *Cluster) getJobs(call *wire.Call) (wire.Answer, *wire.Error) {
	data := []object{}
	for _, job := range c.model.Jobs {
		row := jobData(job)
		if next, ok := c.nextRun(job, call.Entry); ok {
			row["next-run"] = next
		}
		data = append(data, row)
	}
	return wire.Answer{Data: data}, nil
}

func (c *Cluster) getJob(call *wire.Call) (wire.Answer, *wire.Error) {
	job := c.model.Job(call.Get("id"))
	if job == nil {
		return wire.Answer{}, wire.Invalid("id", "No such job '"+call.Get("id")+"'")
	}
	return wire.Answer{Data: jobData(job)}, nil
}

// jobNumbers are a job's properties that JSON shows as numbers.
var jobNumbers = map[string]bool{
	"all": true, "repeat-missed": true, "bwlimit": true, "remove": true, "protected": true, "ionice": true,
	"lockwait": true, "stopwait": true, "zstd": true, "pigz": true, "stdexcludes": true, "quiet": true, "stop": true,
}

// jobData shows a job in the types that the real API gives its properties.
func jobData(job *Job) object {
	row := object{"id": job.ID, "type": "vzdump", "schedule": job.Schedule, "enabled": b2i(!job.Disabled)}
	for name, value := range job.Options {
		switch {
		case value == "":
		case jobNumbers[name]:
			row[name] = number(value)
		case name == "prune-backups" || name == "performance" || name == "fleecing":
			row[name] = propertyObject(name, value)
		case name == "exclude-path":
			row[name] = strings.Split(value, "\n")
		default:
			row[name] = rawText(value)
		}
	}
	if job.Options["exclude"] != "" && job.Options["pool"] == "" {
		row["all"] = 1 // exclude implies all when a job is written
	}
	return row
}

// propertyObject shows a property string as an object. Its numbers are texts, but for flags.
func propertyObject(name, value string) object {
	first, options := splitProperties(value)
	out := object{}
	for key, text := range options {
		out[key] = text
		if key == "keep-all" || key == "enabled" {
			out[key] = number(text)
		}
	}
	if name == "fleecing" && first != "" {
		out["enabled"] = number(first)
	}
	return out
}

// getIncluded shows the tree of a job's guests and volumes; guests that the caller may not see are left out without a word.
func (c *Cluster) getIncluded(call *wire.Call) (wire.Answer, *wire.Error) {
	job := c.model.Job(call.Get("id"))
	if job == nil {
		return wire.Answer{}, wire.Invalid("id", "No such job '"+call.Get("id")+"'")
	}
	visible := c.auditGuests(call)
	children := []object{}
	for _, s := range c.selection(job).guests {
		if !visible(s.vmid) {
			continue
		}
		g := c.model.Guests[s.vmid]
		if g == nil {
			children = append(children, object{"id": s.vmid, "type": "unknown", "leaf": 1})
			continue
		}
		children = append(children, includedTree(g))
	}
	return wire.Answer{Data: object{"children": children}}, nil
}

// includedTree is one guest of included_volumes with its volumes.
func includedTree(g *Guest) object {
	node := object{"id": g.VMID, "type": g.Type, "leaf": 0, "children": []object{}}
	if name := g.Name(); name != "" {
		node["name"] = rawText(name)
	}
	var volumes []object
	for _, v := range g.volumes() {
		volumes = append(volumes, object{"id": g.ID()[len(g.Type)+1:] + ":" + v.Key, "name": v.ID, "included": b2i(v.Included), "reason": v.Reason, "leaf": 1})
	}
	if volumes != nil {
		node["children"] = volumes
	}
	return node
}

// getNotBackedUp lists guests that are in no job, be it enabled or not.
func (c *Cluster) getNotBackedUp(call *wire.Call) (wire.Answer, *wire.Error) {
	covered := map[int]bool{}
	for _, job := range c.model.Jobs {
		for _, s := range c.selection(job).guests {
			covered[s.vmid] = true
		}
	}
	visible := c.auditGuests(call)
	data := []object{}
	for _, g := range c.model.sortedGuests() {
		if covered[g.VMID] || !visible(g.VMID) {
			continue
		}
		row := object{"vmid": g.VMID, "type": g.Type}
		if name := g.Name(); name != "" {
			row["name"] = rawText(name)
		}
		data = append(data, row)
	}
	return wire.Answer{Data: data}, nil
}

// analyzeSchedule computes when a schedule fires, in the zone of the node that answers.
func (c *Cluster) analyzeSchedule(call *wire.Call) (wire.Answer, *wire.Error) {
	zone := time.UTC
	if node := c.model.Node(call.Entry); node != nil {
		zone = node.Zone
	}
	event, err := vzdump.ParseCalendarEvent(call.Get("schedule"))
	if err != nil {
		return wire.Answer{}, wire.Invalid("schedule", err.Error())
	}
	at := time.Unix(call.Int("starttime", c.at), 0).In(zone)
	data := []object{}
	for range call.Int("iterations", 10) {
		next, ok := event.Next(at)
		if !ok {
			break
		}
		data = append(data, object{"timestamp": next.Unix(), "utc": next.UTC().Format(time.ANSIC)})
		at = next
	}
	return wire.Answer{Data: data}, nil
}
