// Package finding turns a report into what the owner of the server may want to mend. [Of] is a pure function of the
// report: it asks nothing, has no clock, and never rests on an answer that is unknown. [Rules] lists all findings.
//
// # Severities
//
// A severity tells how urgent a finding is where the server stands among others whom its owner does not trust:
//
//   - critical: open now, to anybody who can reach the server. Only what a weakness check has proved.
//   - high: opens a way in. Seen on the wire, or a system that gets no updates; [SMBGhost] is the one inference that is
//     high, because both of the builds that had it are without updates since 2022.
//   - medium: helps an attacker who is inside already, or is only possibly there.
//   - low: weakens a defence, or is only possibly there and needs a setting that cannot be seen.
//   - info: good to know; there may be nothing to mend.
//
// # What is inferred
//
// Nobody sees the patch level of a server without an account. A finding that follows from a build or a version therefore
// says "possible" in its title and in its text what cannot be seen. Of Windows there are such findings only where a
// build was read, and only for builds that stand for few releases: build 19041, which every Windows 10 from 2004 to 22H2
// sends, raises nothing about weaknesses of 2020. Of Samba there are such findings only where the server sent its
// version. Distributions mend without a new version number; where the version carries a distributor's suffix, such as
// -Debian or -114.el6, the severity is low.
//
// # Evidence
//
// The evidence of a finding is a list of JSON Pointers (RFC 6901) into the report. Those of answers are the keys under
// which the report's own evidence has the probes.
//
// [SMBGhost]: https://nvd.nist.gov/vuln/detail/CVE-2020-0796
package finding
