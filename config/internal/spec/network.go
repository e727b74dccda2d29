package spec

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

const (
	networkPattern          = `^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$`
	containerAddressPattern = `^(dhcp|[0-9.]+/[0-9]{1,2})$`
	ipAddressPattern        = `^[0-9A-Fa-f.:]+$`
)

// parseNetwork returns a network, or a single address as it is.
func parseNetwork(text string) (string, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return address.String(), nil
	}
	network, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return "", ui.Hint(fmt.Errorf("`%s` is not a network", text), "write it with the length of its prefix, such as 192.0.2.0/24, or a single address")
	case network.Masked() != network:
		return "", ui.Hint(fmt.Errorf("`%s` is an address within a network, not the network", text), "write %s for all of it, or %s for the address alone", network.Masked(), network.Addr())
	}
	return network.String(), nil
}

// parseContainerAddress returns an IPv4 address with the length of its network's prefix, or dhcp.
func parseContainerAddress(text string) (string, error) {
	if text == "dhcp" {
		return text, nil
	}
	address, err := netip.ParsePrefix(text)
	if err == nil && address.Addr().Is4() && address.Masked().Addr() != address.Addr() {
		return address.String(), nil
	}
	hint := "write it with the length of the network's prefix, such as 192.0.2.30/24, or `dhcp`"
	if single, err := netip.ParseAddr(text); err == nil && single.Is4() {
		hint = "add the length of the network's prefix, such as " + single.String() + "/24"
	}
	return "", ui.Hint(fmt.Errorf("`%s` is not the IPv4 address of a container with its network", text), "%s", hint)
}

func parseIPAddress(text string) (string, error) {
	address, err := netip.ParseAddr(text)
	if err != nil || strings.Contains(text, "%") {
		return "", ui.Hint(fmt.Errorf("`%s` is not an IP address", text), "write the address alone, such as 192.0.2.1")
	}
	return address.String(), nil
}
