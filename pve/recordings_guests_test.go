package pve

import (
	"context"
	"strings"
	"testing"
)

// recordedGuestReads are the readings around guests that come and go.
func recordedGuestReads() []playback {
	ctx := context.Background()
	status := func(kind string, vmid int) func(*Client) (any, error) {
		return func(c *Client) (any, error) { return c.GuestStatus(ctx, "pve1", kind, vmid) }
	}
	config := func(volume string) func(*Client) (any, error) {
		return func(c *Client) (any, error) { return c.ExtractConfig(ctx, "pve1", volume) }
	}
	const archive = "backup1:backup/vzdump-lxc-101-2026_11_23-00_34_06.tar.zst"
	const missing = "backup1:backup/vzdump-lxc-101-2001_01_01-00_00_00.tar.zst"
	return []playback{
		{name: "0325", call: status("lxc", 150), check: equals(GuestStatus{State: "stopped", Name: "new1", MaxMemory: 536870912})},
		{name: "0326", call: status("lxc", 100), check: equals(GuestStatus{Running: true, State: "running", Uptime: 1183, Name: "web1", MaxMemory: 134217728})},
		{name: "0352", call: status("qemu", 201), check: equals(GuestStatus{State: "stopped", Name: "nodisk", MaxMemory: 67108864})},
		{name: "0356", call: status("qemu", 200), check: equals(GuestStatus{Running: true, State: "running", Uptime: 2, Name: "win1", Agent: true, MaxMemory: 134217728})},
		{name: "0353", call: status("qemu", 777), check: func(t *testing.T, got any) {
			if err, _ := got.(error); !IsNotFound(err) {
				t.Errorf("a guest that is not there: %v", got)
			}
		}},
		{name: "0331", call: func(c *Client) (any, error) { return c.ContainerInterfaces(ctx, "pve1", 150) }, check: equals([]Interface(nil))},
		{name: "0249", call: config(archive), check: func(t *testing.T, got any) {
			if text, _ := got.(string); !strings.HasPrefix(text, "arch: amd64\nhostname: db1\n") {
				t.Errorf("configuration %q", got)
			}
		}},
		{name: "0250", call: config(archive), check: refusal(403, "Permission check failed (/storage/backup1, Datastore.AllocateSpace)")},
		{name: "0251", call: config(missing), check: func(t *testing.T, got any) {
			if err, _ := got.(error); !IsNotFound(err) {
				t.Errorf("an archive that is not there: %v", got)
			}
		}},
		{name: "0048", call: func(c *Client) (any, error) { return c.NodeStatus(ctx, "pve1") }, check: equals(NodeStatus{
			MemoryTotal: 25276502016, MemoryUsed: 2177069056, MemoryFree: 23099432960, Uptime: 1917, CPUs: 2, Version: "pve-manager/9.2.11/14a22df35955d97d",
		})},
		{name: "0466", call: func(c *Client) (any, error) { return c.Templates(ctx, "pve1", "local") }, check: equals([]Template{
			{VolumeID: "local:vztmpl/debian-12-tiny_12.5-1_amd64.tar.zst", Format: "tzst", Size: 4129365, Created: 1795394704},
		})},
		{name: "0332", call: func(c *Client) (any, error) { return c.FirewallOptions(ctx, GuestFirewall("pve1", "lxc", 150)) }, check: func(t *testing.T, got any) {
			o, _ := got.(FirewallOptions)
			if o.Enabled(false) || !o.Enabled(true) || len(o.Values) != 0 || o.Digest != "da39a3ee5e6b4b0d3255bfef95601890afd80709" {
				t.Errorf("options of an empty firewall: %+v", o)
			}
		}},
		{name: "0340", call: func(c *Client) (any, error) { return c.FirewallOptions(ctx, ClusterFirewall()) }, check: equals(FirewallOptions{
			Values: map[string]string{}, Digest: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
		})},
		{name: "0336", call: func(c *Client) (any, error) { return c.FirewallRules(ctx, GuestFirewall("pve1", "lxc", 150)) }, check: equals([]FirewallRule{{
			Digest: "b9856f3c7fd5356c5f977a03ade0762c66f11114", Type: "in", Action: "ACCEPT", Enabled: true, Comment: "exporter",
			Source: "192.0.2.0/24", Proto: "tcp", DestPort: "9100",
		}})},
	}
}
