package server

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/collector/snapshot"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/optional"
	"github.com/pve-backup-exporter/pve-backup-exporter/vzdump"
)

// text shows a page as a reader sees it: without tags, spaces joined.
func text(page string) string {
	page = regexp.MustCompile(`</?(span|time)[^>]*>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(page), " ")
}

func TestPageSaysInWordsWhatIsWrong(t *testing.T) {
	exporter := newFake(t, oneCluster)
	exporter.Publish(cluster("home", 3))
	got := ask(newServer(t, exporter, nil), "GET", "/").Body.String()
	for _, want := range []string{
		"version 1.2.3, as of 21 Sep 2026 14:13:20 UTC",
		"1 critical critical VM 100 &#39;guest-0&#39; (prod): the last backup to nas failed 21 h ago",
		"free space on the backup storage",
		"Guests 3 Covered 3 Uncovered 0 Exempt 0 Last one failed 1 Overdue 0 Running now 0",
		"Cluster home answers, 2 of 2 nodes online, 3 guests",
		"inventory read 20 s ago 60 s 125ms",
		"tasks 2 of 2 read 30 s ago 60 s",
		"nas nfs, shared active on 2 of 2 1.0 TiB of 4.0 TiB (25 %) 21 archives 2 archives, 5.0 GiB",
		"nightly 01:00 nas 3 guests in 2 h 22 h ago, failed, took 5 min 7 daily",
		"old sat 03:00 nas 0 guests disabled",
	} {
		if !strings.Contains(text(got), want) {
			t.Errorf("the page lacks %q:\n%s", want, text(got))
		}
	}
	if !strings.Contains(got, "<title>1 critical - pve-backup-exporter</title>") {
		t.Error("the title does not tell of the problem")
	}
	for _, link := range []string{`href="/metrics"`, `href="/-/healthy"`, `href="/-/ready"`} {
		if !strings.Contains(got, link) {
			t.Errorf("no %s", link)
		}
	}
}

func TestPageWhenNothingIsWrongOrKnown(t *testing.T) {
	exporter := newFake(t, oneCluster)
	server := newServer(t, exporter, nil)
	if got := text(ask(server, "GET", "/").Body.String()); !strings.Contains(got, "Cluster home is being read for the first time.") || strings.Contains(got, "Nothing:") {
		t.Errorf("before the first refresh: %s", got)
	}
	exporter.Publish(cluster("home", 0))
	if got := text(ask(server, "GET", "/").Body.String()); !strings.Contains(got, "What is wrong now Nothing: what should be backed up is backed up") {
		t.Errorf("all is well: %s", got)
	}
}

func TestPageNamesTheClusterWhereThereAreSeveral(t *testing.T) {
	exporter := newFake(t, twoClusters)
	exporter.Publish(cluster("home", 1))
	exporter.Publish(cluster("office", 1))
	got := text(ask(newServer(t, exporter, nil), "GET", "/").Body.String())
	for _, want := range []string{"critical home: VM 100", "critical office: VM 100", "2 critical"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
}

// Whoever may name a guest must not be able to write on the page.
func TestPageEscapesHostileNames(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>'&` + "\n\x00\u202e\xff"
	hostile := cluster("home", 2)
	hostile.Guests[0].Name, hostile.Guests[0].Environment = evil, evil
	hostile.Guests[1].Name, hostile.Guests[1].Lock = strings.Repeat("long", 2500), evil
	hostile.Nodes[0].Name, hostile.Nodes[0].UnattributedFailure = evil, true
	hostile.Sources[1].Up, hostile.Sources[1].Problem, hostile.Sources[1].Node = false, evil, evil
	hostile.Storages[0].ID, hostile.Storages[0].Type = evil, evil
	hostile.Storages[0].Usage[0] = snapshot.StorageUsage{Node: evil, Size: 100, Used: 97}
	hostile.Jobs[0].ID, hostile.Jobs[0].Schedule, hostile.Jobs[0].Storage, hostile.Jobs[0].MissingGuests = evil, evil, evil, 1
	hostile.Jobs[0].Retention[0].Keep = evil
	hostile.MissingPermissions = []snapshot.Permission{{Path: evil, Privilege: "Sys.Audit"}}
	hostile.Endpoints = []snapshot.Endpoint{{Address: evil, Up: optional.Some(false)}}
	exporter := newFake(t, oneCluster)
	exporter.Publish(hostile)
	got := ask(newServer(t, exporter, nil), "GET", "/").Body.String()
	for _, bad := range []string{"<script", "<img", "\x00", "\u202e", "\xff", strings.Repeat("long", 100)} {
		if strings.Contains(got, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	if !strings.Contains(got, "&lt;script&gt;") {
		t.Error("the names are not on the page at all")
	}
}

// The policy allows one style, and nothing that a browser would run or fetch.
func TestPageKeepsToItsPolicy(t *testing.T) {
	exporter := newFake(t, oneCluster)
	exporter.Publish(cluster("home", 2))
	reply := ask(newServer(t, exporter, nil), "GET", "/")
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(reply.Body.String())
	if style == nil || !strings.Contains(reply.Header().Get("Content-Security-Policy"), "style-src '"+hashSource(style[1])+"'") {
		t.Errorf("the style on the page is not that of the policy %q", reply.Header().Get("Content-Security-Policy"))
	}
	if found := regexp.MustCompile(`(?i)<(script|link|img|iframe|form|object)|\s(style|on\w+|src)=`).FindString(reply.Body.String()); found != "" {
		t.Errorf("the page contains %q", found)
	}
}

func TestPageOfALargeClusterStaysReadable(t *testing.T) {
	large := cluster("home", 5000)
	for i := range large.Targets {
		reason := vzdump.ReasonStorageFull // one line for all
		if i%2 == 0 {
			reason = vzdump.ReasonQMPTimeout // a line for each
		}
		large.Targets[i].LastAttemptFailed, large.Targets[i].FailureReason = true, reason
	}
	exporter := newFake(t, oneCluster)
	exporter.Publish(large)
	got := ask(newServer(t, exporter, nil), "GET", "/").Body.String()
	for _, want := range []string{"2501 critical", "and 2401 more: the metrics have them all.", "and 2400 more", "Last one failed 5000"} {
		if !strings.Contains(text(got), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if len(got) > 200<<10 {
		t.Errorf("the page has %d bytes", len(got))
	}
}
