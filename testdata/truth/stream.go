package truth

// A Stream is one connection between a client and a server. What another dissector read from its messages is in the
// notation of that dissector; a nil pointer and an empty list are what it did not see.
type Stream struct {
	Line       int      `json:"-"`          // of the index, from 1
	File       string   `json:"file"`       // base name
	TCPStream  *int     `json:"tcp_stream"` // index that tshark gives it; nil where the messages are in no TCP
	Server     string   `json:"server"`     // ip:port, or a hardware address where there is no TCP
	Client     string   `json:"client"`     // likewise
	ServerPort int      `json:"server_port"`
	Transport  string   `json:"transport"`       // such as "direct-tcp/445"
	Product    string   `json:"server_product"`  // inferred from Evidence, by a person
	Family     string   `json:"server_family"`   // likewise; "none" where no server answered
	Evidence   []string `json:"server_evidence"` // what the product was inferred from
	Special    []string `json:"special"`         // what is remarkable about it
	FirstFrame int      `json:"first_frame"`     // number of the packet with its first SMB message

	SMB1Requests  []SMB1Request  `json:"smb1_negotiate_requests"`
	SMB1Responses []SMB1Response `json:"smb1_negotiate_responses"`
	SMB2Requests  []SMB2Request  `json:"smb2_negotiate_requests"`
	SMB2Responses []SMB2Response `json:"smb2_negotiate_responses"`
	Setups        []Setup        `json:"session_setups"`
	TreeConnects  []TreeConnect  `json:"tree_connects"`

	source *source
}

// A SMB1Request is an SMB_COM_NEGOTIATE request.
type SMB1Request struct {
	Frame    int      `json:"frame"`
	Raw      string   `json:"raw_hex"` // the message, from the protocol identifier on
	Flags    string   `json:"flags"`
	Flags2   string   `json:"flags2"`
	Dialects []string `json:"dialects"`
}

// A SMB1Response is an SMB_COM_NEGOTIATE response.
type SMB1Response struct {
	Frame           int            `json:"frame"`
	Raw             string         `json:"raw_hex"`
	Flags           string         `json:"flags"`
	Flags2          string         `json:"flags2"`
	Status          string         `json:"status"`
	WCT             int            `json:"wct"`
	Index           uint16         `json:"dialect_index"`
	Dialect         *string        `json:"dialect_name"` // nil where the request is not in the capture
	Mode            string         `json:"security_mode"`
	MaxMpx          uint16         `json:"max_mpx"`
	MaxVcs          uint16         `json:"max_vcs"`
	MaxBuffer       uint32         `json:"max_buffer"`
	TimeZone        int16          `json:"timezone_min"`
	ChallengeLength int            `json:"challenge_length"`
	SessionKey      string         `json:"session_key"`
	Capabilities    *string        `json:"capabilities"`
	SystemTime      *uint64        `json:"system_time_filetime"`
	DateTime        *string        `json:"server_date_time"` // the server's local time, before NT LM 0.12
	Challenge       *string        `json:"challenge"`
	PrimaryDomain   *string        `json:"primary_domain"`
	ServerName      *string        `json:"server_name"`
	ServerGUID      *string        `json:"server_guid"` // sixteen bytes in order, and not as Windows prints it
	Blob            *Blob          `json:"security_blob"`
	Fields          map[string]any `json:"fields"` // by the dissector's names
}

// A SMB2Request is an SMB2 NEGOTIATE request.
type SMB2Request struct {
	Frame        int       `json:"frame"`
	Raw          string    `json:"raw_hex"`
	Dialects     []int     `json:"dialects"`
	Mode         string    `json:"security_mode"`
	Capabilities string    `json:"capabilities"`
	GUID         string    `json:"client_guid"`
	Contexts     []Context `json:"negotiate_contexts"`
}

// A SMB2Response is an SMB2 NEGOTIATE response.
type SMB2Response struct {
	Frame           int       `json:"frame"`
	Raw             string    `json:"raw_hex"`
	Status          string    `json:"status"`
	Dialect         int       `json:"dialect"`
	Mode            string    `json:"security_mode"`
	SigningEnabled  bool      `json:"signing_enabled"`
	SigningRequired bool      `json:"signing_required"`
	GUID            string    `json:"server_guid"`
	GUIDRaw         string    `json:"server_guid_raw"`
	Capabilities    string    `json:"capabilities"`
	MaxTransact     uint32    `json:"max_transact"`
	MaxRead         uint32    `json:"max_read"`
	MaxWrite        uint32    `json:"max_write"`
	CurrentTime     uint64    `json:"current_time_filetime"`
	BootTime        uint64    `json:"boot_time_filetime"`
	Blob            *Blob     `json:"security_blob"`
	Count           uint16    `json:"negotiate_context_count_or_reserved"`
	Contexts        []Context `json:"negotiate_contexts"`
}

// A Context is a negotiate context.
type Context struct {
	Type           uint16  `json:"type"`
	Length         int     `json:"data_length"`
	Hashes         []int   `json:"hash_algorithm"`
	Salt           *string `json:"salt"`
	CipherCount    *int    `json:"cipher_count"`
	Ciphers        []int   `json:"cipher_id"`
	CompCount      *int    `json:"comp_alg_count"`
	CompFlags      string  `json:"comp_alg_flags"`
	Compression    []int   `json:"comp_alg_id"`
	Netname        *string `json:"netname"`
	SigningCount   *int    `json:"signing_alg_count"`
	Signing        []int   `json:"signing_id"`
	TransportFlags string  `json:"transport_flags"`
	POSIXReserved  *string `json:"posix_reserved"`
}

// A Setup is a session setup of either version and direction.
type Setup struct {
	Frame         int     `json:"frame"`
	Version       int     `json:"version"` // of SMB
	Response      bool    `json:"response"`
	Raw           string  `json:"raw_hex"` // empty where the index leaves it out; Stream.Dialogue has the message
	Status        string  `json:"status"`
	SessionID     string  `json:"session_id"`
	SessionFlags  string  `json:"session_flags"`
	WCT           int     `json:"wct"`
	Flags         string  `json:"flags"`
	Flags2        string  `json:"flags2"`
	UID           uint16  `json:"uid"`
	NativeOS      *string `json:"native_os"`
	NativeLanMan  *string `json:"native_lanman"`
	PrimaryDomain *string `json:"primary_domain"`
	Account       *string `json:"account"`
	MaxBuf        string  `json:"max_buf"`
	Capabilities  string  `json:"capabilities"`
	Guest         *string `json:"guest"`
	Blob          *Blob   `json:"security_blob"`
	NTLMSSP       *NTLM   `json:"ntlmssp"`
}

// A Blob is a SPNEGO token.
type Blob struct {
	Mechanisms []string `json:"mech_types"`
	Hint       string   `json:"neg_hint_name"`
	Header     []string `json:"gss_oid"`
	Result     *string  `json:"neg_result"`
	Mechanism  *string  `json:"supported_mech"`
}

// An NTLM is an NTLM message of any of the three types.
type NTLM struct {
	Type        uint32       `json:"message_type"`
	Flags       string       `json:"negotiate_flags"`
	Version     *NTLMVersion `json:"version"`
	Domain      string       `json:"domain"` // "NULL" where it is absent, as the next three
	Calling     string       `json:"callingworkstation"`
	User        string       `json:"username"`
	Host        string       `json:"hostname"`
	Anonymous   bool         `json:"anonymous"`
	Target      string       `json:"target_name"`
	Challenge   string       `json:"server_challenge"`
	NbComputer  *string      `json:"nb_computer"`
	NbDomain    *string      `json:"nb_domain"`
	DNSComputer *string      `json:"dns_computer"`
	DNSDomain   *string      `json:"dns_domain"`
	DNSTree     *string      `json:"dns_tree"`
	Timestamp   *uint64      `json:"timestamp_filetime"`
	AVFlags     *string      `json:"target_info_flags"`
	Types       []string     `json:"target_info_types"`
}

// An NTLMVersion is the version in an NTLM message.
type NTLMVersion struct {
	Major    int `json:"major"`
	Minor    int `json:"minor"`
	Build    int `json:"build"`
	Revision int `json:"revision"`
}

// A TreeConnect is a tree connect of either version and direction.
type TreeConnect struct {
	Frame    int    `json:"frame"`
	Version  int    `json:"version"` // of SMB
	Response bool   `json:"response"`
	Path     string `json:"path"`
	Service  string `json:"service"`
	Status   string `json:"status"`
	NativeFS string `json:"native_fs"`
}
