// Package ntlmssp reads and writes the three messages of NT LAN Manager authentication as described in [MS-NLMP] 2.2:
// Negotiate (type 1), Challenge (type 2) and Authenticate (type 3). It computes no responses and holds no keys.
//
// A message begins at the 'N' of its signature, the base of all offsets in it. What parsers guarantee is told in
// package wire. Slices in a parsed value alias the message.
//
// # Headers of several sizes
//
// The fixed parts grew over the years, and no length or version in them says by how much. Servers from before Windows
// XP SP2, Samba up to 3.5, illumos and ksmbd send a challenge without the Version field and begin the payload in its
// place, whether NTLMSSP_NEGOTIATE_VERSION is set or not (Samba 3.0.25b sets it). So a parser takes as header what
// lies before the first byte of the payload: Version, TargetInfo and MIC are there if they fit before it, and
// a disagreeing flag is an anomaly. HeaderSize in each message keeps what was found.
//
// # What is kept
//
// Values are kept byte for byte, in wire order where they are lists. The place of the variable parts is not: a builder
// lays them out as Windows does, and what no field points to becomes an anomaly.
//
// To add a field to a message: 1. the struct field with its section; 2. the read and the append, in the order of the
// specification; 3. a row in the message's table of bytes.
package ntlmssp
