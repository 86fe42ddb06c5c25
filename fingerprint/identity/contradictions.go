package identity

import (
	"fmt"
	"slices"
)

// A contradiction is what cannot be true of one server: its sentence says what of a server that tells the truth would be
// otherwise. What is a known lie is none.
type contradiction struct {
	example string // as a rule's
	sees    func(*traits) string
}

// claimsWindows tells whether the server calls itself a Windows that exists.
func claimsWindows(t *traits) bool {
	v, ok := windowsVersion(t)
	return ok && isKnownBuild(v)
}

func contradictions() []contradiction {
	claim := func(sentence string, fact func(*traits) bool) func(*traits) string {
		return func(t *traits) string {
			if !claimsWindows(t) || !fact(t) {
				return ""
			}
			v := t.version()
			return fmt.Sprintf("it calls itself Windows %d.%d build %d, but %s", v.Major, v.Minor, v.Build, sentence)
		}
	}
	return []contradiction{
		{
			example: `{"server_guid":"00736162-0000-0000-0000-000000000000","server_guid_text":"bas","ntlm":{"challenge":"yes","version":{"major":10,"minor":0,"build":20348,"revision":15}}}`,
			sees:    claim("its GUID is a host name, as Samba makes it", func(t *traits) bool { return t.guid == guidName }),
		},
		{
			example: `{"server_guid":"41414141-4141-4141-4141-414141414141","ntlm":{"challenge":"yes","version":{"major":10,"minor":0,"build":20348,"revision":15}}}`,
			sees:    claim("its GUID is sixteen printable bytes", func(t *traits) bool { return t.guid == guidPrintable }),
		},
		{
			example: `{"smb1":{"native_os":"Unix","native_lan_manager":"Samba 4.9.5"},"ntlm":{"challenge":"yes","version":{"major":10,"minor":0,"build":17763,"revision":15}}}`,
			sees: claim("its LAN manager is Samba", func(t *traits) bool {
				_, ok := sambaManager(t)
				return ok
			}),
		},
		{
			example: `{"negotiated":[{"dialect":"2.1","transport":0}],"ntlm":{"challenge":"yes","version":{"major":6,"minor":3,"build":9600,"revision":15}},"spnego":{"form":"NegTokenInit2","mechanisms":[{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`,
			sees:    claim("it does not list NEGOEX, as that one does", lacksNEGOEX),
		},
		{
			example: `{"negotiated":[{"dialect":"3.1.1","transport":0}],"ntlm":{"challenge":"yes","version":{"major":6,"minor":3,"build":9600,"revision":15}}}`,
			sees:    claim("it takes a dialect that is newer", outdoesVersion),
		},
		{
			example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"3.1.1","transport":0}],"server_start_time":"2026-01-01T00:00:00Z","system_time":"2026-11-24T00:00:00Z","system_time_source":"smb2","ntlm":{"challenge":"yes","version":{"major":10,"minor":0,"build":20348,"revision":15}}}`,
			sees: claim("it tells when it started, which Windows has not done since 1709", func(t *traits) bool {
				return t.start() == startSet && int(t.version().Build) >= buildNoStartTime
			}),
		},
		{
			example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"2.1","transport":0}],"server_start_time":"2026-11-24T00:00:00Z","system_time":"2026-11-24T00:00:00Z","system_time_source":"smb2","ntlm":{"challenge":"yes","version":{"major":6,"minor":3,"build":9600,"revision":15}}}`,
			sees:    claim("it says that it started the very moment it was asked", func(t *traits) bool { return t.start() == startNow }),
		},
		{
			example: `{"smb1":{"native_os":"Windows 7 Ultimate 7601 Service Pack 1","native_lan_manager":"Windows 7 Ultimate 6.1"},"ntlm":{"challenge":"yes","version":{"major":10,"minor":0,"build":17763,"revision":15}}}`,
			sees:    claim("its native OS names another one", namesTwoBuilds),
		},
		{
			example: `{"ntlm":{"challenge":"yes","server_challenge":"1122334455667788"}}`,
			sees: func(t *traits) string {
				if !t.challenged() || !slices.Contains(constantChallenges(), t.report.NTLM.ServerChallenge) {
					return ""
				}
				return "its NTLM challenge " + t.report.NTLM.ServerChallenge + " is a constant of programs that record or relay logons"
			},
		},
	}
}

// constantChallenges are those of Responder and of other programs that wait for logons, which can look the answers up in
// tables made for them, and of servers that draw none.
func constantChallenges() []string {
	return []string{"1122334455667788", "0000000000000000", "4141414141414141"}
}

// contradict lists what cannot be true of one server.
func contradict(t *traits) []string {
	var list []string
	for _, c := range contradictions() {
		if sentence := c.sees(t); sentence != "" {
			list = append(list, sentence)
		}
	}
	return list
}
