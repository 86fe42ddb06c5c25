package report

// A Client is what a captured client says of itself in its negotiation and its NTLM messages.
type Client struct {
	Address      string      `json:"address,omitempty"`       // ip:port
	SMB1Dialects []string    `json:"smb1_dialects,omitempty"` // offered in an SMB_COM_NEGOTIATE, in wire order
	Dialects     []string    `json:"dialects,omitempty"`      // offered in an SMB2 NEGOTIATE, in wire order
	SecurityMode []string    `json:"security_mode,omitzero"`  // tokens; absent without an SMB2 NEGOTIATE
	Capabilities []string    `json:"capabilities,omitzero"`   // tokens; likewise
	Contexts     []Context   `json:"contexts,omitempty"`      // offered, in wire order
	GUID         string      `json:"guid,omitempty"`          // as Windows prints it; absent before 2.1, where it is zero
	NTLM         *ClientNTLM `json:"ntlm,omitempty"`          // of its NTLM messages
	Hash         string      `json:"hash,omitempty"`          // the client fingerprint; package identity specifies it
	Canonical    string      `json:"canonical,omitempty"`     // what was hashed
}

// A ClientNTLM is what a client tells in its NTLM negotiate and authenticate messages.
type ClientNTLM struct {
	Version     *NTLMVersion `json:"version,omitempty"`     // of the client's system
	Flags       []string     `json:"flags,omitzero"`        // tokens, of the negotiate message
	Workstation string       `json:"workstation,omitempty"` // its own name
	Domain      string       `json:"domain,omitempty"`      // of the user
	User        string       `json:"user,omitempty"`        // who logs on
}
