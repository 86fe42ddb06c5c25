package smbtest_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
	"github.com/smbscope/smbscope/testdata/truth"
)

// captured names the personalities of products in the captures; "*" stands for the role that the answer shows. Products of
// which nobody knows the release have none, nor has 1903: its one host lists the mechanisms of a member beside a token of
// NEGOEX, which belongs to none of the three roles. Server 2008 R2 is Windows 7 in SMB2, 1703 is 1607.
func captured(product string) string {
	return map[string]string{
		"Windows 7/Server 2008 R2 or later":                   "synthetic-windows-7-*",
		"Windows 7/Server 2008 R2 RTM":                        "synthetic-windows-7-*",
		"Windows 7 Ultimate 7600":                             "synthetic-windows-7-*",
		"Windows 7 Ultimate 7601 Service Pack 1":              "synthetic-windows-7-*",
		"Windows Server 2008 R2 Standard 7601 Service Pack 1": "synthetic-windows-7-*",
		"Windows 10 1607/Server 2016":                         "synthetic-windows-server-2016-*",
		"Windows Server 2016 Standard 14393":                  "synthetic-windows-server-2016-*",
		"Windows 10 1703":                                     "synthetic-windows-10-1607-*",
		"Windows 10 1809/Server 2019":                         "synthetic-windows-server-2019-*",
		"Windows 10 2004-22H2":                                "synthetic-windows-10-22h2-*",
		"Windows Server 2022":                                 "synthetic-windows-server-2022-*",
		"Windows XP":                                          "synthetic-windows-xp-*",
		"Windows Server 2003 R2 3790 Service Pack 2":          "synthetic-windows-server-2003-r2-workgroup",
		"macOS smbx":                                          "synthetic-macos",
	}[product]
}

// Where a capture of the genuine product exists, the personality answers the same requests with the same bytes, but for
// GUIDs, times, salts, challenges, names, and what is left of other messages in reserved fields.
func TestPersonalitiesAgainstCaptures(t *testing.T) {
	compared := map[string]int{}
	for _, s := range truth.Streams(t) {
		pattern := captured(s.Product)
		if pattern == "" {
			continue
		}
		d := s.Dialogue()
		theirs := answersOf(d.Frames)
		if len(theirs.smb2)+len(theirs.smb1) == 0 || !d.Frames[0].Sent {
			continue
		}
		p, ok := inRole(pattern, theirs)
		if !ok {
			continue
		}
		t.Run(fmt.Sprintf("line %d %s", s.Line, p.Name), func(t *testing.T) {
			got, _ := converse(t, p.Handle, asked(t, p, d)...)
			var replies []dialogue.Frame
			for _, m := range frames(t, got) {
				replies = append(replies, dialogue.Frame{Kind: dialogue.Message, Data: m})
			}
			ours := answersOf(replies)
			compared[p.Name]++
			require.GreaterOrEqual(t, len(ours.smb2), len(theirs.smb2))
			for i, r := range theirs.smb2 {
				compared[fmt.Sprintf("SMB2 %v", r.Dialect)]++
				require.Equal(t, plain(t, r), plain(t, ours.smb2[i]))
			}
			if len(theirs.smb1) > 0 && !strings.Contains(s.Product, "2008 R2") {
				compared["SMB1"]++
				require.NotEmpty(t, ours.smb1)
				require.Equal(t, plainSMB1(t, theirs.smb1[0]), plainSMB1(t, ours.smb1[0]))
			}
			if len(theirs.challenges) > 0 && len(ours.challenges) > 0 {
				compared["challenge"]++
				compareChallenges(t, theirs.challenges[0], ours.challenges[0])
				other := strings.Contains(p.Name, "-7-") || strings.Contains(p.Name, "-1607-") // 7600 and 15063 are among them
				if v := theirs.challenges[0].Version; v != nil && !other {
					require.Equal(t, *v, *ours.challenges[0].Version)
				}
			}
		})
	}
	t.Logf("compared %v", compared)
	for _, kind := range []string{
		"SMB1", "challenge", "SMB2 2.1", "SMB2 3.0", "SMB2 3.0.2", "SMB2 3.1.1", "SMB2 2.???", "synthetic-macos",
		"synthetic-windows-7-member", "synthetic-windows-server-2016-dc", "synthetic-windows-server-2019-dc",
		"synthetic-windows-server-2022-dc", "synthetic-windows-10-22h2-workgroup", "synthetic-windows-xp-workgroup",
		"synthetic-windows-xp-member",
	} {
		require.NotZero(t, compared[kind], kind)
	}
}

// capturedAnswers are the answers of one connection that can be compared.
type capturedAnswers struct {
	smb2       []negotiate.SMB2Response
	smb1       []negotiate.SMB1Response
	challenges []ntlmssp.Challenge
}

func answersOf(frames []dialogue.Frame) (a capturedAnswers) {
	for _, f := range frames {
		if f.Sent || f.Kind != dialogue.Message {
			continue
		}
		if r, err := negotiate.ParseSMB2Response(f.Data); err == nil {
			a.smb2 = append(a.smb2, r)
		} else if r, err := negotiate.ParseSMB1Response(f.Data); err == nil && r.WordCount == negotiate.AnswerWordsNT {
			a.smb1 = append(a.smb1, r)
		} else if i := bytes.Index(f.Data, []byte("NTLMSSP\x00\x02")); i >= 0 {
			if ch, err := ntlmssp.ParseChallenge(f.Data[i:]); err == nil {
				a.challenges = append(a.challenges, ch)
			}
		}
	}
	return a
}

// inRole returns the personality in the role that the answers show. There is no client that is a domain controller, but
// there are members where signing is required.
func inRole(pattern string, a capturedAnswers) (smbtest.Personality, bool) {
	blob, required := []byte(nil), false
	if len(a.smb2) > 0 {
		blob, required = a.smb2[0].SecurityBuffer, a.smb2[0].SecurityMode&smb.SigningRequired != 0
	} else {
		blob, required = a.smb1[0].SecurityBlob, a.smb1[0].SecurityMode&negotiate.SecuritySignaturesRequire != 0
	}
	token, _ := spnego.Parse(blob)
	_, hinted := token.Hint()
	role := smbtest.RoleWorkgroup
	switch {
	case hinted && required:
		role = smbtest.RoleDomainController
	case hinted:
		role = smbtest.RoleMember
	}
	if p, ok := smbtest.PersonalityOf(strings.Replace(pattern, "*", string(role), 1)); ok {
		return p, true
	}
	p, ok := smbtest.PersonalityOf(strings.Replace(pattern, "*", string(smbtest.RoleMember), 1))
	p.SigningRequired = required
	return p, ok
}

// asked returns the packets of the client up to its first NTLM message.
func asked(t *testing.T, p smbtest.Personality, d *dialogue.Dialogue) (packets [][]byte) {
	t.Helper()
	if d.Transport == dialogue.NetBIOSSession {
		packets = append(packets, sessionRequest(t, p.Computer))
	}
	for _, f := range d.Frames {
		if !f.Sent || f.Kind != dialogue.Message {
			continue
		}
		packets = append(packets, framed(t, f.Data))
		if bytes.Contains(f.Data, []byte("NTLMSSP\x00\x01")) {
			break
		}
	}
	return packets
}

// plain returns an answer without what no two servers have in common.
func plain(t *testing.T, r negotiate.SMB2Response) string {
	t.Helper()
	r.ServerGUID, r.SystemTime, r.Reserved2 = dtyp.GUID{}, 0, 0
	r.ServerStartTime = min(r.ServerStartTime, 1)
	r.SecurityBuffer = withoutRandom(r.SecurityBuffer)
	r.Contexts = slices.Clone(r.Contexts)
	for i, ctx := range r.Contexts {
		if p, err := negotiate.ParsePreauthIntegrity(ctx.Data); err == nil && ctx.Type == negotiate.ContextPreauthIntegrity {
			p.Salt = make([]byte, len(p.Salt))
			r.Contexts[i], err = p.Context()
			require.NoError(t, err)
		}
	}
	b, err := r.AppendBinary(nil)
	require.NoError(t, err)
	return fmt.Sprintf("%x", b)
}

// withoutRandom blanks what is random in the messages of NEGOEX: the conversation, and 32 bytes behind it in the first.
func withoutRandom(blob []byte) []byte {
	blob = bytes.Clone(blob)
	for at, size := 0, 16+32; ; size = 16 {
		i := bytes.Index(blob[at:], []byte("NEGOEXTS"))
		if i < 0 {
			return blob
		}
		at += i + 8
		clear(blob[min(len(blob), at+16):min(len(blob), at+16+size)])
	}
}

// plainSMB1 is plain for SMB1. Whether a list of mechanisms has a token of NEGOEX beside it was seen to differ between
// hosts of one release there, and where names begin depends on them.
func plainSMB1(t *testing.T, r negotiate.SMB1Response) string {
	t.Helper()
	r.ServerGUID, r.SystemTime, r.ServerTimeZone, r.DomainName, r.ServerName = dtyp.GUID{}, 0, 0, nil, nil
	r.Challenge = make([]byte, len(r.Challenge))
	if token, err := spnego.ParseNegTokenInit(r.SecurityBlob); err == nil && len(r.SecurityBlob) > 0 {
		r.SecurityBlob, err = spnego.NegTokenInit{MechTypes: token.MechTypes}.AppendBinary(nil)
		require.NoError(t, err)
	}
	token, err := spnego.ParseNegTokenInit2(r.SecurityBlob)
	if err == nil && token.NegHints != nil && bytes.Contains(r.SecurityBlob, []byte("$@")) {
		token.NegHints = &spnego.NegHints{HintName: []byte("host$@REALM")}
		r.SecurityBlob, err = token.AppendBinary(nil)
		require.NoError(t, err)
	}
	b, err := r.AppendBinary(nil)
	require.NoError(t, err)
	return fmt.Sprintf("%x", b)
}

func compareChallenges(t *testing.T, theirs, ours ntlmssp.Challenge) {
	t.Helper()
	require.Equal(t, theirs.Flags.String(), ours.Flags.String())
	require.Equal(t, theirs.HeaderSize, ours.HeaderSize)
	require.Equal(t, len(theirs.TargetName) > 0, len(ours.TargetName) > 0)
	ids := func(ch ntlmssp.Challenge) (list []ntlmssp.AVID) {
		for _, pair := range ch.AVPairs {
			if pair.ID != ntlmssp.AVFlags { // most hosts of Windows XP send it, others do not
				list = append(list, pair.ID)
			}
		}
		return list
	}
	require.Equal(t, ids(theirs), ids(ours))
	require.Equal(t, theirs.Version == nil, ours.Version == nil)
}
