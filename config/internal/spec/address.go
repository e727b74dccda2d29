package spec

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// apiPort is where a Proxmox VE node serves its API.
const apiPort = "8006"

// parseClusterAddress returns https://host:port. A token must not cross a network in clear, so plain http is taken to the own machine only.
func parseClusterAddress(text string) (string, error) {
	address, err := parseAddress(text, "https://pve1:8006")
	if err != nil {
		return "", err
	}
	if address.Scheme == "http" && !loopback(address.Hostname()) {
		return "", ui.Hint(fmt.Errorf("`%s` would send the token unencrypted", text), "write https://%s; Proxmox VE serves nothing else", address.Host)
	}
	if address.Port() == "" {
		address.Host = net.JoinHostPort(address.Hostname(), apiPort)
	}
	return address.String(), nil
}

func parseStoreAddress(text string) (string, error) {
	address, err := parseAddress(text, "https://minio.example:9000")
	if err != nil {
		return "", err
	}
	return address.String(), nil
}

func parseAddress(text, example string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		return nil, ui.Hint(fmt.Errorf("`%s` has no scheme", text), "write the whole address, such as %s", example)
	}
	address, err := url.Parse(text)
	if err != nil {
		return nil, ui.Hint(fmt.Errorf("`%s` is not an address", text), "write it such as %s", example)
	}
	port, portErr := strconv.Atoi(address.Port())
	switch {
	case address.Scheme != "https" && address.Scheme != "http":
		return nil, ui.Hint(fmt.Errorf("`%s` has the scheme %s", text, address.Scheme), "write it such as %s", example)
	case address.User != nil:
		return nil, ui.Hint(fmt.Errorf("the address contains credentials"), "write the address alone, such as %s; secrets go into files", example)
	case address.Hostname() == "":
		return nil, ui.Hint(fmt.Errorf("`%s` has no host", text), "write it such as %s", example)
	case address.Port() != "" && (portErr != nil || port < 1 || port > 65535):
		return nil, ui.Hint(fmt.Errorf("`%s` has the port %s", text, address.Port()), "ports go from 1 to 65535")
	case strings.Trim(address.Path, "/") != "" || address.RawQuery != "" || address.Fragment != "":
		return nil, ui.Hint(fmt.Errorf("`%s` has more than scheme, host and port", text), "write `%s://%s`", address.Scheme, address.Host)
	}
	return &url.URL{Scheme: address.Scheme, Host: address.Host}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
