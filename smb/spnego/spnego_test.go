package spnego

import (
	"strings"

	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// Short names for what every test here uses.
var unhex, odd = wiretest.Hex, wiretest.Odd

const (
	ntlmsspOID = "060a2b06010401823702020a"
	krb5OID    = "06092a864886f712010202"
	spnegoOID  = "06062b0601050502"
)

// samba417 is the security blob of the negotiate response of Samba 4.17.12 on Debian 12, a standalone server.
const samba417 = `6048 06062b0601050502 a03e 303c a00e 300c 060a2b06010401823702020a
	a32a 3028 a026 1b24 6e6f745f646566696e65645f696e5f5246433431373840706c656173655f69676e6f7265`

// inits are NegTokenInit tokens as the builder writes them; by hand after RFC 4178 4.2.1.
func inits() map[string]string {
	return map[string]string{
		"nothing":     "600c" + spnegoOID + "a002 3000",
		"empty list":  "6010" + spnegoOID + "a006 3004 a002 3000",
		"mechanism":   "601c" + spnegoOID + "a012 3010 a00e 300c" + ntlmsspOID,
		"bare":        "a012 3010 a00e 300c" + ntlmsspOID,
		"empty token": "6020" + spnegoOID + "a016 3014 a00e 300c" + ntlmsspOID + "a202 0400",
		"every field": "6038" + spnegoOID + "a02e 302c a019 3017" + krb5OID + ntlmsspOID +
			"a104 03020780 a204 04020102 a303 0401ff",
		"odd OIDs":     "601f" + spnegoOID + "a015 3013 a011 300f 0600 06012b 06022b80 0604 2b80 01 01",
		"unknown":      "6020" + spnegoOID + "a016 3014 a00e 300c" + ntlmsspOID + "a500 0400",
		"wrong type":   "6021" + spnegoOID + "a017 3015 a00e 300c" + ntlmsspOID + "a203 0c0141",
		"unread":       "601f" + spnegoOID + "a015 3013 a00e 300c" + ntlmsspOID + "a27f04",
		"bad MIC":      "6021" + spnegoOID + "a017 3015 a00e 300c" + ntlmsspOID + "a303 0c0141",
		"bad list":     "6010" + spnegoOID + "a006 3004 a002 0400",
		"long enough":  longInit(),
		"long MIC tag": "6022" + spnegoOID + "a018 3016 a00e 300c" + ntlmsspOID + "a304 04020304",
	}
}

// longInit has lengths of two and three bytes.
func longInit() string {
	return "608201 1e" + spnegoOID + "a082 0112 3082 010e a282 010a 0482 0106" + strings.Repeat("ab", 0x106)
}

// inits2 are NegTokenInit2 tokens as the builder writes them; by hand after [MS-SPNG] 2.2.1.
func inits2() map[string]string {
	return map[string]string{
		"samba 4.17": samba417,
		"bare":       "a01e 301c a00e 300c" + ntlmsspOID + "a30a 3008 a006 1b04 4e4f4e45",
		"every field": "6038" + spnegoOID + "a02e 302c a00e 300c" + ntlmsspOID +
			"a103 030100 a203 0401aa a30b 3009 a003 1b0148 a102 0400 a403 0401ff",
		"MIC only":     "6021" + spnegoOID + "a017 3015 a00e 300c" + ntlmsspOID + "a403 0401ff",
		"empty hints":  "6020" + spnegoOID + "a016 3014 a00e 300c" + ntlmsspOID + "a302 3000",
		"unknown hint": "6027" + spnegoOID + "a01d 301b a00e 300c" + ntlmsspOID + "a309 3007 a003 0c0148 0500",
		"unknown [2]":  "6024" + spnegoOID + "a01a 3018 a00e 300c" + ntlmsspOID + "a306 3004 a202 0400",
		"bad MIC":      "6021" + spnegoOID + "a017 3015 a00e 300c" + ntlmsspOID + "a403 0c0141",
		"bad field":    "600f" + spnegoOID + "a005 3003 a4013f",
		"bad hints":    "6021" + spnegoOID + "a017 3015 a00e 300c" + ntlmsspOID + "a303 3002 ff",
	}
}

// resps are NegTokenResp tokens as the builder writes them; by hand after RFC 4178 4.2.2.
func resps() map[string]string {
	return map[string]string{
		"nothing":     "a102 3000",
		"state":       "a107 3005 a003 0a0100",
		"client":      "a108 3006 a204 04020102",
		"every field": "a121 301f a003 0a0101 a10c" + ntlmsspOID + "a203 0401aa a305 0403bbbbbb",
		"framed":      "6011" + spnegoOID + "a107 3005 a003 0a0102",
		"bad mech":    "a10d 300b a104 04022b06 a403 0401ff",
		"odd":         "a111 300f a003 0a0109 a103 060180 a003 0a0100",
	}
}
