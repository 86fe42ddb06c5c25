package fingerprint

import (
	"slices"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// extensionsID is the question for what is no list of algorithms.
const extensionsID = "extensions"

// lists are the questions where 3.1.1 is taken, but not from an offer with all contexts: each kind of algorithm by itself,
// for a server that chokes on one context may take the others.
func (r *run) lists() []*talk {
	if r.asked(listID + kindCipher) {
		return nil
	}
	all, bare := negotiate.All(), negotiate.Offer{SMB2: []smb.Dialect{smb.DialectSMB311}}
	ciphers, signing, compression, extensions := bare, bare, bare, bare
	ciphers.ID, ciphers.Ciphers = listID+kindCipher, all.Ciphers
	signing.ID, signing.Signing = listID+kindSigning, all.Signing
	compression.ID, compression.Compression, compression.Chained = listID+kindCompression, all.Compression, true
	extensions.ID, extensions.RDMA, extensions.POSIX = extensionsID, negotiate.RDMATransforms(), true
	var list []*talk
	for _, o := range []negotiate.Offer{ciphers, signing, compression, extensions} {
		list = append(list, &talk{offer: o, detail: true})
	}
	return list
}

func listIDs() []string {
	return []string{listID + kindCipher, listID + kindSigning, listID + kindCompression}
}

// narrowed returns an offer with the lists that were taken by themselves, beside the ciphers of a first answer, and the
// algorithms that their answers leave open.
func (r *run) narrowed(first *talk) (base, open negotiate.Offer) {
	base = negotiate.Offer{SMB2: []smb.Dialect{smb.DialectSMB311}, Ciphers: first.offer.Ciphers, Chained: true}
	open.Ciphers = openAlgorithms(first).Ciphers
	if t := r.latest(listID + kindCipher); t != nil && t.takes() && t.smb2 != nil {
		base.Ciphers, open.Ciphers = t.offer.Ciphers, openAlgorithms(t).Ciphers
	}
	if t := r.latest(listID + kindSigning); t != nil && t.takes() && t.smb2 != nil {
		base.Signing, open.Signing = t.offer.Signing, openAlgorithms(t).Signing
	}
	if t := r.latest(listID + kindCompression); t != nil && t.takes() && t.smb2 != nil {
		base.Compression, open.Compression = t.offer.Compression, openAlgorithms(t).Compression
	}
	return base, open
}

// reversedOf offers the lists of an offer in the reverse order.
func reversedOf(o negotiate.Offer) negotiate.Offer {
	o.ID = negotiate.Reversed().ID
	o.Ciphers, o.Signing, o.Compression = slices.Clone(o.Ciphers), slices.Clone(o.Signing), slices.Clone(o.Compression)
	slices.Reverse(o.Ciphers)
	slices.Reverse(o.Signing)
	slices.Reverse(o.Compression)
	return o
}

// What rides on the list in reverse order, asked for by itself.
const (
	plainReversedID = "reversed-algorithms"
	rdmaID          = "extension-rdma"
	posixID         = "extension-posix"
)

// extensions asks for what rides on the lists in reverse order where they were not answered: the lists without it, and
// each of the others by itself. A transform of RDMA that an answer leaves out is asked for alone.
func (r *run) extensions(base negotiate.Offer) []*talk {
	var list []*talk
	ask := func(id string, o negotiate.Offer) {
		if o.ID = id; !r.asked(id) {
			list = append(list, &talk{offer: o, detail: true})
		}
	}
	i := slices.IndexFunc(r.talks, func(t *talk) bool { return t.offer.ID == negotiate.Reversed().ID })
	if i >= 0 && len(r.talks[i].offer.RDMA) > 0 && r.isMute(r.talks[i]) {
		ask(plainReversedID, reversedOf(base))
		rdma, posix := base, base
		rdma.RDMA, posix.POSIX = negotiate.RDMATransforms(), true
		ask(rdmaID, rdma)
		ask(posixID, posix)
	}
	for _, t := range r.talks {
		if len(t.offer.RDMA) < 2 || !t.takes() || t.smb2 == nil {
			continue
		}
		ctx, present := t.smb2.Context(negotiate.ContextRDMATransform)
		answer, _ := negotiate.ParseRDMATransform(ctx.Data) // what cannot be read leaves all of them out
		left := without(t.offer.RDMA, answer.Transforms)
		if !present || len(left) != 1 {
			continue
		}
		o := base
		o.RDMA = left
		ask("rdma-"+left[0].String(), o)
	}
	return list
}
