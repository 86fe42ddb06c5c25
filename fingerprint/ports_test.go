package fingerprint_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// narrow makes a server say that it moves 64 KiB at a time, as Samba does at port 139.
type narrow struct{ net.Conn }

func (n narrow) Write(b []byte) (int, error) {
	r, err := negotiate.ParseSMB2Response(b[smb.FrameHeaderSize:])
	if err != nil {
		return n.Conn.Write(b)
	}
	r.MaxTransactSize, r.MaxReadSize, r.MaxWriteSize = 64<<10, 64<<10, 64<<10
	framed, err := smb.AppendFrame(nil, bytesOf(r))
	if err == nil {
		_, err = n.Conn.Write(framed)
	}
	return len(b), err
}

// overSessions puts a server behind the session service.
func overSessions(handle func(net.Conn)) func(net.Conn) {
	return (&desk{answer: takes(noName, "*SMBSERVER<20>"), behind: func(conn net.Conn) { handle(narrow{conn}) }}).handle
}

// A meter counts the bytes of both directions that servers see.
type meter struct{ in, out atomic.Int64 }

type metered struct {
	net.Conn
	meter *meter
}

func (m metered) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	m.meter.in.Add(int64(n))
	return n, err
}

func (m metered) Write(b []byte) (int, error) {
	n, err := m.Conn.Write(b)
	m.meter.out.Add(int64(n))
	return n, err
}

func (m *meter) watch(handle func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) { handle(metered{conn, m}) }
}

// Two ports of a server make one report: facts of each are kept apart, those of direct TCP speak for the server, and
// nothing is counted twice.
func TestPortsTogether(t *testing.T) {
	for _, ports := range [][]uint16{{445, 139}, {139, 445}, {445, 139, 445, 139}} {
		for _, level := range fingerprint.Levels() {
			for _, sequential := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					m := new(meter)
					direct := &moody{one: true, two: smb.Dialects()}
					session := &moody{two: smb.Dialects()[:4]} // it takes less, so that a mixture shows
					network := listening(t, smbtest.Path{}, map[string]func(net.Conn){
						address: m.watch(direct.handle), sessionAddress: m.watch(overSessions(session.handle)),
					})
					alone := fixed(network)
					alone.Level, alone.Sequential = level, sequential
					want, _ := observed(t, alone, network, address)
					one, _ := observed(t, alone, network, sessionAddress)
					synctest.Wait() // for what servers still read
					m.in.Store(0)
					m.out.Store(0)

					s := fixed(network)
					s.Level, s.Ports, s.Sequential = level, ports, sequential
					r, dialogues := observed(t, s, network, host)
					synctest.Wait()
					require.Equal(t, report.OutcomeSMB, r.Outcome)
					require.Empty(t, r.Reason)
					require.EqualValues(t, m.in.Load(), r.Cost.BytesSent)
					require.EqualValues(t, m.out.Load(), r.Cost.BytesReceived)
					require.Equal(t, want.Cost.Connections+one.Cost.Connections, r.Cost.Connections)
					require.Equal(t, want.Cost.Requests+one.Cost.Requests, r.Cost.Requests)
					require.Len(t, dialogues, r.Cost.Connections)
					for i, d := range dialogues {
						require.Equal(t, i+1, d.Connection)
						require.Equal(t, host, d.Target)
					}

					transports := []report.Transport{
						{Transport: "direct-tcp", Address: address, Outcome: report.OutcomeSMB},
						{Transport: "netbios-session", Address: sessionAddress, Outcome: report.OutcomeSMB, CalledName: "*SMBSERVER"},
					}
					at := map[string]int{"direct-tcp": 0, "netbios-session": 1}
					if ports[0] == 139 {
						slices.Reverse(transports)
						at = map[string]int{"direct-tcp": 1, "netbios-session": 0}
					}
					require.Equal(t, transports, bare(r.Transports))
					sizes := map[int]uint32{at["direct-tcp"]: 8 << 20, at["netbios-session"]: 64 << 10}
					dialects := map[int]int{}
					for _, n := range r.Negotiated {
						require.Equal(t, sizes[n.Transport], n.MaxReadSize, n.Dialect)
						require.False(t, n.Transport == at["netbios-session"] && n.Dialect == "3.1.1")
						dialects[n.Transport]++
					}
					require.Equal(t, map[int]int{at["direct-tcp"]: len(want.Negotiated), at["netbios-session"]: len(one.Negotiated)}, dialects)

					require.Equal(t, want.Dialects, r.Dialects)
					require.Equal(t, want.PreferredDialect, r.PreferredDialect)
					require.Equal(t, want.Signing, r.Signing)
					require.Equal(t, want.SMB1, r.SMB1)
					require.Equal(t, want.Encryption, r.Encryption)
					other := r.Transports[at["netbios-session"]]
					require.Nil(t, r.Transports[at["direct-tcp"]].Dialects)
					require.Equal(t, one.Dialects, other.Dialects)
					require.Equal(t, one.SMB1, other.SMB1)
					require.Equal(t, one.Signing, other.Signing)
					require.Equal(t, one.Encryption, other.Encryption)
					require.Equal(t, one.Compression, other.Compression)
					prefix := fmt.Sprintf("/transports/%d", at["netbios-session"])
					for path, evidence := range r.Evidence {
						if rest, ok := strings.CutPrefix(path, prefix); ok {
							require.Equal(t, one.Evidence[rest], evidence, path)
							delete(r.Evidence, path)
						}
					}
					require.Equal(t, want.Evidence, r.Evidence)
				})
			}
		}
	}
}

// bare leaves the answers of transports out.
func bare(list []report.Transport) []report.Transport {
	list = slices.Clone(list)
	for i := range list {
		list[i].Dialects, list[i].SMB1, list[i].Signing, list[i].Encryption, list[i].Compression = nil, nil, nil, nil, nil
	}
	return list
}

// A port with SMB1 does not hide behind one without.
func TestPortsThatDisagree(t *testing.T) {
	for _, level := range []fingerprint.Level{fingerprint.LevelStandard, fingerprint.LevelFull} {
		synctest.Test(t, func(t *testing.T) {
			network := listening(t, smbtest.Path{}, map[string]func(net.Conn){
				address:        (&moody{two: smb.Dialects()}).handle,
				sessionAddress: overSessions((&moody{one: true, two: smb.Dialects()[:2]}).handle),
			})
			s := fixed(network)
			s.Level, s.Ports = level, []uint16{445, 139}
			r, _ := observed(t, s, network, host)
			require.Equal(t, report.No, r.SMB1.Supported)
			require.Equal(t, report.No, r.Dialects["NT LM 0.12"])
			require.Equal(t, report.Yes, r.Transports[1].SMB1.Supported)
			require.Equal(t, report.Yes, r.Transports[1].Dialects["NT LM 0.12"])
			require.Equal(t, report.No, r.Transports[1].Dialects["3.0"])
			require.NotEmpty(t, r.Evidence["/transports/1/smb1/supported"])
			require.NotEmpty(t, r.Evidence["/transports/1/dialects/NT LM 0.12"])
			require.Equal(t, report.No, r.Transports[1].Encryption.Supported)
		})
	}
}

// Where direct TCP does not answer, port 139 speaks for the server, in its share of the time.
func TestPortsWithoutDirectTCP(t *testing.T) {
	peers := map[string]struct {
		peer    func(net.Conn) // nil: nobody listens
		hole    bool
		outcome report.Outcome
	}{
		"refused":  {nil, false, report.OutcomeRefused},
		"filtered": {nil, true, report.OutcomeTimedOut},
		"silent":   {smbtest.Silent, false, report.OutcomeTimedOut},
		"closes":   {smbtest.CloseAtOnce, false, report.OutcomeClosed},
		"resets":   {smbtest.ResetAtOnce, false, report.OutcomeReset},
		"HTTP":     {smbtest.SaysFirst("HTTP/1.1 400 Bad Request\r\n\r\n"), false, report.OutcomeNotSMB},
		"endless":  {smbtest.KeepAlives, false, report.OutcomeError},
	}
	for name, tt := range peers {
		for _, level := range fingerprint.Levels() {
			for _, dialTimeout := range []time.Duration{0, time.Minute} {
				t.Run(name+"/"+string(level), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						servers := map[string]func(net.Conn){sessionAddress: overSessions(everything())}
						if tt.peer != nil {
							servers[address] = tt.peer
						}
						network := listening(t, smbtest.Path{}, servers)
						if tt.hole {
							network.Blackhole(address)
						}
						s := fixed(network)
						s.Level, s.Ports, s.Timeout, s.DialTimeout = level, []uint16{445, 139}, timeout, dialTimeout
						start := time.Now()
						r, _ := observed(t, s, network, host)
						require.LessOrEqual(t, time.Since(start), timeout/2+500*time.Millisecond)
						require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
						require.Equal(t, tt.outcome, r.Transports[0].Outcome)
						require.Equal(t, report.OutcomeSMB, r.Transports[1].Outcome)
						require.Equal(t, report.Yes, r.Dialects["3.1.1"])
						require.Empty(t, r.FirstBytes)
						require.Empty(t, r.ProtocolGuess)
						for _, n := range r.Negotiated {
							require.Equal(t, 1, n.Transport)
						}
					})
				})
			}
		}
	}
}

// A port in the target is the only one that is asked.
func TestTargetsPortAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := listening(t, smbtest.Path{}, map[string]func(net.Conn){address: everything(), "192.0.2.1:8445": everything()})
		s := fixed(network)
		s.Ports = []uint16{445, 139}
		r, _ := observed(t, s, network, "192.0.2.1:8445")
		require.Equal(t, "192.0.2.1:8445", r.Transports[0].Address)
		require.Len(t, r.Transports, 1)
		require.Zero(t, network.CountsFor(address).Dials)
	})
}

// A dialer that gets names knows their addresses, and nobody else does: two ports are two transports all the same.
func TestPortsOfAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := listening(t, smbtest.Path{}, map[string]func(net.Conn){
			"files:445": everything(), "files:8445": func(conn net.Conn) { everything()(narrow{conn}) },
			"files:139": overSessions(everything()),
		})
		s := fixed(network)
		s.Level, s.Ports = fingerprint.LevelQuick, []uint16{445, 139, 8445}
		r, _ := observed(t, s, network, "files")
		require.Len(t, r.Transports, 3)
		require.Len(t, r.Negotiated, 3)
		for i, n := range r.Negotiated {
			require.Equal(t, i, n.Transport)
		}
	})
}

// A name is called by its label at the second port too, where the connection goes to the address that answered.
func TestLabelAtTheSecondPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: takes(noName, "FILES<20>"), behind: everything()}
		network := listening(t, smbtest.Path{}, map[string]func(net.Conn){"192.0.2.7:445": everything(), "192.0.2.7:139": d.handle})
		s := fixed(network)
		s.Ports = []uint16{445, 139}
		lookups := 0
		fingerprint.Adjust(s, func(set *exchange.Settings) {
			set.Resolve = func(_ context.Context, _, name string) ([]netip.Addr, error) {
				lookups++
				require.Equal(t, "files.example.org", name)
				return []netip.Addr{netip.MustParseAddr("192.0.2.6"), netip.MustParseAddr("192.0.2.7")}, nil
			}
		})
		r, err := s.Scan(t.Context(), "files.example.org")
		require.NoError(t, err)
		require.Equal(t, 1, lookups, "once for all ports")
		require.Equal(t, 1, network.CountsFor("192.0.2.6:445").Dials)
		require.Zero(t, network.CountsFor("192.0.2.6:139").Dials, "its sibling answers")
		require.Equal(t, []string{"*SMBSERVER<20>", "FILES<20>"}, d.names())
		require.Equal(t, "FILES", r.Transports[1].CalledName)
	})
}

// The same servers, bytes and clock give the same JSON to the byte.
func TestPortsDeterministic(t *testing.T) {
	for _, level := range fingerprint.Levels() {
		first := ""
		for range 20 {
			synctest.Test(t, func(t *testing.T) {
				d := &desk{answer: takes(noName, "TOLD<20>"), behind: replay(t, "samba-4.17.12-nt1").Handle}
				network := listening(t, smbtest.Path{}, map[string]func(net.Conn){address: replay(t, "samba-4.17.12-nt1").Handle, sessionAddress: d.handle})
				s := fixed(network)
				s.Level, s.Ports, s.Raw = level, []uint16{445, 139}, true
				tells(t, "TOLD").join(s)
				r, err := s.Scan(t.Context(), host)
				require.NoError(t, err)
				require.Equal(t, "TOLD", r.Transports[1].CalledName)
				if got := text(t, r); first == "" {
					first = got
				} else {
					require.Equal(t, first, got)
				}
			})
		}
	}
}

// An unusable list of ports or name is told before anything is sent.
func TestPortsErrors(t *testing.T) {
	tests := map[string]fingerprint.Scanner{
		"port 0":          {Ports: []uint16{445, 0}},
		"17 ports":        {Ports: slices.Repeat([]uint16{1}, 17)},
		"a name too long": {CalledName: "sixteen-bytes-is"},
	}
	for name, s := range tests {
		network := smbtest.NewNetwork(smbtest.Path{})
		s.Dial = network.Dial
		client, server := smbtest.Pipe(smbtest.Path{})
		calls := map[string]func() (*fingerprint.Report, error){
			"Scan":           func() (*fingerprint.Report, error) { return s.Scan(t.Context(), host) },
			"ScanConn":       func() (*fingerprint.Report, error) { return s.ScanConn(t.Context(), client) },
			"DetectDialects": func() (*fingerprint.Report, error) { return s.DetectDialects(t.Context(), host) },
		}
		for call, f := range calls {
			r, err := f()
			require.ErrorIs(t, err, fingerprint.ErrConfig, "%s: %s", name, call)
			require.Equal(t, report.OutcomeError, r.Outcome)
			require.NotEmpty(t, r.Reason)
		}
		_, err := s.NodeStatus(t.Context(), host)
		require.ErrorIs(t, err, fingerprint.ErrConfig)
		require.Zero(t, network.Counts().Dials)
		require.NoError(t, client.Close())
		left, err := io.ReadAll(server)
		require.NoError(t, err)
		require.Empty(t, left)
	}
	network := smbtest.NewNetwork(smbtest.Path{})
	ports := make([]uint16, 16)
	for i := range ports {
		ports[i] = uint16(i + 1)
	}
	s := fingerprint.Scanner{Dial: network.Dial, Ports: ports, CalledName: "fifteen-bytes-x"}
	r, err := s.Scan(t.Context(), host)
	require.NoError(t, err)
	require.Len(t, r.Transports, 16)
}
