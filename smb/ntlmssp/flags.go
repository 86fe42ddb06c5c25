package ntlmssp

import "github.com/smbscope/smbscope/smb/wire"

// Flags are the NegotiateFlags of all three messages as described in [MS-NLMP] 2.2.2.5.
type Flags uint32

// The flags of [MS-NLMP] 2.2.2.5, from A to W. The names of the tokens are the specification's.
const (
	FlagNegotiateUnicode                 Flags = 0x00000001
	FlagNegotiateOEM                     Flags = 0x00000002
	FlagRequestTarget                    Flags = 0x00000004
	FlagNegotiateSign                    Flags = 0x00000010
	FlagNegotiateSeal                    Flags = 0x00000020
	FlagNegotiateDatagram                Flags = 0x00000040
	FlagNegotiateLMKey                   Flags = 0x00000080
	FlagNegotiateNTLM                    Flags = 0x00000200
	FlagAnonymous                        Flags = 0x00000800 // the specification describes J and gives no token
	FlagNegotiateOEMDomainSupplied       Flags = 0x00001000
	FlagNegotiateOEMWorkstationSupplied  Flags = 0x00002000
	FlagNegotiateAlwaysSign              Flags = 0x00008000
	FlagTargetTypeDomain                 Flags = 0x00010000
	FlagTargetTypeServer                 Flags = 0x00020000
	FlagNegotiateExtendedSessionSecurity Flags = 0x00080000
	FlagNegotiateIdentify                Flags = 0x00100000
	FlagRequestNonNTSessionKey           Flags = 0x00400000
	FlagNegotiateTargetInfo              Flags = 0x00800000
	FlagNegotiateVersion                 Flags = 0x02000000
	FlagNegotiate128                     Flags = 0x20000000
	FlagNegotiateKeyExch                 Flags = 0x40000000
	FlagNegotiate56                      Flags = 0x80000000
)

// flagNames returns the tokens in the order of their bits. A function, so that no package variable can change.
func flagNames() []wire.FlagName {
	return []wire.FlagName{
		{Bit: uint64(FlagNegotiateUnicode), Token: "NTLMSSP_NEGOTIATE_UNICODE"},
		{Bit: uint64(FlagNegotiateOEM), Token: "NTLM_NEGOTIATE_OEM"},
		{Bit: uint64(FlagRequestTarget), Token: "NTLMSSP_REQUEST_TARGET"},
		{Bit: uint64(FlagNegotiateSign), Token: "NTLMSSP_NEGOTIATE_SIGN"},
		{Bit: uint64(FlagNegotiateSeal), Token: "NTLMSSP_NEGOTIATE_SEAL"},
		{Bit: uint64(FlagNegotiateDatagram), Token: "NTLMSSP_NEGOTIATE_DATAGRAM"},
		{Bit: uint64(FlagNegotiateLMKey), Token: "NTLMSSP_NEGOTIATE_LM_KEY"},
		{Bit: uint64(FlagNegotiateNTLM), Token: "NTLMSSP_NEGOTIATE_NTLM"},
		{Bit: uint64(FlagAnonymous), Token: "NTLMSSP_ANONYMOUS"},
		{Bit: uint64(FlagNegotiateOEMDomainSupplied), Token: "NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED"},
		{Bit: uint64(FlagNegotiateOEMWorkstationSupplied), Token: "NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED"},
		{Bit: uint64(FlagNegotiateAlwaysSign), Token: "NTLMSSP_NEGOTIATE_ALWAYS_SIGN"},
		{Bit: uint64(FlagTargetTypeDomain), Token: "NTLMSSP_TARGET_TYPE_DOMAIN"},
		{Bit: uint64(FlagTargetTypeServer), Token: "NTLMSSP_TARGET_TYPE_SERVER"},
		{Bit: uint64(FlagNegotiateExtendedSessionSecurity), Token: "NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY"},
		{Bit: uint64(FlagNegotiateIdentify), Token: "NTLMSSP_NEGOTIATE_IDENTIFY"},
		{Bit: uint64(FlagRequestNonNTSessionKey), Token: "NTLMSSP_REQUEST_NON_NT_SESSION_KEY"},
		{Bit: uint64(FlagNegotiateTargetInfo), Token: "NTLMSSP_NEGOTIATE_TARGET_INFO"},
		{Bit: uint64(FlagNegotiateVersion), Token: "NTLMSSP_NEGOTIATE_VERSION"},
		{Bit: uint64(FlagNegotiate128), Token: "NTLMSSP_NEGOTIATE_128"},
		{Bit: uint64(FlagNegotiateKeyExch), Token: "NTLMSSP_NEGOTIATE_KEY_EXCH"},
		{Bit: uint64(FlagNegotiate56), Token: "NTLMSSP_NEGOTIATE_56"},
	}
}

// String prints the tokens as "A|B|0x40".
func (f Flags) String() string { return wire.FlagString(uint64(f), flagNames()) }

// Tokens returns the token of each bit that is set, in ascending order, and after them the unknown bits in hex.
func (f Flags) Tokens() []string { return wire.FlagTokens(uint64(f), flagNames()) }

// Has tells whether all of the given bits are set.
func (f Flags) Has(bits Flags) bool { return f&bits == bits }

// Text decodes the text of a challenge or an authenticate message that carries these flags: UTF-16 with
// NTLMSSP_NEGOTIATE_UNICODE, which wins where both are set ([MS-NLMP] 2.2.2.5), and the OEM code page without. The
// values of AV pairs are UTF-16 always: AVPair.Text decodes them.
func (f Flags) Text(raw []byte) string {
	if f.Has(FlagNegotiateUnicode) {
		return wire.DecodeUTF16(raw)
	}
	return wire.DecodeOEM(raw)
}
