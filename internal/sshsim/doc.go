// Package sshsim is a Linux system for tests, as far as setting a server up over SSH sees one: an SSH server, and a folder in the place of the root,
// with programs in the place of those that would change the machine that runs the tests (systemctl, useradd, chown and the like).
//
// The SSH server is one in this process, or a real sshd. Commands are really run, by the shell. It is no sandbox: scripts must put the folder before
// every path, which is what the tests see to.
package sshsim
