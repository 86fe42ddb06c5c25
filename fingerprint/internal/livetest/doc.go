// Package livetest tests the scanner against real servers that it starts itself on loopback addresses. It has nothing
// to import: all of it is tests and what they need.
//
// The tests run only with SMBSCOPE_LIVE=1 in the environment, and then a missing server, tool or privilege is a
// failure. Without it one test is skipped in place of all. What they need is Linux, root, Samba with its clients,
// impacket's example programs and iproute2; .ci/run installs them on Debian. go test cannot know that a server was
// installed, removed or changed, so run them with -count=1.
//
// Every server has an address of its own in 127.0.17.0/24 (Samba) or 127.0.90.0/24 (everything else), its own folder,
// and a mount and pid namespace that ends with the test. No traffic leaves the machine.
//
// To add a setup of Samba: 1. a row in setups_test.go; 2. the row's answers in the tests that go over all setups,
// which fail until they are there.
package livetest
