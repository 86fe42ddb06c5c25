// Package livetest tests the scanner against real servers that it starts itself on loopback addresses. It has nothing
// to import: all of it is tests and what they need.
//
// The tests run only with SMBSCOPE_LIVE=1 in the environment, and then a missing server, tool or privilege is a
// failure. Without it one test is skipped in place of all. What they need is Linux, root, Samba with its clients,
// impacket's example programs, nmap, tcpdump, tshark, iproute2 and the servers of other protocols in
// foreign_servers_test.go; .ci/run installs them on Debian. go test cannot know that a server was installed, removed or
// changed, so run them with -count=1.
//
// Every server has an address of its own in 127.0.17.0/24 (Samba) or 127.0.90.0/24 (everything else), its own folder,
// a mount and pid namespace that ends with the test, and a host name of its own. No traffic leaves the machine.
//
// To add a setup of Samba: a row in truths, standard_test.go, with what smb.conf says about every answer. TestStandard
// compares, and TestRecord makes the fixtures in testdata/recorded from the same rows.
package livetest
