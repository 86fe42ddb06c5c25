//go:build linux

package livetest

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/nbns"
)

// One report tells of both ports of a server, with what Samba says differently there, and port 139 alone is told as
// right as port 445.
func TestPorts(t *testing.T) {
	for _, tt := range truths() {
		t.Run(tt.name, func(t *testing.T) {
			server := tt.start(t, 445, 139, 8445)
			requireNoUnknownLine(t, server)
			alone := scan(t, server.At(139), fingerprint.LevelFull)
			requireSizesOfSessions(t, alone)
			requireTruth(t, tt, alone)
			require.Equal(t, []report.Transport{session(server)}, alone.Transports)

			s := fingerprint.Scanner{Level: fingerprint.LevelFull, Ports: []uint16{445, 139}}
			r, err := s.Scan(t.Context(), server.Addr)
			require.NoError(t, err)
			require.Equal(t, []report.Transport{
				{Transport: "direct-tcp", Address: server.At(445), Outcome: report.OutcomeSMB}, session(server),
			}, ways(r))
			require.Equal(t, alone.Dialects, r.Transports[1].Dialects)
			require.Equal(t, alone.SMB1.Supported, r.Transports[1].SMB1.Supported)
			require.Equal(t, alone.Encryption, r.Transports[1].Encryption)
			direct := scan(t, server.At(445), fingerprint.LevelFull)
			require.Equal(t, direct.Dialects, r.Dialects)
			require.Equal(t, direct.Signing, r.Signing)
			require.Equal(t, direct.Encryption, r.Encryption)
			if tt.full > 0 {
				require.Equal(t, direct.Cost.Connections+alone.Cost.Connections, r.Cost.Connections)
			}
			require.Equal(t, len(direct.Negotiated)+len(alone.Negotiated), len(r.Negotiated))
			for _, n := range r.Negotiated {
				size := uint32(8 << 20)
				if n.Transport == 1 || n.Dialect == "2.0.2" {
					size = 64 << 10
				}
				require.Equal(t, []uint32{size, size, size}, []uint32{n.MaxReadSize, n.MaxWriteSize, n.MaxTransactSize}, n.Dialect)
			}
		})
	}
}

// ways returns the transports of a report without their answers.
func ways(r *report.Report) []report.Transport {
	list := slices.Clone(r.Transports)
	for i, w := range list {
		list[i] = report.Transport{Transport: w.Transport, Address: w.Address, Port: w.Port, Outcome: w.Outcome, CalledName: w.CalledName}
	}
	return list
}

func session(s *server) report.Transport {
	return report.Transport{Transport: "netbios-session", Address: s.At(139), Outcome: report.OutcomeSMB, CalledName: "*SMBSERVER"}
}

// requireSizesOfSessions requires the sizes that Samba has at port 139, and puts those in their place that it has at
// others, which is what truths tell.
func requireSizesOfSessions(t *testing.T, r *report.Report) {
	t.Helper()
	for i := range r.Negotiated {
		n := &r.Negotiated[i]
		require.Equal(t, []uint32{64 << 10, 64 << 10, 64 << 10}, []uint32{n.MaxReadSize, n.MaxWriteSize, n.MaxTransactSize}, n.Dialect)
		if n.Dialect != "2.0.2" {
			n.MaxReadSize, n.MaxWriteSize, n.MaxTransactSize = 8<<20, 8<<20, 8<<20
		}
	}
}

// Any name is taken by Samba, and a session proves none.
func TestPortsCalledName(t *testing.T) {
	server := startSetup(t, "A")
	for _, called := range []string{"", "LAB-A", "nobody"} {
		s := fingerprint.Scanner{Level: fingerprint.LevelQuick, Ports: []uint16{139}, CalledName: called}
		r, err := s.Scan(t.Context(), server.Addr)
		require.NoError(t, err)
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		want := strings.ToUpper(called)
		if called == "" {
			want = "*SMBSERVER"
		}
		require.Equal(t, want, r.Transports[0].CalledName)
		require.Equal(t, 1, r.Cost.Connections)
		requireSambaNames(t, r, "LAB-A")
	}
}

// A caller's connection to port 139.
func TestPortsOfConnection(t *testing.T) {
	server := startSetup(t, "B")
	conn, err := net.DialTimeout("tcp", server.At(139), 5*time.Second)
	require.NoError(t, err)
	defer conn.Close()
	r, err := new(fingerprint.Scanner).ScanConn(t.Context(), conn)
	require.NoError(t, err)
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.Equal(t, []report.Transport{session(server)}, r.Transports)
	require.Equal(t, "3.1.1", r.PreferredDialect)
}

// The name service of a Samba tells the names that its smb.conf has.
func TestNodeStatusOfSamba(t *testing.T) {
	server := startSamba(t, sambaConfig{Name: "NAMED", Ports: []int{445, 139}})
	startNameService(t, server, "NAMED")
	var status *nbns.Status
	require.Eventually(t, func() bool { // it registers its names one after the other
		var err error
		status, err = new(fingerprint.Scanner).NodeStatus(t.Context(), server.Addr)
		return err == nil && len(names(status)) >= 5
	}, readyWithin, 100*time.Millisecond)
	require.Subset(t, names(status), []string{"NAMED<00>", "NAMED<03>", "NAMED<20>", "WORKGROUP<00> group", "WORKGROUP<1E> group"})
	name, ok := status.FileServerName()
	require.True(t, ok)
	require.Equal(t, "NAMED<20>", name.String())
	require.Zero(t, status.Unit, "Samba tells no hardware address")

	s := fingerprint.Scanner{Dial: new(net.Dialer).DialContext}
	_, err := s.NodeStatus(t.Context(), server.Addr)
	require.ErrorIs(t, err, fingerprint.ErrConfig)
	start := time.Now()
	_, err = new(fingerprint.Scanner).NodeStatus(t.Context(), takeAddress(t, otherNetwork))
	require.Error(t, err, "nobody listens there")
	require.Less(t, time.Since(start), 3*time.Second)
}

// A server that has only the name that its name service tells is found by it.
func TestPortsNodeStatusLeadsToTheName(t *testing.T) {
	server := startSamba(t, sambaConfig{Name: "NAMED", Ports: []int{445}})
	startNameService(t, server, "NAMED")
	require.Eventually(t, func() bool {
		status, err := new(fingerprint.Scanner).NodeStatus(t.Context(), server.Addr)
		return err == nil && slices.Contains(names(status), "NAMED<20>")
	}, readyWithin, 100*time.Millisecond)
	l, err := net.Listen("tcp", server.At(139))
	require.NoError(t, err)
	status, err := new(fingerprint.Scanner).NodeStatus(t.Context(), server.Addr)
	require.NoError(t, err)
	name, _ := status.FileServerName()
	t.Cleanup(smbtest.Serve(l, smbtest.NetBIOS([]smb.NetBIOSName{name}, forward(server.Target()))))
	r := scan(t, server.At(139), fingerprint.LevelStandard)
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.Equal(t, "NAMED", r.Transports[0].CalledName)
	require.Equal(t, report.Yes, r.Dialects["3.1.1"])
	require.NotNil(t, r.NetBIOS)
	require.Equal(t, 8, r.Cost.Connections, "one for the name that was refused")
}

// forward hands a connection on to a server.
func forward(target string) func(net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close()
		to, err := net.DialTimeout("tcp", target, 5*time.Second)
		if err != nil {
			return
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.Copy(conn, to)
			_ = conn.Close()
		}()
		_, _ = io.Copy(to, conn)
		_ = to.Close()
		<-done
	}
}

func names(s *nbns.Status) (list []string) {
	for _, e := range s.Names {
		text := e.Name.String()
		if e.Flags.Has(nbns.NameGroup) {
			text += " group"
		}
		list = append(list, text)
	}
	return list
}

// startNameService starts an nmbd at a server's address.
func startNameService(t *testing.T, s *server, name string) {
	t.Helper()
	beside := &server{Addr: s.Addr, Folder: newFolder(t)}
	file := writeSambaConfig(t, beside, sambaConfig{Name: name, Ports: []int{139}, Global: []string{
		"workgroup = WORKGROUP", "local master = no", "preferred master = no", "domain master = no", "dns proxy = no",
	}})
	argv := append(onMachine(t, beside, name), requireTool(t, "nmbd"), "-F", "--no-process-group", "-s", file)
	start(t, "nmbd "+name, beside.Folder, exec.Command(argv[0], argv[1:]...), filepath.Join(beside.Folder, "log*"))
}

// A name with a dead address and a living one is one server, at the latter.
func TestPortsOfNameWithDeadAddress(t *testing.T) {
	server := startSetup(t, "A")
	dead := takeAddress(t, otherNetwork)
	for _, addresses := range [][]string{{dead, server.Addr}, {server.Addr, dead}} {
		s := fingerprint.Scanner{Ports: []uint16{445, 139}, Resolver: resolver(t, addresses...)}
		r, err := s.Scan(t.Context(), "files.example.test")
		require.NoError(t, err)
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		require.Equal(t, []report.Transport{
			{Transport: "direct-tcp", Address: server.At(445), Outcome: report.OutcomeSMB}, session(server),
		}, ways(r))
		require.Equal(t, report.Yes, r.Dialects["2.0.2"])
		require.Equal(t, "files.example.test", r.Target)
	}
}

// resolver asks a DNS server that has one answer for every name: some IPv4 addresses.
func resolver(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", net.JoinHostPort(takeAddress(t, otherNetwork), "0"))
	require.NoError(t, err)
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	go func() {
		defer close(done)
		b := make([]byte, 1<<10)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(dnsAnswer(b[:n], addresses), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// dnsAnswer answers a query of one question (RFC 1035 4.1) with A records, and one for another type with none.
func dnsAnswer(query []byte, addresses []string) []byte {
	const header, typeA = 12, 1
	end := header
	for end < len(query) && query[end] != 0 {
		end += int(query[end]) + 1
	}
	if end+5 > len(query) {
		return nil
	}
	if binary.BigEndian.Uint16(query[end+1:]) != typeA {
		addresses = nil
	}
	answer := append(query[:2:2], 0x81, 0x80, 0, 1, 0, byte(len(addresses)), 0, 0, 0, 0)
	answer = append(answer, query[header:end+5]...)
	for _, a := range addresses {
		answer = append(answer, 0xC0, header, 0, typeA, 0, 1, 0, 0, 0, 60, 0, 4)
		answer = append(answer, net.ParseIP(a).To4()...)
	}
	return answer
}

const insideVariable = "SMBSCOPE_LIVETEST_INSIDE"

// Over IPv6, with and without a zone, in a network namespace of its own: what it needs of lo is nobody else's.
func TestPortsIPv6(t *testing.T) {
	requireLive(t)
	if os.Getenv(insideVariable) == "" {
		const script = `ip link set lo up && ip address add fe80::1/64 dev lo nodad && exec "$@"`
		self, err := os.Executable()
		require.NoError(t, err)
		output, err := run(t, "", func(c *exec.Cmd) { c.Env = append(os.Environ(), insideVariable+"=1") },
			"unshare", "--net", requireTool(t, "sh"), "-c", script, "sh", self, "-test.run=^TestPortsIPv6$", "-test.v")
		require.NoError(t, err, output)
		require.Contains(t, output, "--- PASS: TestPortsIPv6", output)
		return
	}
	startSamba(t, sambaConfig{Ports: []int{445, 139, 8445}, Global: []string{"bind interfaces only = no"}})
	for _, address := range []string{"::1", "fe80::1%lo"} {
		s := fingerprint.Scanner{Ports: []uint16{445, 139}}
		r, err := s.Scan(t.Context(), address)
		require.NoError(t, err)
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		require.Equal(t, report.Yes, r.Dialects["3.1.1"])
		require.Equal(t, []report.Transport{
			{Transport: "direct-tcp", Address: "[" + address + "]:445", Outcome: report.OutcomeSMB},
			{Transport: "netbios-session", Address: "[" + address + "]:139", Outcome: report.OutcomeSMB, CalledName: "*SMBSERVER"},
		}, ways(r))
		for _, target := range []string{"[" + address + "]:8445", "[" + address + "]:139"} {
			r := scan(t, target, fingerprint.LevelQuick)
			require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
			require.Equal(t, target, r.Transports[0].Address)
		}
		conn, err := net.DialTimeout("tcp", "["+address+"]:139", 5*time.Second)
		require.NoError(t, err)
		r, err = s.ScanConn(t.Context(), conn)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		require.Equal(t, "netbios-session", r.Transports[0].Transport)
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	}
}
