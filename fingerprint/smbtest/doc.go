// Package smbtest holds test servers for programs that speak SMB, and an in-memory network to reach them over.
//
// A [Network] has listeners and a dial function in the shape of [net.Dialer.DialContext]; its connections have what
// [net.Pipe] lacks: buffers, half-close, reset, latency and segment sizes. [Pipe] makes one connection without a
// network. [Serve] runs a handler over any [net.Listener], one of a Network as well as a real one.
//
// The handlers of this package ([Silent], [Drip], [HTTP] and others) are peers that are no SMB server, or a hostile
// one. A scanner must come to an end with each of them, in bounded time and memory.
//
// A [Personality] answers as a product is documented to that nobody has recorded: [Personalities] lists Windows 7 to 11 and
// Server 2012 R2 to 2025 in each of their roles, and others. They are synthetic, and called so in their names. Nothing is
// proven by one but that a program copes with such answers; how accurate identification is must never be measured with
// them, because they know what its tables know. For that there are recorded servers.
//
// [Zoo] has them all and many more: servers that answer as a genuine one would but for one thing, in frames, messages, the
// fields and tokens in them, NetBIOS sessions and pipes, each under a name. An importer scans them all and sees that its
// program comes to an end with each, and believes none; a server that makes trouble is met again by its name and its seed.
//
// # Time
//
// All waiting is for timers, channels and condition variables: with a Network, or a Pipe, that was made inside a bubble
// of [testing/synctest], minutes of latency and time-outs pass at once and are exact to the nanosecond. Everything that
// takes part must be made in the same bubble.
package smbtest
