package problems

import (
	"net/url"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/words"
)

const hintCheck = "`pve-backup-exporter check` finds the cause and says how to mend it"

// few is how many names a line has; the others are in the details.
const few = 3

// cluster tells that the API does not answer. The facts that are shown then are the last known ones.
func (x *examination) cluster() {
	if x.Up {
		return
	}
	inventory, known := x.source(snapshot.SourceResources)
	as := "nothing is known of it yet"
	if last, ok := inventory.LastSuccess.Get(); ok {
		as = "what is shown is as of " + words.When(last, x.now)
	}
	name := "Cluster " + words.Name(x.Name)
	switch {
	case x.Restored && !inventory.Duration.Known():
		x.add(Problem{Severity: Info, Kind: ClusterNotRead, Text: name + " was not read since the start; " + as})
	case known && inventory.Problem != "":
		x.add(Problem{Severity: Critical, Kind: ClusterDown, Text: name + " does not answer, " + as + ": " + inventory.Problem, Hint: hintCheck})
	default:
		x.add(Problem{Severity: Critical, Kind: ClusterDown, Text: name + " does not answer; " + as, Hint: hintCheck})
	}
}

// source returns a source that is one for the whole cluster.
func (x *examination) source(kind snapshot.SourceKind) (snapshot.Source, bool) {
	for _, source := range x.Sources {
		if source.Kind == kind && source.Node == "" && source.Storage == "" {
			return source, true
		}
	}
	return snapshot.Source{}, false
}

// permissions gives one line, since one wrong token or role is the cause of all.
func (x *examination) permissions() {
	if len(x.MissingPermissions) == 0 {
		return
	}
	var missing []string
	for _, each := range x.MissingPermissions {
		missing = append(missing, each.Privilege+" on "+words.Name(each.Path))
	}
	p := Problem{
		Severity: Warning, Kind: PermissionMissing,
		Text: "The token of cluster " + words.Name(x.Name) + " lacks " + words.Count(len(missing), "privilege", "privileges") + ": " + words.List(missing, few),
		Hint: "`pve-backup-exporter check` prints the pveum commands to paste",
	}
	if len(missing) > few {
		p.Details = missing
	}
	x.add(p)
}

// lacks reports whether a missing privilege explains what is wrong with a storage.
func (x *examination) lacks(storage string) bool {
	for _, each := range x.MissingPermissions {
		if each.Path == "/storage/"+storage {
			return true
		}
	}
	return false
}

// endpoints tells of addresses that are down while the cluster answers at another one.
func (x *examination) endpoints() {
	if !x.Up {
		return
	}
	var down []string
	for _, endpoint := range x.Endpoints {
		if !endpoint.Up.Or(true) && !x.atOffline(endpoint.Address) {
			down = append(down, words.Name(endpoint.Address))
		}
	}
	if len(down) > 0 {
		x.add(Problem{
			Severity: Info, Kind: EndpointDown,
			Text: words.Count(len(down), "address", "addresses") + " of cluster " + words.Name(x.Name) + " did not answer, another one is used: " + words.List(down, few),
			Hint: "look there with `systemctl status pveproxy`, or take the address out of the declared file",
		})
	}
}

// atOffline reports whether an address is that of an offline node, as far as names tell.
func (x *examination) atOffline(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil {
		return false
	}
	host, _, _ := strings.Cut(parsed.Hostname(), ".")
	return x.offline[host]
}
