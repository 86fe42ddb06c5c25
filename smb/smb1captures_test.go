package smb

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
	"github.com/smbscope/smbscope/testdata/truth"
)

// An smb1Parser parses a message and appends it again.
type smb1Parser func(msg []byte) (built []byte, anomalies []wire.Anomaly, err error)

func smb1ParserOf[T wiretest.Message](parse func([]byte) (T, error), anomalies func(T) []wire.Anomaly) smb1Parser {
	return func(msg []byte) ([]byte, []wire.Anomaly, error) {
		m, err := parse(msg)
		if err != nil {
			return nil, nil, err
		}
		built, err := m.AppendBinary(nil)
		return built, anomalies(m), err
	}
}

// smb1Parsers are the parsers of requests and of responses, by command.
func smb1Parsers() map[SMB1Command][2]smb1Parser {
	return map[SMB1Command][2]smb1Parser{
		SMB1TreeConnectAndX: {
			smb1ParserOf(ParseSMB1TreeConnectRequest, func(m SMB1TreeConnectRequest) []wire.Anomaly { return m.Anomalies }),
			smb1ParserOf(ParseSMB1TreeConnectResponse, func(m SMB1TreeConnectResponse) []wire.Anomaly { return m.Anomalies }),
		},
		SMB1TreeDisconnect: {
			smb1ParserOf(ParseSMB1TreeDisconnectRequest, func(m SMB1TreeDisconnectRequest) []wire.Anomaly { return m.Anomalies }),
			smb1ParserOf(ParseSMB1TreeDisconnectResponse, func(m SMB1TreeDisconnectResponse) []wire.Anomaly { return m.Anomalies }),
		},
		SMB1LogoffAndX: {
			smb1ParserOf(ParseSMB1LogoffRequest, func(m SMB1LogoffRequest) []wire.Anomaly { return m.Anomalies }),
			smb1ParserOf(ParseSMB1LogoffResponse, func(m SMB1LogoffResponse) []wire.Anomaly { return m.Anomalies }),
		},
		SMB1NTCreateAndX: {
			smb1ParserOf(ParseSMB1NTCreateRequest, func(m SMB1NTCreateRequest) []wire.Anomaly { return m.Anomalies }),
			smb1ParserOf(ParseSMB1NTCreateResponse, func(m SMB1NTCreateResponse) []wire.Anomaly { return m.Anomalies }),
		},
		SMB1Close: {
			smb1ParserOf(ParseSMB1CloseRequest, func(m SMB1CloseRequest) []wire.Anomaly { return m.Anomalies }),
			smb1ParserOf(ParseSMB1CloseResponse, func(m SMB1CloseResponse) []wire.Anomaly { return m.Anomalies }),
		},
		SMB1ReadAndX: {
			smb1ParserOf(ParseSMB1ReadRequest, func(m SMB1ReadRequest) []wire.Anomaly { return m.Anomalies }),
			smb1ParserOf(ParseSMB1ReadResponse, func(m SMB1ReadResponse) []wire.Anomaly { return m.Anomalies }),
		},
		SMB1WriteAndX: {
			smb1ParserOf(ParseSMB1WriteRequest, func(m SMB1WriteRequest) []wire.Anomaly { return m.Anomalies }),
			smb1ParserOf(ParseSMB1WriteResponse, func(m SMB1WriteResponse) []wire.Anomaly { return m.Anomalies }),
		},
		SMB1Transaction: {
			smb1ParserOf(ParseSMB1TransactionRequest, func(m SMB1TransactionRequest) []wire.Anomaly { return m.Anomalies }),
			smb1ParserOf(ParseSMB1TransactionResponse, func(m SMB1TransactionResponse) []wire.Anomaly { return m.Anomalies }),
		},
		SMB1Transaction2: {
			smb1ParserOf(ParseSMB1Transaction2Request, func(m SMB1Transaction2Request) []wire.Anomaly { return m.Anomalies }),
			smb1ParserOf(ParseSMB1Transaction2Response, func(m SMB1Transaction2Response) []wire.Anomaly { return m.Anomalies }),
		},
	}
}

// Every message of the commands above in other people's captures parses, and is built again with the same bytes unless
// something is noted about it.
func TestSMB1Captures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(truth.Folder(t), "*.pcap"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	parsers, seen, noted := smb1Parsers(), map[string]int{}, map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, msg := range smb1Messages(data) {
			h, err := ParseSMB1Header(msg)
			if err != nil {
				continue
			}
			pair, known := parsers[h.Command]
			if !known {
				continue
			}
			kind, parse := h.Command.String()+" request", pair[0]
			if h.IsResponse() {
				kind, parse = h.Command.String()+" response", pair[1]
			}
			built, anomalies, err := parse(msg)
			switch {
			case errors.Is(err, ErrErrorResponse):
				_, err = ParseSMB1ErrorResponse(msg)
				require.NoError(t, err)
				kind += ", error"
			case err != nil:
				t.Errorf("%s: %s: %v\n%s", filepath.Base(file), kind, err, hex.EncodeToString(msg[:min(len(msg), 300)]))
			case len(anomalies) != 0:
				for _, a := range odd(anomalies) {
					noted[kind+": "+a]++
				}
			case !bytes.Equal(msg, built):
				t.Errorf("%s: %s is built with other bytes\n got %s\nwant %s", filepath.Base(file), kind,
					hex.EncodeToString(built[:min(len(built), 300)]), hex.EncodeToString(msg[:min(len(msg), 300)]))
			}
			seen[kind]++
		}
	}
	for command := range parsers {
		require.NotZero(t, seen[command.String()+" request"], command)
		require.NotZero(t, seen[command.String()+" response"], command)
	}
	t.Logf("seen %v\nanomalies %v", seen, noted)
}

// smb1Messages returns the whole SMB1 messages over IPv4 in a classic capture file: those in NetBIOS datagrams, and those
// in TCP streams. It is as simple as it can be: a segment that does not follow what came before it is dropped, and reading
// goes on where a frame begins.
func smb1Messages(file []byte) [][]byte {
	if len(file) < 24 {
		return nil
	}
	var order binary.ByteOrder = binary.LittleEndian
	if magic := order.Uint32(file); magic != 0xA1B2C3D4 && magic != 0xA1B23C4D {
		order = binary.BigEndian
	}
	link := map[uint32]int{0: 4, 1: 14, 12: 0, 101: 0, 113: 16, 228: 0}
	skip, known := link[order.Uint32(file[20:])]
	if !known {
		return nil
	}
	streams := map[string]*smb1Stream{}
	var messages [][]byte
	for file = file[24:]; len(file) >= 16; {
		size := int(order.Uint32(file[8:]))
		if size > len(file)-16 {
			break
		}
		packet := file[16 : 16+size]
		file = file[16+size:]
		const vlan = "\x81\x00"
		if skip == 14 && len(packet) > 18 && string(packet[12:14]) == vlan {
			packet = packet[4:]
		}
		ends, protocol, payload := ipv4Payload(packet[min(skip, len(packet)):])
		switch {
		case protocol == 17:
			if at := bytes.Index(payload, []byte(magicSMB1)); at > 0 {
				messages = append(messages, payload[at:])
			}
		case protocol == 6 && len(payload) >= 20:
			flow := ends + string(payload[:4])
			if streams[flow] == nil {
				streams[flow] = &smb1Stream{}
			}
			messages = append(messages, streams[flow].add(payload)...)
		}
	}
	return messages
}

// ipv4Payload returns the addresses, the protocol and the payload of an IPv4 packet; no payload for anything else.
func ipv4Payload(ip []byte) (ends string, protocol byte, payload []byte) {
	if len(ip) < 20 || ip[0]>>4 != 4 {
		return "", 0, nil
	}
	if size := int(binary.BigEndian.Uint16(ip[2:])); size != 0 { // zero: the sender's network card cuts the segment
		ip = ip[:min(len(ip), size)]
	}
	header := int(ip[0]&15) * 4
	if header < 20 || len(ip) < header {
		return "", 0, nil
	}
	return string(ip[12:20]), ip[9], ip[header:]
}

// An smb1Stream is one direction of a TCP connection.
type smb1Stream struct {
	next uint32
	data []byte
}

// add takes a segment, and returns the messages that it completes.
func (s *smb1Stream) add(tcp []byte) (messages [][]byte) {
	offset := int(tcp[12]>>4) * 4
	if len(tcp) <= offset {
		return nil
	}
	seq, payload := binary.BigEndian.Uint32(tcp[4:]), tcp[offset:]
	switch {
	case seq == s.next && len(s.data) > 0:
	case isSMB1Frame(payload) && (s.next == 0 || int32(seq-s.next) >= 0):
		s.data = nil
	default:
		return nil
	}
	s.next = seq + uint32(len(payload))
	s.data = append(s.data, payload...)
	for isSMB1Frame(s.data) {
		frame, err := ParseFrameHeader(s.data)
		if err != nil || len(s.data)-FrameHeaderSize < frame.Length {
			break
		}
		messages = append(messages, s.data[FrameHeaderSize:FrameHeaderSize+frame.Length])
		s.data = s.data[FrameHeaderSize+frame.Length:]
	}
	return messages
}

func isSMB1Frame(b []byte) bool { return len(b) >= 8 && b[0] == 0 && IsSMB1(b[FrameHeaderSize:]) }
