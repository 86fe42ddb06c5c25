package smbtest

import (
	"bytes"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
	"github.com/smbscope/smbscope/smb/wire"
)

// framedMessage returns a message in its frame; nil where it is too long for one.
func framedMessage(m []byte) []byte {
	b, err := smb.AppendFrame(nil, m)
	if err != nil {
		return nil
	}
	return b
}

// offered builds the request of an offer, in which nothing is random.
func offered(o negotiate.Offer) []byte {
	b, err := o.Build(bytes.NewReader(make([]byte, 64)))
	if err != nil {
		return nil
	}
	return b
}

// genuineTalks are the connections that make genuineServer send all kinds of messages.
func genuineTalks() [][][]byte {
	all := negotiate.All()
	all.RDMA, all.POSIX = negotiate.RDMATransforms(), true
	tokens := logonTokens()
	none := smb.SMB2Header{Command: smb.SMB2Negotiate, Credits: 1}
	return append([][][]byte{
		{offered(all), setup2(1, tokens[0]), setup2(2, tokens[1]), connect2(3), close2(4)},
		{built(negotiate.SMB2Request{Header: none, Dialects: []smb.Dialect{0x0400}})},
		{offered(negotiate.SMB1Only(smb.DialectNTLM012)), setup1(tokens[0]), setup1(tokens[1]), connect1(), close1()},
		{offered(negotiate.NotExtended()), setup1Plain(), connect1()},
	}, negotiations1()...)
}

// negotiations1 are the questions for older dialects.
func negotiations1() [][][]byte {
	return [][][]byte{
		{offered(negotiate.SMB1Single(smb.DialectLANMAN21))}, {offered(negotiate.SMB1Single(smb.DialectCore))},
		{offered(negotiate.SMB1Single("UNKNOWN"))},
	}
}

// pipeTalk2 and pipeTalk1 are a connection that opens a pipe, calls it, reads from it and closes it.
func pipeTalk2() [][]byte {
	tokens := logonTokens()
	header := func(id uint64, command smb.SMB2Command) smb.SMB2Header {
		return smb.SMB2Header{Command: command, Credits: 1, MessageID: id, TreeID: 1, SessionID: pipeSession}
	}
	transceive := func(id uint64, pdu []byte) []byte {
		return built(smb.SMB2IoctlRequest{
			Header: header(id, smb.SMB2Ioctl), CtlCode: smb.FSCTLPipeTransceive, FileID: fileID(2), MaxOutputResponse: 4280, Input: pdu,
		})
	}
	public := smb.SMB2TreeConnectRequest{Header: header(9, smb.SMB2TreeConnect), Path: wire.AppendUTF16(nil, `\\HOSTILE\public`)}
	root := smb.SMB2CreateRequest{Header: header(10, smb.SMB2Create), CreateContexts: smb.SMB2QueryMaximalAccess()}
	root.Header.TreeID = 3
	return [][]byte{
		offered(negotiate.Single(smb.DialectSMB302)), setup2(1, tokens[0]), setup2(2, tokens[1]), connect2(3),
		built(smb.SMB2CreateRequest{Header: header(4, smb.SMB2Create), Name: wire.AppendUTF16(nil, "srvsvc")}),
		transceive(5, bindRequest()), transceive(6, callRequest()),
		built(smb.SMB2ReadRequest{Header: header(7, smb.SMB2Read), Length: 4280, FileID: fileID(2)}),
		built(smb.SMB2CloseRequest{Header: header(8, smb.SMB2Close), FileID: fileID(2)}),
		built(public), built(root), built(smb.SMB2TreeDisconnectRequest{Header: header(11, smb.SMB2TreeDisconnect)}),
	}
}

func pipeTalk1() [][]byte {
	tokens := logonTokens()
	header := header1
	transceive := func(pdu []byte) []byte {
		r := smb.SMB1TransactionRequest{Header: header(smb.SMB1Transaction), MaxDataCount: 4280, Setup: smb.SMB1TransactNMPipe(2), Data: pdu}
		r.Name = r.Header.Encode(smb.SMB1PipeName)
		return built(r)
	}
	open := smb.SMB1NTCreateRequest{Header: header(smb.SMB1NTCreateAndX), AndXCommand: smb.SMB1NoFurtherCommand}
	open.FileName = open.Header.Encode(`\srvsvc`)
	return [][]byte{
		offered(negotiate.SMB1Only(smb.DialectNTLM012)), setup1(tokens[0]), setup1(tokens[1]), connect1(), built(open),
		transceive(bindRequest()), transceive(callRequest()),
		built(smb.SMB1ReadRequest{
			Header: header(smb.SMB1ReadAndX), WordCount: smb.ReadWordsLarge, AndXCommand: smb.SMB1NoFurtherCommand, FID: 2, MaxCount: 4280,
		}),
		close1(), built(smb.SMB1TreeDisconnectRequest{Header: header(smb.SMB1TreeDisconnect)}),
	}
}

// logonTokens are the two tokens of nobody's logon.
func logonTokens() [2][]byte {
	return [2][]byte{
		built(spnego.NegTokenInit{MechTypes: []spnego.OID{spnego.OIDNTLMSSP}, MechToken: built(ntlmssp.DefaultNegotiate())}),
		built(spnego.NegTokenResp{ResponseToken: built(ntlmssp.Authenticate{Flags: ntlmssp.FlagNegotiateUnicode})}),
	}
}

func setup2(id uint64, blob []byte) []byte {
	return built(smb.SMB2SessionSetupRequest{
		Header: smb.SMB2Header{Command: smb.SMB2SessionSetup, Credits: 1, MessageID: id}, SecurityBuffer: blob,
	})
}

func connect2(id uint64) []byte {
	return built(smb.SMB2TreeConnectRequest{
		Header: smb.SMB2Header{Command: smb.SMB2TreeConnect, Credits: 1, MessageID: id}, Path: wire.AppendUTF16(nil, `\\HOSTILE\IPC$`),
	})
}

func close2(id uint64) []byte {
	return built(smb.SMB2CloseRequest{Header: smb.SMB2Header{Command: smb.SMB2Close, Credits: 1, MessageID: id}})
}

func header1(command smb.SMB1Command) smb.SMB1Header {
	return smb.SMB1Header{
		Command: command, Flags: negotiate.SMB1Flags, Flags2: negotiate.SMB1Flags2 | smb.SMB1Flags2ExtendedSecurity, TID: 1, MID: 1,
	}
}

func setup1(blob []byte) []byte {
	return built(smb.SMB1SessionSetupRequest{
		Header: header1(smb.SMB1SessionSetupAndX), WordCount: smb.SetupWordsExtended, AndXCommand: smb.SMB1NoFurtherCommand, VcNumber: 1,
		SecurityBlob: blob,
	})
}

func setup1Plain() []byte {
	return built(smb.SMB1SessionSetupRequest{
		Header: header1(smb.SMB1SessionSetupAndX), WordCount: smb.SetupWordsNT, AndXCommand: smb.SMB1NoFurtherCommand, VcNumber: 1,
		OEMPassword: []byte{0}, AccountName: []byte{}, PrimaryDomain: []byte{},
	})
}

func connect1() []byte {
	r := smb.SMB1TreeConnectRequest{
		Header: header1(smb.SMB1TreeConnectAndX), AndXCommand: smb.SMB1NoFurtherCommand,
		Flags: smb.SMB1TreeConnectExtendedResponse, Password: []byte{0}, Service: []byte(smb.SMB1ServiceAny),
	}
	r.Path = r.Header.Encode(`\\HOSTILE\IPC$`)
	return built(r)
}

func close1() []byte { return built(smb.SMB1CloseRequest{Header: header1(smb.SMB1Close), FID: 2}) }

// bindRequest and callRequest are those of NetrShareEnum; the server does not look at the stub.
func bindRequest() []byte {
	return built(dcerpc.Bind{
		Header: dcerpc.Header{Flags: dcerpc.PFCWhole, CallID: 1}, MaxXmitFrag: dcerpc.MaxFragment, MaxRecvFrag: dcerpc.MaxFragment,
		Contexts: []dcerpc.Context{{TransferSyntaxes: []dcerpc.SyntaxID{dcerpc.NDR()}}},
	})
}

func callRequest() []byte {
	return built(dcerpc.Request{Header: dcerpc.Header{Flags: dcerpc.PFCWhole, CallID: 2}, Opnum: 15})
}
