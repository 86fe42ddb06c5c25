package negotiate

import (
	"io"

	"github.com/smbscope/smbscope/smb"
)

// A Behaviour is an unusual negotiate request whose answer, or silence, tells implementations apart. Behaviours has
// them all; the zero value builds nothing.
type Behaviour struct {
	// ID names the probe in reports; it begins with "behaviour-".
	ID string
	// Odd says in a few words what is unusual in the request. All else is as Offer.Build has it.
	Odd string
	// Specification says what the documents want a server to do, with their sections.
	Specification string
	// Seen lists what servers answered. See Sighting.
	Seen []Sighting

	offer Offer                      // the request but for the oddity, or with it, where an offer can say it
	alter func(r *SMB2Request) error // makes the request odd, where an offer cannot; or nil
}

// A Sighting is what one server answered to a probe: "3.1.1 chosen" and what is notable in that answer, the name of a
// status, "DialectIndex 0xFFFF", "closed" or "silence". A server without its setup in brackets stands for all setups that
// were tried, except for those that have a row of their own. "(source)" marks what was read in a program's source,
// "(specification)" what the product notes of [MS-SMB2] state; all else was measured over TCP port 445.
type Sighting struct {
	Server, Answer string
}

// Build returns the request as bytes from the protocol identifier on, with the random bytes that Offer.Build draws and in
// its order. Errors are those of random, and a wire.ErrFormat error for a Behaviour that is not one of Behaviours.
//
// Nothing else may follow on the connection of a probe, whatever the answer: the state of a server after a refused
// negotiate is the least tested one (Linux 6.6 frees its preauthentication state there, and its session setup does not
// look whether there is one: ksmbd's alloc_preauth_hash).
func (b Behaviour) Build(random io.Reader) ([]byte, error) {
	msg, err := b.offer.Build(random)
	if err != nil || b.alter == nil {
		return msg, err
	}
	r, err := ParseSMB2Request(msg)
	if err != nil {
		return nil, err
	}
	if err := b.alter(&r); err != nil {
		return nil, err
	}
	return r.AppendBinary(nil)
}

// IsSMB1 tells whether the request is one of SMB1.
func (b Behaviour) IsSMB1() bool { return len(b.offer.SMB1) > 0 }

// unknownID stands for an algorithm that does not exist. It is far from those that do, and not zero, which is "none".
const unknownID = 0x7FFE

// unknownDialect is a dialect string that no server knows.
const unknownDialect = "SMBSCOPE 1.0"

// odd311 is the offer of 3.1.1 alone with every algorithm, changed.
func odd311(change func(*Offer)) Offer {
	o := Single(smb.DialectSMB311)
	change(&o)
	return o
}

func noContexts(r *SMB2Request) error {
	r.Contexts = nil
	return nil
}

func noDialects(r *SMB2Request) error {
	r.Dialects = nil
	return nil
}

func messageID1(r *SMB2Request) error {
	r.Header.MessageID = 1
	return nil
}

// twoPreauth puts the first context, the preauth one, there twice.
func twoPreauth(r *SMB2Request) error {
	r.Contexts = append([]Context{r.Contexts[0]}, r.Contexts...)
	return nil
}

// unknownHash keeps the salt and puts another hash algorithm in the place of SHA-512.
func unknownHash(r *SMB2Request) error {
	p, err := ParsePreauthIntegrity(r.Contexts[0].Data)
	if err != nil {
		return err
	}
	p.HashAlgorithms = []HashAlgorithm{unknownID}
	r.Contexts[0], err = p.Context()
	return err
}
