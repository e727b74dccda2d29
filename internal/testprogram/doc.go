// Package testprogram lets tests run real programs: the servers and tools that users have beside this product, and the product's own binary.
//
// The programs are pinned in modules below tools/, each with its own go.mod that lists them as tools, and `make tools` builds them into
// bin/tools. Tests do not build them, since that takes minutes: where one is missing, a test skips and says so. To add a server, make a
// module tools/NAME with a tool directive and add its name to TOOLS in the Makefile; [Path] finds it by the name of its command.
//
// Only tests import this package: the product starts no other program.
package testprogram
