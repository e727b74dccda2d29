package pvesim

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"
)

// firewallPlace is one kind of firewall in the API.
type firewallPlace struct {
	template      string
	path          func(*wire.Call) string
	audit, modify func(*wire.Call) *wire.Error
	options       []wire.Param
	onNode        bool // its options are the node's to answer
	rulesOnNode   bool // its rules too: all others are in the cluster's file system
	exists        func(*wire.Call) *wire.Error
}

// firewallEndpoints are the calls about rules and options of guests, nodes and the cluster.
func (c *Cluster) firewallEndpoints() []wire.Endpoint {
	levels := []string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", "nolog"}
	policies := []string{"ACCEPT", "REJECT", "DROP"}
	policy := []wire.Param{{Name: "policy_in", Values: policies}, {Name: "policy_out", Values: policies}}
	flags := func(names ...string) (list []wire.Param) {
		for _, name := range names {
			list = append(list, wire.Param{Name: name, Kind: wire.Boolean})
		}
		return append(list, wire.Param{Name: "log_level_in", Values: levels}, wire.Param{Name: "log_level_out", Values: levels})
	}
	anywhere := func(*wire.Call) *wire.Error { return nil }
	places := []firewallPlace{
		{
			template: "/cluster/firewall", path: func(*wire.Call) string { return "cluster" }, audit: c.need("/", "Sys.Audit"), modify: c.need("/", "Sys.Modify"), exists: anywhere,
			options: append(slices.Clone(policy), wire.Param{Name: "enable", Kind: wire.Integer, Min: wire.Limit(0)}, wire.Param{Name: "ebtables", Kind: wire.Boolean},
				wire.Param{Name: "log_ratelimit"}, wire.Param{Name: "policy_forward", Values: []string{"ACCEPT", "DROP"}}),
		},
		{
			template: "/nodes/{node}/firewall", path: func(call *wire.Call) string { return "node/" + call.Get("node") }, onNode: true, rulesOnNode: true,
			audit: c.need("/nodes/{node}", "Sys.Audit"), modify: c.need("/nodes/{node}", "Sys.Modify"), exists: anywhere, options: flags("enable", "ndp", "nftables"),
		},
	}
	for _, kind := range []string{"qemu", "lxc"} {
		places = append(places, firewallPlace{
			template: "/nodes/{node}/" + kind + "/{vmid}/firewall", path: func(call *wire.Call) string { return "guest/" + call.Get("vmid") }, onNode: true,
			audit: c.need("/vms/{vmid}", "VM.Audit"), modify: c.need("/vms/{vmid}", "VM.Config.Network"),
			options: append(append(flags("enable", "dhcp", "ipfilter", "macfilter", "ndp", "radv"), policy...), vmidParam(true)),
			exists:  func(call *wire.Call) *wire.Error { _, failure := c.guestOf(call, kind); return failure },
		})
	}
	var list []wire.Endpoint
	for _, p := range places {
		list = append(list, c.endpointsOf(p, levels)...)
	}
	return list
}

func (c *Cluster) endpointsOf(p firewallPlace, levels []string) []wire.Endpoint {
	digest := wire.Param{Name: "digest", MaxLength: 64}
	var id []wire.Param
	if strings.Contains(p.template, "{vmid}") {
		id = []wire.Param{vmidParam(true)}
	}
	rule := append(slices.Clone(id), digest,
		wire.Param{Name: "type", Required: true, Values: []string{"in", "out", "forward", "group"}}, wire.Param{Name: "action", Required: true, MaxLength: 20, MinLength: 2},
		wire.Param{Name: "enable", Kind: wire.Integer, Min: wire.Limit(0)}, wire.Param{Name: "pos", Kind: wire.Integer, Min: wire.Limit(0)},
		wire.Param{Name: "macro", MaxLength: 128}, wire.Param{Name: "iface", MaxLength: 20, MinLength: 2}, wire.Param{Name: "source", MaxLength: 512}, wire.Param{Name: "dest", MaxLength: 512},
		wire.Param{Name: "proto"}, wire.Param{Name: "sport", Check: checkPorts}, wire.Param{Name: "dport", Check: checkPorts}, wire.Param{Name: "comment"},
		wire.Param{Name: "icmp-type"}, wire.Param{Name: "log", Values: levels})
	position := wire.Param{Name: "pos", Kind: wire.Integer, Min: wire.Limit(0)}
	with := func(handle func(*firewall, *wire.Call) (wire.Answer, *wire.Error)) func(*wire.Call) (wire.Answer, *wire.Error) {
		return func(call *wire.Call) (wire.Answer, *wire.Error) {
			if failure := p.exists(call); failure != nil {
				return wire.Answer{}, failure
			}
			return handle(c.firewallAt(p.path(call)), call)
		}
	}
	rules, options := p.template+"/rules", p.template+"/options"
	optionParams := append(append(slices.Clone(id), p.options...), digest, wire.Param{Name: "delete", Check: listOf(checkConfigID)})
	return []wire.Endpoint{
		{Method: "GET", Template: rules, OnNode: p.rulesOnNode, Check: p.audit, Params: id, Handle: with(getRules)},
		{Method: "POST", Template: rules, OnNode: p.rulesOnNode, Protected: true, Check: p.modify, Params: rule, Handle: with(postRule)},
		{Method: "GET", Template: rules + "/{pos}", OnNode: p.rulesOnNode, Check: p.audit, Params: append(slices.Clone(id), position), Handle: with(getRule)},
		{Method: "DELETE", Template: rules + "/{pos}", OnNode: p.rulesOnNode, Protected: true, Check: p.modify, Params: append(slices.Clone(id), position, digest), Handle: with(deleteRule)},
		{Method: "GET", Template: options, OnNode: p.onNode, Check: p.audit, Params: id, Handle: with(getOptions)},
		{Method: "PUT", Template: options, OnNode: p.onNode, Protected: true, Check: p.modify, Params: optionParams, Handle: with(putOptions)},
	}
}

var portWords = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*$`)

// checkPorts is the format of a list of ports, ranges of them and names of services.
func checkPorts(text string) error {
	for _, word := range splitList(text) {
		for port := range strings.SplitSeq(word, ":") {
			if n, err := strconv.Atoi(port); (err != nil || n < 0 || n > 65535) && !portWords.MatchString(port) {
				return textError("invalid port '" + port + "'")
			}
		}
	}
	return nil
}

func getRules(f *firewall, _ *wire.Call) (wire.Answer, *wire.Error) {
	data := []object{}
	for i := range f.rules {
		data = append(data, f.row(i))
	}
	return wire.Answer{Data: data}, nil
}

// getRule shows one rule, with its place as a text.
func getRule(f *firewall, call *wire.Call) (wire.Answer, *wire.Error) {
	i := int(call.Int("pos", 0))
	if i >= len(f.rules) {
		return wire.Answer{}, wire.Failure("no rule at position " + decimal(i))
	}
	row := f.row(i)
	row["pos"] = decimal(i)
	return wire.Answer{Data: row}, nil
}

// postRule puts a rule before all others, whatever place was asked for, and leaves it off unless told otherwise.
func postRule(f *firewall, call *wire.Call) (wire.Answer, *wire.Error) {
	rule := map[string]string{"enable": "0"}
	for _, name := range call.Given() {
		if name != "digest" && name != "pos" {
			rule[name] = call.Get(name)
		}
	}
	for _, port := range []string{"dport", "sport"} {
		if rule[port] != "" && rule["proto"] == "" && rule["macro"] == "" {
			return wire.Answer{}, wire.Invalid("proto", "missing property - '"+port+"' requires this property")
		}
	}
	if actions := []string{"ACCEPT", "DROP", "REJECT"}; rule["type"] != "group" && !slices.Contains(actions, rule["action"]) {
		return wire.Answer{}, wire.Invalid("action", "unknown action '"+rule["action"]+"'")
	}
	f.rules = slices.Insert(f.rules, 0, rule)
	return wire.Answer{}, nil
}

func deleteRule(f *firewall, call *wire.Call) (wire.Answer, *wire.Error) {
	if failure := f.changed(call); failure != nil {
		return wire.Answer{}, failure
	}
	i := int(call.Int("pos", 0))
	if i >= len(f.rules) {
		return wire.Answer{}, wire.Failure("no rule at position " + decimal(i))
	}
	f.rules = slices.Delete(f.rules, i, i+1)
	return wire.Answer{}, nil
}

func getOptions(f *firewall, _ *wire.Call) (wire.Answer, *wire.Error) {
	data := object{"digest": f.digest()}
	for name, value := range f.options {
		data[name] = number(value)
	}
	return wire.Answer{Data: data}, nil
}

func putOptions(f *firewall, call *wire.Call) (wire.Answer, *wire.Error) {
	if failure := f.changed(call); failure != nil {
		return wire.Answer{}, failure
	}
	for _, name := range splitList(call.Get("delete")) {
		delete(f.options, name)
	}
	given := map[string]string{}
	for _, p := range call.Endpoint.Params {
		if value := call.Get(p.Name); call.Has(p.Name) && !slices.Contains([]string{"digest", "delete", "vmid"}, p.Name) {
			if p.Kind == wire.Boolean {
				value = flagText(value)
			}
			given[p.Name] = value
		}
	}
	maps.Copy(f.options, given)
	return wire.Answer{}, nil
}
