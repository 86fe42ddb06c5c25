package samr

import "github.com/smbscope/smbscope/smb/wire"

// UserAccountControl tells what kind of account a user is, [MS-SAMR] 2.2.1.12. Its bits are not those of LDAP's attribute of
// that name.
type UserAccountControl uint32

// The bits that matter to readers, [MS-SAMR] 2.2.1.12.
const (
	UserAccountDisabled      UserAccountControl = 0x00000001
	UserPasswordNotRequired  UserAccountControl = 0x00000004
	UserNormalAccount        UserAccountControl = 0x00000010
	UserDontExpirePassword   UserAccountControl = 0x00000200
	UserAccountAutoLocked    UserAccountControl = 0x00000400
	UserDontRequirePreauth   UserAccountControl = 0x00010000
	UserWorkstationTrust     UserAccountControl = 0x00000080
	UserServerTrust          UserAccountControl = 0x00000100
	UserInterdomainTrust     UserAccountControl = 0x00000040
	UserTrustedForDelegation UserAccountControl = 0x00002000
)

var accountControlNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "USER_ACCOUNT_DISABLED"},
	{Bit: 0x00000002, Token: "USER_HOME_DIRECTORY_REQUIRED"},
	{Bit: 0x00000004, Token: "USER_PASSWORD_NOT_REQUIRED"},
	{Bit: 0x00000008, Token: "USER_TEMP_DUPLICATE_ACCOUNT"},
	{Bit: 0x00000010, Token: "USER_NORMAL_ACCOUNT"},
	{Bit: 0x00000020, Token: "USER_MNS_LOGON_ACCOUNT"},
	{Bit: 0x00000040, Token: "USER_INTERDOMAIN_TRUST_ACCOUNT"},
	{Bit: 0x00000080, Token: "USER_WORKSTATION_TRUST_ACCOUNT"},
	{Bit: 0x00000100, Token: "USER_SERVER_TRUST_ACCOUNT"},
	{Bit: 0x00000200, Token: "USER_DONT_EXPIRE_PASSWORD"},
	{Bit: 0x00000400, Token: "USER_ACCOUNT_AUTO_LOCKED"},
	{Bit: 0x00000800, Token: "USER_ENCRYPTED_TEXT_PASSWORD_ALLOWED"},
	{Bit: 0x00001000, Token: "USER_SMARTCARD_REQUIRED"},
	{Bit: 0x00002000, Token: "USER_TRUSTED_FOR_DELEGATION"},
	{Bit: 0x00004000, Token: "USER_NOT_DELEGATED"},
	{Bit: 0x00008000, Token: "USER_USE_DES_KEY_ONLY"},
	{Bit: 0x00010000, Token: "USER_DONT_REQUIRE_PREAUTH"},
	{Bit: 0x00020000, Token: "USER_PASSWORD_EXPIRED"},
	{Bit: 0x00040000, Token: "USER_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION"},
	{Bit: 0x00080000, Token: "USER_NO_AUTH_DATA_REQUIRED"},
	{Bit: 0x00100000, Token: "USER_PARTIAL_SECRETS_ACCOUNT"},
	{Bit: 0x00200000, Token: "USER_USE_AES_KEYS"},
}

// String prints the bits as "A|B|0x40".
func (c UserAccountControl) String() string { return wire.FlagString(uint64(c), accountControlNames) }

// Tokens returns the specification's token of each bit.
func (c UserAccountControl) Tokens() []string {
	return wire.FlagTokens(uint64(c), accountControlNames)
}
