package smbtest

import (
	"io"
	"net"
	"time"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// hostileAnswers are servers whose messages are well made, and come when they should not, or answer something else.
func hostileAnswers() []Hostile {
	genuine := genuineServer()
	change := func(f func(request, message []byte) []byte) func(net.Conn) { return changes(genuine.Handle, f) }
	packets := func(f func(conn net.Conn, request, packet []byte) error) func(net.Conn) {
		return rewrites(genuine.Handle, f)
	}
	return named("answers",
		Hostile{
			Name: "other-message-id", Does: "answers under a message id that nobody has used",
			Handle: change(func(_, m []byte) []byte { return readdressed(m, 77) }),
		},
		Hostile{
			Name: "other-message-id-first", Does: "sends another request's answer before each of its own",
			Handle: packets(func(conn net.Conn, _, packet []byte) error {
				return send(conn, readdressed(message(packet), 77), message(packet))
			}),
		},
		Hostile{
			Name: "twice", Does: "sends each answer twice",
			Handle: packets(func(conn net.Conn, _, packet []byte) error { return send(conn, message(packet), message(packet)) }),
		},
		Hostile{
			Name: "without-end", Does: "sends its first answer again and again",
			Handle: packets(func(conn net.Conn, _, packet []byte) error {
				flood(conn, packet, PeerLimit)
				return net.ErrClosed
			}),
		},
		Hostile{
			Name: "before-the-request", Does: "sends an answer before it has read the request",
			Handle: func(conn net.Conn) {
				if send(conn, built(unasked(0))) != nil {
					_ = conn.Close()
					return
				}
				genuine.Handle(conn)
			},
		},
		Hostile{
			Name: "oplock-break", Does: "sends an oplock break, which nobody waits for, before each answer",
			Handle: packets(func(conn net.Conn, _, packet []byte) error { return send(conn, oplockBreak(packet), message(packet)) }),
		},
		Hostile{
			Name: "oplock-breaks", Does: "sends oplock breaks without end instead of an answer",
			Handle: packets(func(conn net.Conn, _, packet []byte) error { return floods(conn, oplockBreak(packet)) }),
		},
		Hostile{
			Name: "pending", Does: "says STATUS_PENDING once a second instead of an answer, for ever",
			Handle: packets(func(conn net.Conn, request, packet []byte) error {
				framed, err := smb.AppendFrame(nil, pending(request, packet))
				if err != nil {
					return err
				}
				return repeat(conn, time.Second, framed)
			}),
		},
		Hostile{
			Name: "pending-flood", Does: "says STATUS_PENDING without a pause instead of an answer",
			Handle: packets(func(conn net.Conn, request, packet []byte) error { return floods(conn, pending(request, packet)) }),
		},
		Hostile{
			Name: "pending-final", Does: "says STATUS_PENDING without an async id, as if that were the answer",
			Handle: change(func(_, m []byte) []byte { return refused(m, dtyp.StatusPending) }),
		},
		Hostile{
			Name: "no-response-flag", Does: "answers without the flag of a response",
			Handle: change(func(_, m []byte) []byte {
				m = withHeader2(m, func(h *smb.SMB2Header) { h.Flags &^= smb.SMB2FlagServerToRedir })
				return withHeader1(m, func(h *smb.SMB1Header) { h.Flags &^= smb.SMB1FlagReply })
			}),
		},
		Hostile{
			Name: "other-command", Does: "answers under another command",
			Handle: change(func(_, m []byte) []byte {
				m = withHeader2(m, func(h *smb.SMB2Header) { h.Command = smb.SMB2Logoff })
				return withHeader1(m, func(h *smb.SMB1Header) { h.Command = smb.SMB1LogoffAndX })
			}),
		},
		Hostile{
			Name: "other-protocol", Does: "answers SMB1 in SMB2 and SMB2 in SMB1, with the messages of a genuine server",
			Handle: func(conn net.Conn) { serveAnswers(conn, crossed) },
		},
		Hostile{
			Name: "wildcard", Does: "takes each negotiation of SMB2 with the dialect 0x02FF, which only leads there from SMB1",
			Handle: change(func(_, m []byte) []byte { return chosen2(m, smb.DialectWildcard) }),
		},
		Hostile{
			Name: "not-offered", Does: "takes each negotiation with a dialect that nobody has offered",
			Handle: change(func(_, m []byte) []byte { return chosen1(chosen2(m, 0x0310), 77) }),
		},
		Hostile{
			Name: "lowest-dialect", Does: "takes 2.0.2 whatever is offered, in an answer with the contexts of 3.1.1",
			Handle: change(func(_, m []byte) []byte { return chosen2(m, smb.DialectSMB202) }),
		},
		Hostile{
			Name: "refused-and-taken", Does: "answers with the body of a success and the status of a failure",
			Handle: change(func(_, m []byte) []byte {
				m = withHeader2(m, func(h *smb.SMB2Header) { h.Status = dtyp.StatusAccessDenied })
				return withHeader1(m, func(h *smb.SMB1Header) { h.Status = dtyp.StatusAccessDenied })
			}),
		},
		Hostile{
			Name: "more-processing", Does: "wants one message more in each logon, for ever",
			Handle: change(func(_, m []byte) []byte {
				m = withHeader2(m, func(h *smb.SMB2Header) {
					if h.Command == smb.SMB2SessionSetup {
						h.Status = dtyp.StatusMoreProcessingRequired
					}
				})
				return withHeader1(m, func(h *smb.SMB1Header) {
					if h.Command == smb.SMB1SessionSetupAndX {
						h.Status = dtyp.StatusMoreProcessingRequired
					}
				})
			}),
		},
		Hostile{
			Name: "success-with-nothing", Does: "answers everything with success and no body",
			Handle: change(func(_, m []byte) []byte { return m[:headerSize(m)] }),
		},
		Hostile{
			Name: "everybody", Does: "takes every logon, guests and users it cannot know among them",
			Handle: change(func(_, m []byte) []byte {
				if h, err := smb.ParseSMB2Header(m); err == nil && h.Command == smb.SMB2SessionSetup {
					if h.Status != dtyp.StatusMoreProcessingRequired {
						h.Status = dtyp.StatusSuccess
						return built(smb.SMB2SessionSetupResponse{Header: h, SessionFlags: 0xFFFF})
					}
				}
				return m
			}),
		},
		Hostile{
			Name: "no-credits", Does: "grants no credit", Handle: change(func(_, m []byte) []byte {
				return withHeader2(m, func(h *smb.SMB2Header) { h.Credits = 0 })
			}),
		},
	)
}

// message is what a packet has behind its framing.
func message(packet []byte) []byte { return packet[min(len(packet), smb.FrameHeaderSize):] }

// headerSize is the size of the header of a message of SMB1 or SMB2.
func headerSize(m []byte) int {
	if smb.IsSMB2(m) {
		return min(len(m), smb.SMB2HeaderSize)
	}
	return min(len(m), smb.SMB1HeaderSize)
}

// readdressed returns a message whose id is higher.
func readdressed(m []byte, more uint16) []byte {
	m = withHeader2(m, func(h *smb.SMB2Header) { h.MessageID += uint64(more) })
	return withHeader1(m, func(h *smb.SMB1Header) { h.MID += more })
}

// unasked is an answer to a negotiation that was not read.
func unasked(id uint64) negotiate.SMB2Response {
	return negotiate.SMB2Response{
		Header:  smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Credits: 1, MessageID: id},
		Dialect: smb.DialectSMB210, SecurityMode: smb.SigningEnabled,
	}
}

// oplockBreak is an oplock break notification ([MS-SMB2] 2.2.23.1, [MS-CIFS] 2.2.4.32.1) in the protocol of a packet.
func oplockBreak(packet []byte) []byte {
	if h, err := smb.ParseSMB1Header(message(packet)); err == nil {
		h.Command, h.Flags, h.MID = smb.SMB1LockingAndX, 0, smb.UnsolicitedMID
		b := built(h)
		b = append(b, 8, 0xFF, 0, 0, 0, 1, 0, 2, 0) // WordCount, AndXCommand to AndXOffset, FID, TypeOfLock: OPLOCK_RELEASE
		return append(b, make([]byte, 8+2)...)      // the other words, and ByteCount
	}
	h := smb.SMB2Header{Command: smb.SMB2OplockBreak, Flags: smb.SMB2FlagServerToRedir, MessageID: smb.UnsolicitedMessageID}
	return append(built(h), 24, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)
}

// pending is an interim response ([MS-SMB2] 3.3.4.2) to a request; SMB1 has none, and gets a failure of that status.
func pending(request, packet []byte) []byte {
	h, err := smb.ParseSMB2Header(message(packet))
	if err != nil || !smb.IsSMB2(message(request)) {
		return refused(message(packet), dtyp.StatusPending)
	}
	h.Flags, h.Status, h.AsyncID = h.Flags|smb.SMB2FlagAsyncCommand, dtyp.StatusPending, 1
	return built(smb.SMB2ErrorResponse{Header: h})
}

// floods sends a message again and again, at most PeerLimit bytes, and then closes.
func floods(conn net.Conn, message []byte) error {
	if framed, err := smb.AppendFrame(nil, message); err == nil {
		flood(conn, framed, PeerLimit)
	}
	return net.ErrClosed
}

// repeat sends a packet after each interval, at most DripLimit bytes in all, and then closes.
func repeat(conn net.Conn, every time.Duration, packet []byte) error {
	in := &io.LimitedReader{R: conn, N: PeerLimit}
	for range DripLimit / max(1, len(packet)) {
		if !pause(conn, in, every) {
			break
		}
		if _, err := conn.Write(packet); err != nil {
			return err
		}
	}
	return net.ErrClosed
}

// crossed answers a request with a message of the other protocol.
func crossed(request []byte) []byte {
	h, err := smb.ParseSMB2Header(request)
	if err != nil {
		return built(unasked(0))
	}
	return built(negotiate.SMB1Response{
		Header:    smb.SMB1Header{Command: smb.SMB1Negotiate, Flags: smb.SMB1FlagReply, Status: 0, MID: uint16(h.MessageID)},
		WordCount: negotiate.AnswerWordsNT, SecurityMode: negotiate.SecurityUserLevel, Challenge: make([]byte, 8),
	})
}

// chosen2 puts a dialect into an answer to a negotiation of SMB2, whatever goes with it.
func chosen2(m []byte, d smb.Dialect) []byte {
	if r, err := negotiate.ParseSMB2Response(m); err == nil && r.Dialect != smb.DialectWildcard {
		m[68], m[69] = byte(d), byte(d>>8) // [MS-SMB2] 2.2.4, DialectRevision
	}
	return m
}

// chosen1 puts an index into an answer to a negotiation of SMB1.
func chosen1(m []byte, index uint16) []byte {
	if r, err := negotiate.ParseSMB1Response(m); err == nil {
		r.DialectIndex = index
		return built(r)
	}
	return m
}
