package spnego

import (
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/smbscope/smbscope/smb/wire"
)

// build appends a token: the choice with its tag, around the sequence that fields fills, in the GSS-API header if it
// is framed.
func build(b []byte, message string, framed bool, choice uint8, fields func(*cryptobyte.Builder)) ([]byte, error) {
	out := cryptobyte.NewBuilder(b)
	token := func(out *cryptobyte.Builder) {
		out.AddASN1(asn1.Tag(choice), func(out *cryptobyte.Builder) {
			out.AddASN1(asn1.SEQUENCE, fields)
		})
	}
	if framed {
		out.AddASN1(tagGSSAPI, func(out *cryptobyte.Builder) {
			addOID(out, OIDSPNEGO)
			token(out)
		})
	} else {
		token(out)
	}
	built, err := out.Bytes()
	if err != nil {
		if !errors.Is(err, wire.ErrFormat) {
			err = fmt.Errorf("%w: %w", wire.ErrTooLong, err) // the one other thing that can go wrong in a builder
		}
		return b, &wire.ParseError{Message: message, Field: "NegotiationToken", Err: err}
	}
	return built, nil
}

// addField adds a field [number] around what content adds.
func addField(out *cryptobyte.Builder, number uint8, content func(*cryptobyte.Builder)) {
	out.AddASN1(asn1.Tag(tagContext+number), content)
}

// addBytes adds a field [number] of a primitive type, unless it is absent.
func addBytes(out *cryptobyte.Builder, number uint8, tag asn1.Tag, content []byte) {
	if content == nil {
		return
	}
	addField(out, number, func(out *cryptobyte.Builder) {
		out.AddASN1(tag, func(out *cryptobyte.Builder) { out.AddBytes(content) })
	})
}

func addOID(out *cryptobyte.Builder, oid OID) {
	content, ok := oid.content()
	if !ok {
		out.SetError(fmt.Errorf("object identifier %q: %w", oid, wire.ErrFormat))
		return
	}
	out.AddASN1(asn1.OBJECT_IDENTIFIER, func(out *cryptobyte.Builder) { out.AddBytes(content) })
}

func addUnknown(out *cryptobyte.Builder, unknown [][]byte) {
	for _, raw := range unknown {
		out.AddBytes(raw)
	}
}
