// Package guard makes it safe to point any SMB client at a server that nobody vouches for.
//
// SMB libraries are written for servers of one's own. Many of them trust the lengths and offsets that they are sent, and
// one crafted answer ends the process that embeds them. A [Conn] stands between such a client and its connection:
//
//	conn, err := net.Dial("tcp", "192.0.2.1:445")
//	...
//	session, err := dialer.Dial(guard.New(conn, guard.Options{}))
//
// The bytes that pass are not changed in either direction: signatures and preauthentication hashes stay right. What the
// server sends reaches the client only in whole frames that keep these rules. Anything else closes the connection, and
// Read and Write then give a [*RefusedError] that names the rule.
//
//   - A frame is at most Options.MaxFrame bytes, all that is received at most Options.MaxBytes, and the connection ends
//     at its deadline whatever deadlines the client sets. No memory is taken for bytes that have not arrived.
//   - A message is SMB1, SMB2, or an encrypted or compressed one; its header is whole and says that it is a response.
//   - It answers a request that waits for an answer, of the same command and id, once; STATUS_PENDING may come before
//     it, once. An oplock or lease break passes only where one was asked for; otherwise it is refused, not dropped:
//     no server has a reason to send it.
//   - It stands alone in its frame. With Options.Compounds a frame may hold the answers to requests that were sent in one.
//   - The dialect was offered, and so was every algorithm. The 0x02FF that says "negotiate again" comes once, after an
//     SMB1 negotiate with "SMB 2.???".
//   - Fixed parts are whole, and variable parts lie behind them and inside the message: security buffers, negotiate and
//     create and error contexts, the tokens and AV pairs of a logon, the data of reads and calls, directory listings,
//     SMB1 words, bytes, AndX chains and parts of transactions. Data is never more than was asked for.
//   - Encryption and compression are seen only where they were negotiated and a session stands. Session and share flags
//     that demand encryption pass only where it was negotiated.
//   - A client that logs on with a user's name is not made a guest or anonymous (Options.AllowGuest allows it), and no
//     such flag comes before a logon is over.
//   - The server leaves the client a credit, and sizes with which it can make progress.
//
// # What it does not do
//
// Encrypted and compressed messages cannot be read: only their headers and sizes are checked. Whoever knows the user's
// password, and only they, can make encrypted messages, with anything in them; Options.NoTransforms refuses them all.
// What RPC calls and files hold is the client's own to read. Signatures are not checked, and nothing says that the server
// is the one that was meant.
//
// A client's reads of more than Options.MaxFrame are answered in larger frames, which are refused: raise the limit, or
// read in smaller pieces.
//
// A Conn has no goroutine, logs nothing, and holds at most one frame of the server's and the first 128 KiB of one of the
// client's.
package guard
