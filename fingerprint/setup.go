package fingerprint

import (
	"fmt"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// clientName is what we call ourselves where SMB1 asks for an operating system and a LAN manager.
const clientName = "smbscope"

// ntlmNegotiate returns a security blob with an NTLM negotiate message, without any name.
func ntlmNegotiate() ([]byte, error) {
	message, err := ntlmssp.DefaultNegotiate().AppendBinary(nil)
	if err != nil {
		return nil, fmt.Errorf("the NTLM negotiate message: %w", err)
	}
	return spnego.NegTokenInit{MechTypes: []spnego.OID{spnego.OIDNTLMSSP}, MechToken: message}.AppendBinary(nil)
}

// setupSMB2 builds the session setup that follows a negotiate response ([MS-SMB2] 3.2.4.2.3).
func setupSMB2(answer negotiate.SMB2Response) ([]byte, error) {
	blob, err := ntlmNegotiate()
	if err != nil {
		return nil, err
	}
	r := smb.SMB2SessionSetupRequest{
		Header: smb.SMB2Header{
			Command: smb.SMB2SessionSetup, Credits: 1, MessageID: answer.Header.MessageID + 1, Reserved: negotiate.ProcessID,
		},
		SecurityMode: smb.SigningEnabled, Capabilities: smb.CapDFS, SecurityBuffer: blob,
	}
	if answer.Dialect > smb.DialectSMB202 {
		r.Header.CreditCharge = 1
	}
	return r.AppendBinary(nil)
}

// setupSMB1 builds the session setup that follows a negotiate response with extended security ([MS-SMB] 3.2.4.2.4).
// VcNumber 0 would ask the server to drop the client's other connections, so it is 1.
func setupSMB1(answer negotiate.SMB1Response) ([]byte, error) {
	blob, err := ntlmNegotiate()
	if err != nil {
		return nil, err
	}
	const capabilities = smb.SMB1CapUnicode | smb.SMB1CapNTSMBs | smb.SMB1CapStatus32 | smb.SMB1CapExtendedSecurity
	r := smb.SMB1SessionSetupRequest{
		Header: smb.SMB1Header{
			Command: smb.SMB1SessionSetupAndX, Flags: negotiate.SMB1Flags,
			Flags2: negotiate.SMB1Flags2 | smb.SMB1Flags2ExtendedSecurity,
			TID:    0xFFFF, PIDLow: negotiate.ProcessID, MID: answer.Header.MID + 1,
		},
		WordCount: smb.SetupWordsExtended, AndXCommand: smb.SMB1NoFurtherCommand,
		MaxBufferSize: 0xFFFF, MaxMpxCount: 2, VcNumber: 1,
		SessionKey: answer.SessionKey, Capabilities: capabilities & answer.Capabilities, SecurityBlob: blob,
	}
	if answer.Capabilities&smb.SMB1CapUnicode == 0 {
		r.Header.Flags2 &^= smb.SMB1Flags2Unicode
	}
	if answer.Capabilities&smb.SMB1CapStatus32 == 0 {
		r.Header.Flags2 &^= smb.SMB1Flags2NTStatus
	}
	r.NativeOS, r.NativeLanMan = r.Header.Encode(clientName), r.Header.Encode(clientName)
	return r.AppendBinary(nil)
}
