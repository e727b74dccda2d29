// Package setup sets an object store's server up in a Linux system that it reaches by SSH: an account, the program, its environment file, a TLS
// certificate, a hardened systemd unit, and that it runs. Each step looks before it does anything, so that a run that broke off goes on where it
// was, and a second one changes nothing.
//
// It knows nothing of Proxmox VE, and nothing of what is in the store. The server is MinIO, or one that takes the same options and variables.
// Secrets go through the encrypted connection into files of mode 0600 and 0640, never into a command line.
package setup
