// Package report holds the result of a scan, [Report], and its JSON, which is the contract between this library and
// everything that reads its results. schema.json describes it as a JSON Schema; [Schema] returns it.
//
// Four rules hold in every report:
//
//  1. Unknown is never no. What a level never asks is absent; what it may ask and could not learn is "unknown".
//  2. A "no" needs a question: a request of the scan offered the thing.
//  3. Every answer has evidence under its path, a JSON Pointer (RFC 6901) into the report.
//  4. Enumerations print the specification's token; what no table knows prints in hex.
//
// New fields and new values of enumerations are added without notice, and readers ignore what they do not know; a
// changed meaning raises SchemaVersion.
package report

import (
	"encoding/json"
	"time"
)

//go:generate go run ./schemagen

// SchemaVersion is the version of the JSON that this package writes.
const SchemaVersion = 1

// A Report is what one scan, or one set of observed dialogues, says about one server. It owns its memory and is not
// changed once it was returned.
type Report struct {
	// SchemaVersion is the version of this JSON.
	SchemaVersion int `json:"schema_version"`
	// Target is the target as it was asked for.
	Target string `json:"target"`
	// Transports lists the ways in which the target was asked. Top-level answers come from direct TCP when it answered.
	Transports []Transport `json:"transports,omitempty"`
	// Level tells how much was asked.
	Level Level `json:"level"`
	// Capture tells where in a packet capture the server was seen.
	Capture *Capture `json:"capture,omitempty"`
	// ObservedAt is the start of the scan, UTC.
	ObservedAt time.Time `json:"observed_at,omitzero"`
	// DurationMS is the wall time of the scan in milliseconds.
	DurationMS float64 `json:"duration_ms"`
	// Outcome tells what became of the scan as a whole.
	Outcome Outcome `json:"outcome"`
	// Reason says in one sentence why the outcome is not smb, or why the report is partial.
	Reason string `json:"reason,omitempty"`
	// FirstBytes are at most the first 32 bytes of a server that is not SMB, in hex.
	FirstBytes string `json:"first_bytes,omitempty"`
	// ProtocolGuess says what those bytes look like.
	ProtocolGuess string `json:"protocol_guess,omitempty"`
	// Cost is what the scan has spent.
	Cost Cost `json:"cost"`
	// Dialects has an answer for each dialect that the level may ask for.
	Dialects map[string]Answer `json:"dialects,omitempty"`
	// PreferredDialect is what the server chose when all five SMB2 dialects were offered.
	PreferredDialect string `json:"preferred_dialect,omitempty"`
	// Negotiated has one entry for each dialect that answered, in the order of the plan.
	Negotiated []Negotiated `json:"negotiated,omitempty"`
	// SMB1 is what is known of SMB1.
	SMB1 *SMB1 `json:"smb1,omitempty"`
	// Signing is what is known of message signing.
	Signing *Signing `json:"signing,omitempty"`
	// Encryption is what is known of SMB3 encryption.
	Encryption *Encryption `json:"encryption,omitempty"`
	// Compression is what is known of compression.
	Compression *Compression `json:"compression,omitempty"`
	// RDMATransforms is what is known of transforms of data that is moved by RDMA. Asked for over TCP, where some servers
	// may not tell.
	RDMATransforms *RDMATransforms `json:"rdma_transforms,omitempty"`
	// POSIXExtensions tells whether the server takes the POSIX extensions up, as Samba and ksmbd can.
	POSIXExtensions Answer `json:"posix_extensions,omitempty"`
	// ServerGUID is the server's GUID as Windows prints it.
	ServerGUID string `json:"server_guid,omitempty"`
	// ServerGUIDText is the name in a GUID that holds one, as Samba's does.
	ServerGUIDText string `json:"server_guid_text,omitempty"`
	// SystemTime is the server's clock.
	SystemTime time.Time `json:"system_time,omitzero"`
	// SystemTimeSource tells which message the clock was read from.
	SystemTimeSource TimeSource `json:"system_time_source,omitempty"`
	// ServerStartTime is when the SMB service started; most servers do not tell.
	ServerStartTime time.Time `json:"server_start_time,omitzero"`
	// ClockSkewMS is the server's time minus ours in milliseconds, at the midpoint of the exchange.
	ClockSkewMS *float64 `json:"clock_skew_ms,omitempty"`
	// ClockSkewErrorMS bounds the error of the skew: half of the round trip and the resolution of the source.
	ClockSkewErrorMS *float64 `json:"clock_skew_error_ms,omitempty"`
	// SPNEGO is the server's list of authentication mechanisms.
	SPNEGO *SPNEGO `json:"spnego,omitempty"`
	// NTLM is what the server says of itself in an NTLM challenge.
	NTLM *NTLM `json:"ntlm,omitempty"`
	// NetBIOS is what the server's name service tells, where it was asked.
	NetBIOS *NetBIOS `json:"netbios,omitempty"`
	// NullSession is what the server grants to nobody in particular, where that was asked for.
	NullSession *NullSession `json:"null_session,omitempty"`
	// Checks are the results of weakness checks, where those were asked for.
	Checks []Check `json:"checks,omitempty"`
	// Identity is what the server is.
	Identity *Identity `json:"identity,omitempty"`
	// Stack is the fingerprint of its implementation.
	Stack *Stack `json:"stack,omitempty"`
	// Findings are what its owner may want to mend, most urgent first.
	Findings []Finding `json:"findings,omitempty"`
	// Client is the other end, in captures.
	Client *Client `json:"client,omitempty"`
	// Anomalies are deviations from the specification that parsers noted, in plan order.
	Anomalies []Anomaly `json:"anomalies,omitempty"`
	// Evidence has, under an answer's path, what each answer rests on.
	Evidence map[string][]Evidence `json:"evidence,omitempty"`
	// Probes lists every question in plan order.
	Probes []Probe `json:"probes,omitempty"`
}

// A Transport is one way in which the target was asked.
type Transport struct {
	Transport  string  `json:"transport"`             // direct-tcp or netbios-session
	Address    string  `json:"address,omitempty"`     // ip:port, IPv6 in brackets; absent when a dialer resolved it
	Port       int     `json:"port,omitempty"`        // where the address is absent
	Outcome    Outcome `json:"outcome"`               // of this transport alone
	CalledName string  `json:"called_name,omitempty"` // the name under which a NetBIOS session came about; proves no name

	// Dialects and what follows are absent for the transport that speaks for the server: the report has its answers.
	Dialects    map[string]Answer `json:"dialects,omitempty"`    // as in the report, over this transport
	SMB1        *SMB1             `json:"smb1,omitempty"`        // likewise
	Signing     *Signing          `json:"signing,omitempty"`     // likewise
	Encryption  *Encryption       `json:"encryption,omitempty"`  // likewise
	Compression *Compression      `json:"compression,omitempty"` // likewise
}

// A Capture tells where in a packet capture a server was seen.
type Capture struct {
	File       string `json:"file"`        // base name
	Stream     int    `json:"stream"`      // tshark's tcp.stream
	Server     string `json:"server"`      // ip:port
	Client     string `json:"client"`      // ip:port
	FirstFrame int    `json:"first_frame"` // from 1
}

// A Cost is what a scan has spent.
type Cost struct {
	Connections     int `json:"connections"`     // TCP connections attempted
	Requests        int `json:"requests"`        // messages sent
	Repeats         int `json:"repeats"`         // questions asked again after a loss
	Authentications int `json:"authentications"` // NTLM type 3 messages
	LogonAttempts   int `json:"logon_attempts"`  // those of them with a user's name
	BytesSent       int `json:"bytes_sent"`      // above TCP
	BytesReceived   int `json:"bytes_received"`  // above TCP
}

// Plus returns the sum of two costs.
func (c Cost) Plus(other Cost) Cost {
	return Cost{
		Connections: c.Connections + other.Connections, Requests: c.Requests + other.Requests, Repeats: c.Repeats + other.Repeats,
		Authentications: c.Authentications + other.Authentications, LogonAttempts: c.LogonAttempts + other.LogonAttempts,
		BytesSent: c.BytesSent + other.BytesSent, BytesReceived: c.BytesReceived + other.BytesReceived,
	}
}

// A Negotiated is the answer to one dialect.
type Negotiated struct {
	Dialect         string    `json:"dialect"`            // that was chosen
	Transport       int       `json:"transport"`          // index into transports
	SecurityMode    []string  `json:"security_mode"`      // tokens
	Capabilities    []string  `json:"capabilities"`       // tokens
	MaxTransactSize uint32    `json:"max_transact_size"`  // bytes
	MaxReadSize     uint32    `json:"max_read_size"`      // bytes
	MaxWriteSize    uint32    `json:"max_write_size"`     // bytes
	Credits         uint16    `json:"credits"`            // granted
	Contexts        []Context `json:"contexts,omitempty"` // wire order; 3.1.1 only
}

// MarshalJSON prints the two lists without entries as lists: that no bit is set was observed.
func (n Negotiated) MarshalJSON() ([]byte, error) {
	type plain Negotiated
	p := plain(n)
	if p.SecurityMode == nil {
		p.SecurityMode = []string{}
	}
	if p.Capabilities == nil {
		p.Capabilities = []string{}
	}
	return json.Marshal(p)
}

// A Context is a negotiate context of an answer, in wire order.
type Context struct {
	Type string `json:"type"` // token
	Data string `json:"data"` // hex
}

// A SMB1 is what is known of SMB1.
type SMB1 struct {
	Supported Answer `json:"supported,omitempty"` // any SMB1 dialect was selected
	// OtherDialects has an answer for each SMB1 dialect that Dialects has no place for.
	OtherDialects     map[string]Answer `json:"other_dialects,omitempty"`
	UpgradeToSMB2     Answer            `json:"upgrade_to_smb2,omitempty"`    // "SMB 2.???" is taken up
	SecurityLevel     string            `json:"security_level,omitempty"`     // user or share
	ChallengeResponse Answer            `json:"challenge_response,omitempty"` // no means plaintext passwords
	ExtendedSecurity  Answer            `json:"extended_security,omitempty"`  // SPNEGO in SMB1
	NativeOS          string            `json:"native_os,omitempty"`          // the server's own words
	NativeLANManager  string            `json:"native_lan_manager,omitempty"` // the server's own words
	PrimaryDomain     string            `json:"primary_domain,omitempty"`     // or workgroup
	ServerName        string            `json:"server_name,omitempty"`        // NetBIOS name
	Capabilities      []string          `json:"capabilities,omitzero"`        // tokens; absent before NT LM 0.12
	MaxMpx            *uint16           `json:"max_mpx,omitempty"`            // requests at a time
	MaxBufferSize     *uint32           `json:"max_buffer_size,omitempty"`    // bytes
	MaxRawSize        *uint32           `json:"max_raw_size,omitempty"`       // bytes
	SessionKey        string            `json:"session_key,omitempty"`        // hex
	TimeZoneMinutes   *int16            `json:"time_zone_minutes,omitempty"`  // minutes to add to local time to get UTC
}

// A Signing is what is known of message signing.
type Signing struct {
	SMB1       *SigningMode         `json:"smb1,omitempty"`       // of NT LM 0.12
	SMB2       *SigningMode         `json:"smb2,omitempty"`       // of the preferred SMB2 dialect
	Algorithms map[string]Algorithm `json:"algorithms,omitempty"` // by token, such as AES-CMAC
}

// A SigningMode is what a server says of signing under one protocol.
type SigningMode struct {
	Enabled      Answer  `json:"enabled"`                 // the server can sign
	Required     Answer  `json:"required"`                // the server takes nothing unsigned
	Dialect      string  `json:"dialect,omitempty"`       // the dialect whose answer says so
	SecurityMode *uint16 `json:"security_mode,omitempty"` // raw
}

// An Algorithm is the answer for one algorithm.
type Algorithm struct {
	Answer Answer `json:"answer"`          // whether the server takes it
	Basis  Basis  `json:"basis,omitempty"` // what a yes or a no rests on
}

// An Encryption is what is known of SMB3 encryption.
type Encryption struct {
	Supported Answer               `json:"supported"`           // at any dialect
	Required  Answer               `json:"required,omitempty"`  // never no: what a single share asks for is not seen
	Ciphers   map[string]Algorithm `json:"ciphers,omitempty"`   // by token, such as AES-128-GCM
	Preferred string               `json:"preferred,omitempty"` // of several that are taken, the one that is chosen in whatever order the ciphers are offered
	Selection Selection            `json:"selection,omitempty"` // whose order decides
}

// A Compression is what is known of compression.
type Compression struct {
	Supported  Answer            `json:"supported"`            // any algorithm
	Algorithms map[string]Answer `json:"algorithms,omitempty"` // by token, such as LZ77+Huffman
	Chained    Answer            `json:"chained,omitempty"`    // several algorithms in one message
	Preferred  string            `json:"preferred,omitempty"`  // first of the answer, Pattern_V1 apart, in whatever order they are offered
	Selection  Selection         `json:"selection,omitempty"`  // whose order decides
}

// RDMATransforms is what is known of transforms of data that is moved by RDMA, [MS-SMB2] 2.2.3.1.6.
type RDMATransforms struct {
	Supported  Answer            `json:"supported"`            // any transform
	Algorithms map[string]Answer `json:"algorithms,omitempty"` // by token, such as ENCRYPTION
}

// A SPNEGO is the server's list of authentication mechanisms.
type SPNEGO struct {
	Mechanisms []Mechanism `json:"mechanisms,omitempty"` // wire order
	Hint       string      `json:"hint,omitempty"`       // hintName
	Form       string      `json:"form"`                 // NegTokenInit, NegTokenInit2, raw-ntlmssp, empty or unparsed
}

// A Mechanism is an authentication mechanism.
type Mechanism struct {
	OID  string `json:"oid"`            // in dots
	Name string `json:"name,omitempty"` // where it is known
}

// An NTLM is what the server says of itself in an NTLM challenge.
type NTLM struct {
	Listed          Answer       `json:"listed"`                     // among the mechanisms
	Challenge       Answer       `json:"challenge"`                  // a challenge came back; that says nothing of a logon
	TargetName      string       `json:"target_name,omitempty"`      // the realm that it authenticates for
	TargetType      string       `json:"target_type,omitempty"`      // domain, server or share
	NetBIOSComputer string       `json:"netbios_computer,omitempty"` // MsvAvNbComputerName
	NetBIOSDomain   string       `json:"netbios_domain,omitempty"`   // MsvAvNbDomainName
	DNSComputer     string       `json:"dns_computer,omitempty"`     // MsvAvDnsComputerName
	DNSDomain       string       `json:"dns_domain,omitempty"`       // MsvAvDnsDomainName
	DNSForest       string       `json:"dns_forest,omitempty"`       // MsvAvDnsTreeName
	Timestamp       time.Time    `json:"timestamp,omitzero"`         // MsvAvTimestamp: the server's clock, UTC
	ServerChallenge string       `json:"server_challenge,omitempty"` // hex; random everywhere but at servers that invent nothing
	Version         *NTLMVersion `json:"version,omitempty"`          // not a Windows version everywhere
	Flags           []string     `json:"flags,omitzero"`             // tokens
	AVPairs         []AVPair     `json:"av_pairs,omitempty"`         // wire order
}

// An NTLMVersion is the version in an NTLM challenge. Servers that are not Windows invent one.
type NTLMVersion struct {
	Major    uint8  `json:"major"`    // ProductMajorVersion
	Minor    uint8  `json:"minor"`    // ProductMinorVersion
	Build    uint16 `json:"build"`    // ProductBuild
	Revision uint8  `json:"revision"` // NTLMRevisionCurrent, 15 by rule
}

// An AVPair is an attribute of an NTLM challenge.
type AVPair struct {
	ID    uint16 `json:"id"`              // AvId
	Name  string `json:"name"`            // token
	Value string `json:"value,omitempty"` // decoded, where the attribute is text, a time or flags
	Data  string `json:"data"`            // hex
}

// A NetBIOS is the answer to a node status query, RFC 1002 4.2.18.
type NetBIOS struct {
	Names []NetBIOSName `json:"names,omitempty"` // in wire order
	MAC   string        `json:"mac,omitempty"`   // hardware address, six bytes in hex with colons; absent where all are zero
}

// A NetBIOSName is a name that a server has registered.
type NetBIOSName struct {
	Name   string   `json:"name"`           // without padding
	Suffix string   `json:"suffix"`         // the sixteenth byte, in hex: what the name is for
	Flags  []string `json:"flags,omitzero"` // tokens
}

// An Anomaly is a deviation from the specification that a parser noted.
type Anomaly struct {
	Where string `json:"where"` // message and field
	What  string `json:"what"`  // what is odd there
}

// An Evidence is one thing that an answer rests on.
type Evidence struct {
	Probe  string `json:"probe,omitempty"`  // identifier of the probe; absent where nothing asked
	Result Result `json:"result"`           // what came of it
	Status string `json:"status,omitempty"` // token
	Text   string `json:"text,omitempty"`   // for people
}

// A Probe is one question and what became of it.
type Probe struct {
	ID         string  `json:"id"`                 // evidence refers to it
	Connection int     `json:"connection"`         // from 1
	Transport  int     `json:"transport"`          // index into transports
	Sent       string  `json:"sent"`               // what was asked
	Result     Result  `json:"result"`             // what came back
	Status     string  `json:"status,omitempty"`   // token
	DurationMS float64 `json:"duration_ms"`        // from the request to the end of the answer
	Request    string  `json:"request,omitempty"`  // hex, only where asked for
	Response   string  `json:"response,omitempty"` // hex, only where asked for
}
