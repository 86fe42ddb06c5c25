package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

func twoTransports() fingerprint.Report {
	r := sample()
	r.Transports = []report.Transport{
		{Transport: "direct-tcp", Address: "192.0.2.1:445", Outcome: report.OutcomeSMB},
		{Transport: "netbios-session", Address: "[2001:db8::1]:139", Outcome: report.OutcomeSMB, CalledName: "*SMBSERVER"},
		{Transport: "direct-tcp", Address: "192.0.2.1:8445", Outcome: report.OutcomeRefused},
	}
	large := report.Negotiated{Dialect: "3.1.1", MaxTransactSize: 8 << 20, MaxReadSize: 8 << 20, MaxWriteSize: 8 << 20}
	small := report.Negotiated{Dialect: "3.1.1", Transport: 1, MaxTransactSize: 65536, MaxReadSize: 65536, MaxWriteSize: 65536}
	same := small
	same.Dialect, same.Transport = "2.0.2", 0
	again := same
	again.Transport = 1
	only := same
	only.Dialect = "2.1"
	r.Negotiated = []report.Negotiated{large, same, only, small, again}
	r.Probes = []report.Probe{
		{ID: "all-offer", Connection: 1, Sent: "SMB2 NEGOTIATE", Result: report.ResultSupported},
		{ID: "behaviour-unknown-cipher", Connection: 2, Sent: "SMB2 NEGOTIATE 3.1.1", Result: report.ResultRefused, Status: "STATUS_INVALID_PARAMETER"},
		{ID: "all-offer", Connection: 3, Transport: 1, Sent: "SMB2 NEGOTIATE", Result: report.ResultSupported},
		{ID: "behaviour-new", Connection: 4, Transport: 1, Sent: "SMB2 NEGOTIATE without a dialect", Result: report.ResultTimeout, DurationMS: 2000},
	}
	return r
}

func TestTransports(t *testing.T) {
	w := world{scan: answering(twoTransports())}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.Contains(t, w.stdout.String(), "\n  port 445 smb · port 139 smb, called *SMBSERVER · port 8445 refused\n")

	w = world{scan: answering(twoTransports())}
	require.Equal(t, exitDone, w.run(t.Context(), "-v", "a"))
	require.Contains(t, w.stdout.String(), `
  transports
    direct-tcp 192.0.2.1:445           smb
    netbios-session [2001:db8::1]:139  smb, called *SMBSERVER
    direct-tcp 192.0.2.1:8445          refused

  dialects
    3.1.1       yes      port 445: up to 8 MiB · signing (no flags) · (no flags)
                         port 139: up to 64 KiB · signing (no flags) · (no flags)
    3.0.2       unknown
    3.0         unknown
    2.1         unknown  port 445: up to 64 KiB · signing (no flags) · (no flags)
    2.0.2       unknown  up to 64 KiB · signing (no flags) · (no flags)
`)
	require.NotContains(t, w.stdout.String(), "port 445 smb ·", "it is told once")
	require.Contains(t, w.stdout.String(), `
  questions over port 445
    1 all-offer  SMB2 NEGOTIATE → supported, 0.0ms

  questions over port 139
    3 all-offer  SMB2 NEGOTIATE → supported, 0.0ms

  behaviour probes
    behaviour-unknown-cipher  SMB2 NEGOTIATE 3.1.1: the encryption context of 3.1.1 has one cipher, an unknown one → refused STATUS_INVALID_PARAMETER, 0.0ms
    behaviour-new             SMB2 NEGOTIATE without a dialect → timeout, 2000ms
`)

	// One transport is not worth a line, but the name by which it was called is.
	r := twoTransports()
	r.Transports = r.Transports[:1]
	require.Empty(t, view{}.transportLine(&r))
	r.Transports = []report.Transport{{Transport: "netbios-session", Outcome: report.OutcomeSMB, CalledName: "FILES"}}
	require.Equal(t, "  netbios-session smb, called FILES\n", view{}.transportLine(&r))
	var out strings.Builder
	r.Transports[0].Port = 139
	require.Equal(t, "  port 139 smb, called FILES\n", view{}.transportLine(&r))
	view{}.transports(&out, &r)
	require.Equal(t, "\n  transports\n    netbios-session port 139  smb, called FILES\n", out.String(), "a proxy knows the address")
	require.Empty(t, view{}.transportLine(&fingerprint.Report{}))
	require.Equal(t, "transport 7", transportName(&r, 7))
	require.Equal(t, "transport -1", transportName(&r, -1))
}

func TestNameService(t *testing.T) {
	r := sample()
	r.NetBIOS = &report.NetBIOS{
		Names: []report.NetBIOSName{{Name: "FILES", Suffix: "20", Flags: []string{"ACT", "G"}}, {Name: "CORP", Suffix: "00"}},
		MAC:   "02:00:00:00:00:01",
	}
	w := world{scan: answering(r)}
	require.Equal(t, exitDone, w.run(t.Context(), "-v", "a"))
	require.Contains(t, w.stdout.String(), `
  name service
    FILES<20>             ACT G
    CORP<00>              (no flags)
    hardware address      02:00:00:00:00:01
`)
}
