package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

// A server is recorded once more from its replay, and gives the same dialogues by meaning and the same kind of files.
func TestRecord(t *testing.T) {
	dialogues, err := testdata.Dialogues("samba-4.17.12-default")
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer smbtest.Serve(l, smbtest.NewReplay(dialogues).Handle)()

	folder := t.TempDir()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"-pcap=false", "-out", folder, "replayed", l.Addr().String()}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	require.Contains(t, stdout.String(), `replayed: 12 connections, 14 requests, preferred dialect "3.1.1"`)
	for _, suffix := range []string{".dialogue.jsonl", ".report.json"} {
		b, err := os.ReadFile(filepath.Join(folder, "replayed"+suffix))
		require.NoError(t, err)
		require.Contains(t, string(b), l.Addr().String())
	}
}

// With -read the report has what was read, which the dialogues alone do not tell.
func TestRead(t *testing.T) {
	const name = "samba-4.17.12-null-open"
	dialogues, err := testdata.Dialogues(name)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := smbtest.NewReplay(dialogues)
	defer smbtest.Serve(l, server.Handle)()

	folder := t.TempDir()
	var stdout, stderr bytes.Buffer
	args := []string{"-pcap=false", "-out", folder, "-level", "quick", "-null", "-guest", "-read", "replayed", l.Addr().String()}
	require.Zero(t, run(t.Context(), args, &stdout, &stderr), stderr.String())
	require.Empty(t, server.Unmatched())
	var want, got report.Report
	for file, r := range map[string]*report.Report{"": &want, filepath.Join(folder, "replayed.report.json"): &got} {
		b, err := testdata.Report(name)
		if file != "" {
			b, err = os.ReadFile(file)
		}
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, r))
	}
	require.NotEmpty(t, got.NullSession.Shares)
	require.Equal(t, want.NullSession, got.NullSession)
	f, err := os.Open(filepath.Join(folder, "replayed.dialogue.jsonl"))
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	again, err := dialogue.Read(f)
	require.NoError(t, err)
	require.Len(t, again, len(dialogues))
}

func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"no arguments":   {nil, 2, "NAME and TARGET are needed"},
		"one argument":   {[]string{"name"}, 2, "NAME and TARGET are needed"},
		"unknown flag":   {[]string{"-x", "name", "host"}, 2, "not defined: -x"},
		"path as a name": {[]string{"../name", "host"}, 2, `the name "../name" has more in it`},
		"bad target":     {[]string{"-pcap=false", "name", "a b"}, 2, "invalid target"},
		"bad level":      {[]string{"-pcap=false", "-level", "deep", "name", "127.0.0.1"}, 2, "there is no level"},
		"nothing there":  {[]string{"-pcap=false", "name", "127.0.0.1:1"}, 1, "nothing to record: refused"},
		"help":           {[]string{"-h"}, 0, "usage: record"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.Equal(t, tt.code, run(t.Context(), tt.args, &stdout, &stderr), stderr.String())
			require.Contains(t, stderr.String(), tt.says)
		})
	}
}
