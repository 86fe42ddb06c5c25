package smbtest

// A ZooField is a wireField for tests.
type ZooField struct {
	Name      string
	At, Width int // in the message, without its framing
}

// ZooPackets are the packets that the genuine servers of the kind "fields" send.
func ZooPackets() (list [][]byte) {
	for _, s := range fieldServers() {
		list = append(list, s.packets()...)
	}
	return list
}

// ZooFields are the fields of a packet.
func ZooFields(packet []byte) (list []ZooField) {
	for _, f := range fieldsOf(packet) {
		list = append(list, ZooField{f.name, f.at - base, f.width})
	}
	return list
}

// GenuineShares is the stub that pipes of genuine servers give.
func GenuineShares() []byte { return hexBytes(genuineShares) }
