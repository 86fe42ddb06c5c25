package identity

import (
	"slices"
	"strings"
)

// A lie is a value that names a system and is sent by others as well: it asserts nothing. Each has its example, as a
// rule's, and its source.
type lie struct {
	source  string
	example string
	version bool // it is about the NTLM version, which then is not that of Windows
	sees    func(*traits) string
}

func lies() []lie {
	return []lie{
		{
			source: sourceSamba + "; " + sourceLibsmb2, example: "samba-4.17.12-default", version: true,
			sees: when("NTLM version 6.1 build 0 is not Windows 7: Samba, libsmb2 and others send it", func(t *traits) bool {
				return t.isVersion(6, 1, 0)
			}),
		},
		{
			source: sourceMacCapture, version: true,
			example: `{"ntlm":{"challenge":"yes","version":{"major":6,"minor":1,"build":7600,"revision":15},"dns_domain":"local","av_pairs":[{"id":1},{"id":2},{"id":3},{"id":4},{"id":7}]}}`,
			sees: when("NTLM version 6.1 build 7600 is not Windows 7 here: macOS sends it", func(t *traits) bool {
				return t.isVersion(6, 1, 7600) && (t.mentions("APPLE-LKDC") || len(t.avOrder) > 0 && t.avOrder[0] == 1)
			}),
		},
		{
			source: sourceImpacket, example: "impacket-0.10.0-smb2", version: true,
			sees: when("NTLM version 255.255 build 65535 is no version: Impacket sends it", func(t *traits) bool {
				return t.isVersion(255, 255, 65535)
			}),
		},
		{
			source: sourceSMBLibrary, version: true,
			example: `{"transports":[{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"2.1","transport":0}],"ntlm":{"challenge":"yes","version":{"major":5,"minor":2,"build":3790,"revision":15}}}`,
			sees: when("NTLM version 5.2 build 3790 is not Windows Server 2003 where SMB2 is spoken: SMBLibrary sends it", func(t *traits) bool {
				return t.isVersion(5, 2, 3790) && t.best != ""
			}),
		},
		{
			source: sourceSamba, example: "samba-4.17.12-nt1",
			sees: when(`the native OS "Windows 6.1" is not Windows 7: Samba sends it since 4.2`, func(t *traits) bool {
				system, _ := t.native()
				return system == "Windows 6.1"
			}),
		},
	}
}

// liesOf lists the lies in sentences.
func liesOf(t *traits) []string {
	var list []string
	for _, l := range lies() {
		if sentence := l.sees(t); sentence != "" {
			list = append(list, sentence)
		}
	}
	return list
}

// liesAboutVersion tells whether the version in the NTLM challenge asserts nothing.
func liesAboutVersion(t *traits) bool {
	return slices.ContainsFunc(lies(), func(l lie) bool { return l.version && l.sees(t) != "" })
}

// versionBehind cuts what stands behind a beginning.
func versionBehind(text, beginning string) string {
	if version, ok := strings.CutPrefix(text, beginning); ok {
		return version
	}
	return ""
}
