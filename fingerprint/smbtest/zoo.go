package smbtest

import (
	"net"
	"slices"
)

// A Hostile is a server that does what no server should, for tests of programs that speak to strangers: they must come to
// an end with it, in bounded time and memory, and believe nothing that it has not proven.
type Hostile struct {
	// Name is unique in a Zoo: its kind, which is before the first slash, and what it does there. Within a version of this
	// module it stands for the same behaviour with every seed.
	Name string
	// Does says what the server does, in one sentence without a full stop.
	Does string
	// Handle serves one connection, for [Serve]; it may serve several at a time. Like the other peers it is bounded by
	// PeerLimit and DripLimit, ends when its connection does, and waits for nothing but its connection and deadlines of it.
	Handle func(net.Conn)
	// NetBIOS says that it shows what it does only where a client begins with a NetBIOS session request, as at port 139.
	NetBIOS bool
	// Pipes says that it shows what it does only to a client that logs on as nobody, connects IPC$ and opens pipes.
	Pipes bool
}

// Zoo returns hostile servers of all kinds, always in the same order. What is random in them follows from the seed and
// from what the client has sent on the connection: with the same seed the same client is sent the same bytes, in whatever
// order its connections come. Only the servers of the kind "identities" look at the number of a connection as well. Each
// call returns servers of its own, which share nothing with those of another call.
//
// Most of the servers answer as a genuine one would but for one thing, so that a client gets far enough to meet it. The
// genuine ones are synthetic, as Personality is, with a fixed clock.
//
// The kind "fields" is by far the largest: one server for each length, count and offset field of each message that a
// genuine server sends, and each value that is set there. A test that is in a hurry can take some of them.
func Zoo(seed uint64) []Hostile {
	return slices.Concat(
		hostileFrames(), hostileAnswers(), hostileCompounds(), hostileTransforms(), hostileTokens(), hostileTexts(),
		hostileSMB1(), hostileNetBIOS(), hostilePipes(), hostileIdentities(seed), hostileMutants(seed), hostileFields(),
	)
}

// named returns servers with the kind in their names.
func named(kind string, list ...Hostile) []Hostile {
	for i := range list {
		list[i].Name = kind + "/" + list[i].Name
	}
	return list
}
