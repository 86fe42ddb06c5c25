package identity

import (
	"strings"

	"github.com/smbscope/smbscope/smb"
)

// A word is a native string that only one stack sends.
type word struct {
	stack           string
	weight          float64
	system, manager string // beginnings, in lower case; empty matches anything
	example         string
}

// words are what appliances say of themselves in SMB1.
func words() []word {
	return []word{
		{stackMikroTik, 6, "", "mikrotiksmb", `{"smb1":{"native_lan_manager":"MikrotikSMB"}}`},
		{stackNQ, 6, "", "nq ", `{"smb1":{"native_lan_manager":"NQ 4.32"}}`},
		{stackNQ, 6, "", "ynq ", `{"smb1":{"native_lan_manager":"YNQ 1.4.1"}}`},
		{stackVxWorks, 4, "vxworks", "", `{"smb1":{"native_os":"VxWorks"}}`},
		{stackIBMi, 6, "os/400 v", "", `{"smb1":{"native_os":"OS/400 V5R4M0"}}`},
		{stackIBMi, 6, "i5os v", "", `{"smb1":{"native_os":"I5OS V6R1M0"}}`},
		{stackCelerra, 6, "emc-snas:t", "", `{"smb1":{"native_os":"EMC-SNAS:T7.1.72.1"}}`},
		{stackQTS, 16, "qts", "samba ", "OISF-suricata-verify__smb1_osx.pcap#1"},
		{stackAirPort, 6, "apple base station", "", `{"smb1":{"native_os":"Apple Base Station"}}`},
		{stackGuardianOS, 16, "", "samba for guardianos", `{"smb1":{"native_lan_manager":"Samba for GuardianOS v5.2"}}`},
		{stackGuardianOS, 16, "", "samba samba for guardianos", `{"smb1":{"native_lan_manager":"Samba Samba for GuardianOS v5.2"}}`},
	}
}

func (w word) rule() rule {
	return rule{
		stack: w.stack, weight: w.weight, source: sourceRecog, example: w.example,
		sees: func(t *traits) string {
			system, manager := t.native()
			if system == "" && manager == "" || !strings.HasPrefix(strings.ToLower(system), w.system) ||
				!strings.HasPrefix(strings.ToLower(manager), w.manager) {
				return ""
			}
			return "its native OS is " + quoted(system) + ", its LAN manager " + quoted(manager)
		},
	}
}

// visionFS are the beginnings of VisionFS's native OS: two letters of the processor and two of the system, with four digits
// behind them. Only those with an example are here.
const visionFS = " axai i3sc spsu "

func applianceRules() []rule {
	list := []rule{{
		stack: stackVisionFS, weight: 3, source: sourceRecog, example: `{"smb1":{"native_os":"i3sc0500"}}`,
		sees: func(t *traits) string {
			system, _ := t.native()
			if len(system) != 8 || !strings.Contains(visionFS, " "+system[:4]+" ") || strings.Trim(system[4:], "0123456789") != "" {
				return ""
			}
			return "its native OS is " + quoted(system) + ", a processor and a system as VisionFS has them"
		},
	}}
	for _, w := range words() {
		list = append(list, w.rule())
	}
	return list
}

// A number is what the SMB1 negotiate response of a printer holds.
type number struct {
	stack        string
	mpx          uint16
	buffer       uint32
	capabilities smb.SMB1Capabilities
	example      string
}

const sourceProbes = "values in nmap-service-probes: facts, measured by others"

func numbers() []number {
	return []number{
		{stackCanon, 1, 7744, 0x214, `{"smb1":{"max_mpx":1,"max_buffer_size":7744,"capabilities":["CAP_UNICODE","CAP_NT_SMBS","CAP_NT_FIND"]}}`},
		{stackEpson, 10, 65536, 0xe07c, `{"smb1":{"max_mpx":10,"max_buffer_size":65536,"capabilities":["CAP_UNICODE","CAP_LARGE_FILES","CAP_NT_SMBS","CAP_RPC_REMOTE_APIS","CAP_STATUS32","CAP_INFOLEVEL_PASSTHRU","CAP_LARGE_READX","CAP_LARGE_WRITEX"]}}`},
		{stackEpson, 10, 65536, 0x207c, `{"smb1":{"max_mpx":10,"max_buffer_size":65536,"capabilities":["CAP_UNICODE","CAP_LARGE_FILES","CAP_NT_SMBS","CAP_RPC_REMOTE_APIS","CAP_STATUS32","CAP_INFOLEVEL_PASSTHRU"]}}`},
		{stackHP, 10, 23356, 0x5c, `{"smb1":{"max_mpx":10,"max_buffer_size":23356,"capabilities":["CAP_UNICODE","CAP_LARGE_FILES","CAP_NT_SMBS","CAP_STATUS32"]}}`},
		{stackKyocera, 2, 32768, 0x200, `{"smb1":{"max_mpx":2,"max_buffer_size":32768,"capabilities":["CAP_NT_FIND"]}}`},
		{stackSharp, 2, 32764, 0x200, `{"smb1":{"max_mpx":2,"max_buffer_size":32764,"capabilities":["CAP_NT_FIND"]}}`},
		{stackBrother, 1, 65535, 0x201, `{"smb1":{"max_mpx":1,"max_buffer_size":65535,"capabilities":["CAP_RAW_MODE","CAP_NT_FIND"]}}`},
		{stackAirPort, 10, 64236, 0x207c, `{"smb1":{"max_mpx":10,"max_buffer_size":64236,"capabilities":["CAP_UNICODE","CAP_LARGE_FILES","CAP_NT_SMBS","CAP_RPC_REMOTE_APIS","CAP_STATUS32","CAP_INFOLEVEL_PASSTHRU"]}}`},
	}
}

func printerRules() []rule {
	var list []rule
	for _, n := range numbers() {
		list = append(list, rule{
			stack: n.stack, weight: 1.4, source: sourceProbes, example: n.example,
			sees: when("its SMB1 numbers are those of such a device", func(t *traits) bool {
				return t.numbers(n.mpx, n.buffer, n.capabilities)
			}),
		})
	}
	return list
}
