package report

// A NullSession is what a server grants to somebody without an account: first whether there is a session, then, where
// package nullsession was asked to read, what the session was told. Session, IPC, Guest and UnknownUserMapsToGuest are
// different facts: a session may be accepted and yet open nothing.
type NullSession struct {
	Session Answer `json:"session"` // an anonymous session setup succeeded, whatever its flags say
	IPC     Answer `json:"ipc"`     // IPC$ could be connected in such a session
	Guest   Answer `json:"guest"`   // the server says that the anonymous session is a guest's; many servers do not tell
	// UnknownUserMapsToGuest tells whether an invented account is let in. Absent where it was not asked for.
	UnknownUserMapsToGuest Answer `json:"unknown_user_maps_to_guest,omitempty"`
	// Attempts are the session setups in plan order.
	Attempts []SessionAttempt `json:"attempts,omitempty"`

	// Calls and what follows are there only where reading was asked for. Calls lists what was asked, in order.
	Calls          []RPCCall       `json:"calls,omitempty"`
	ServerInfo     *ServerInfo     `json:"server_info,omitempty"`     // of the server
	Domain         *Domain         `json:"domain,omitempty"`          // that it is in
	PasswordPolicy *PasswordPolicy `json:"password_policy,omitempty"` // of the account domain
	SharesStatus   string          `json:"shares_status,omitempty"`   // token of the call that lists shares
	Shares         []Share         `json:"shares,omitempty"`          // in the order of the list
	UsersStatus    string          `json:"users_status,omitempty"`    // token of the call that lists users
	Users          []User          `json:"users,omitempty"`           // by RID, each once
	GroupsStatus   string          `json:"groups_status,omitempty"`   // token of the call that lists groups
	Groups         []Group         `json:"groups,omitempty"`          // domain groups, then aliases
	Pipes          []Pipe          `json:"pipes,omitempty"`           // those that were opened
	// EndpointsStatus and Endpoints are what the endpoint mapper lists: interfaces that were registered, not called.
	EndpointsStatus string     `json:"endpoints_status,omitempty"`
	Endpoints       []Endpoint `json:"endpoints,omitempty"` // what is registered
	// Partial says in one sentence why reading ended early, or what was cut off.
	Partial string `json:"partial,omitempty"`
}

// A SessionIdentity tells as whom a session was asked for.
type SessionIdentity string

// The identities.
const (
	IdentityAnonymous   SessionIdentity = "anonymous"    // nobody: no name, no response
	IdentityUnknownUser SessionIdentity = "unknown-user" // an account that was invented for the question
)

// Enum lists the values of the type.
func (SessionIdentity) Enum() []string { return enum(IdentityAnonymous, IdentityUnknownUser) }

// A SessionAttempt is one session setup that was carried through to its end.
type SessionAttempt struct {
	Dialect   string          `json:"dialect"`          // it was asked in
	Transport int             `json:"transport"`        // index into transports
	Identity  SessionIdentity `json:"identity"`         // as whom it was asked for
	Result    Result          `json:"result"`           // what came of it
	Status    string          `json:"status,omitempty"` // token of the last session setup response
	// SessionFlags are the tokens of SMB2 SessionFlags; absent without a session. Samba sets none for an anonymous one.
	SessionFlags []string `json:"session_flags,omitzero"`
	SMB1Action   []string `json:"smb1_action,omitzero"` // tokens of SMB1's Action; absent without a session
	IPCStatus    string   `json:"ipc_status,omitempty"` // token of the tree connect of IPC$; absent where none was answered
}

// An RPCCall is one step of reading and its status.
type RPCCall struct {
	Pipe   string `json:"pipe,omitempty"`  // without \PIPE\; absent for what is no RPC
	Call   string `json:"call"`            // the specification's name
	Status string `json:"status"`          // token, fault, or what became of the connection
	Count  *int   `json:"count,omitempty"` // entries, where the call lists something
}

// A ServerInfo is what srvsvc and wkssvc tell, [MS-SRVS] 2.2.4.41, [MS-WKST] 2.2.5.1.
type ServerInfo struct {
	Status     string   `json:"status"`                // token of the call that told most
	Name       string   `json:"name,omitempty"`        // of the server
	Comment    string   `json:"comment,omitempty"`     // its description
	PlatformID *uint32  `json:"platform_id,omitempty"` // 500 is Windows NT, which Samba says too
	Version    string   `json:"version,omitempty"`     // major.minor, as told; Samba says 6.1
	Type       []string `json:"type,omitzero"`         // SV_TYPE tokens
	Users      *uint32  `json:"users,omitempty"`       // limit of users who may be logged on; 4294967295 is none
	UserPath   string   `json:"user_path,omitempty"`   // where home folders are
	Computer   string   `json:"computer,omitempty"`    // of wkssvc
	LANGroup   string   `json:"lan_group,omitempty"`   // domain or workgroup, of wkssvc
}

// A Domain is what lsarpc tells of the server's domains, [MS-LSAD] 2.2.4.
type Domain struct {
	Status      string `json:"status"`                 // token of the call that told most
	Name        string `json:"name,omitempty"`         // NetBIOS name of the primary domain or workgroup
	SID         string `json:"sid,omitempty"`          // of the primary domain; a workgroup has none
	DNS         string `json:"dns,omitempty"`          // DNS name of the domain
	Forest      string `json:"forest,omitempty"`       // DNS name of the forest
	GUID        string `json:"guid,omitempty"`         // of the domain
	AccountName string `json:"account_name,omitempty"` // of the domain that the server's own accounts are in
	AccountSID  string `json:"account_sid,omitempty"`  // of that domain
}

// A Share is what a server shares, and what an anonymous session may do with it.
type Share struct {
	Name    string `json:"name"`              // of the share
	Type    string `json:"type"`              // STYPE tokens
	Comment string `json:"comment,omitempty"` // its remark
	Status  string `json:"status,omitempty"`  // token of the tree connect, or of the open of its root; absent where none was made
	Read    Answer `json:"read"`              // its files may be read, as far as its root tells
	Write   Answer `json:"write"`             // files may be made in its root; nothing was written to learn it
	// AccessBasis tells what Read and Write rest on.
	AccessBasis AccessBasis `json:"access_basis,omitempty"`
	// MaximalAccess are the rights that the tree connect grants, as tokens.
	MaximalAccess []string `json:"maximal_access,omitzero"`
}

// An AccessBasis tells what the answers about the access to a share rest on.
type AccessBasis string

// The bases.
const (
	BasisShareACL AccessBasis = "share-acl" // MaximalAccess of the tree connect
	BasisRootOpen AccessBasis = "root-open" // and the open of the share's root
	BasisRootACL  AccessBasis = "root-acl"  // and the maximal access to that root
)

// Enum lists the values of the type.
func (AccessBasis) Enum() []string { return enum(BasisShareACL, BasisRootOpen, BasisRootACL) }

// A User is an account.
type User struct {
	RID      uint32   `json:"rid"`                 // relative identifier
	Name     string   `json:"name"`                // of the account
	FullName string   `json:"full_name,omitempty"` // of the person
	Comment  string   `json:"comment,omitempty"`   // its description
	Domain   string   `json:"domain,omitempty"`    // that it is in
	Flags    []string `json:"flags,omitzero"`      // USER_ tokens of its account control
	Sources  []string `json:"sources,omitempty"`   // the calls that named it
}

// A Group is a group or an alias.
type Group struct {
	RID     uint32   `json:"rid"`               // relative identifier
	Name    string   `json:"name"`              // of the group
	Domain  string   `json:"domain,omitempty"`  // that it is in
	Kind    string   `json:"kind"`              // group or alias
	Sources []string `json:"sources,omitempty"` // the calls that named it
}

// A PasswordPolicy is what samr tells of passwords and lockout, [MS-SAMR] 2.2.3.5 and 2.2.3.15. Times are in seconds, and
// Never where something does not end.
type PasswordPolicy struct {
	Status     string   `json:"status"`                    // token
	Domain     string   `json:"domain,omitempty"`          // that it holds for
	MinLength  *int     `json:"min_length,omitempty"`      // characters
	History    *int     `json:"history,omitempty"`         // passwords that may not be used again
	Properties []string `json:"properties,omitzero"`       // DOMAIN_PASSWORD_ tokens
	MaxAge     *int64   `json:"max_age_seconds,omitempty"` // until a password must be changed
	MinAge     *int64   `json:"min_age_seconds,omitempty"` // until it may be
	Threshold  *int     `json:"threshold,omitempty"`       // failed logons until lockout; 0 means never
	Lockout    *int64   `json:"lockout_seconds,omitempty"` // how long it lasts
	Window     *int64   `json:"window_seconds,omitempty"`  // after which failed logons are forgotten
	LockStatus string   `json:"lock_status,omitempty"`     // token of the call that tells of lockout
}

// Never stands for a time that does not end.
const Never int64 = -1

// A Pipe is a named pipe that was opened, and the RPC interfaces that were bound there.
type Pipe struct {
	Name       string      `json:"name"`                 // without \PIPE\
	Open       Answer      `json:"open"`                 // it could be opened
	Status     string      `json:"status"`               // token of the open
	Interfaces []Interface `json:"interfaces,omitempty"` // in the order of the binds
}

// An Interface is an RPC interface that was bound, or asked to be.
type Interface struct {
	UUID   string `json:"uuid"`   // with its version: "12345778-1234-abcd-ef00-0123456789ac v1.0"
	Name   string `json:"name"`   // of the protocol
	Bound  Answer `json:"bound"`  // the server took the bind
	Status string `json:"status"` // success, the reason of the refusal, or what became of the connection
}

// An Endpoint is an entry of the endpoint mapper.
type Endpoint struct {
	UUID       string `json:"uuid"`                 // with its version
	Name       string `json:"name,omitempty"`       // where it is known: spoolss, efsrpc, …
	Protocol   string `json:"protocol"`             // such as ncacn_np
	Endpoint   string `json:"endpoint"`             // pipe or port
	Annotation string `json:"annotation,omitempty"` // its owner's words
}
