package fingerprint

import (
	"iter"
	"net/netip"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/smb"
)

const (
	// anyServer is a name that most servers take for theirs (Windows since NT 4.0, Samba): a session under it proves none.
	anyServer = "*SMBSERVER"
	// nameWait is how long the name service may take, which is near the server or nowhere.
	nameWait = 2 * time.Second
	// datagrams is the number of what is no connection.
	datagrams = 0
)

// first makes the first talk of a plan. Over NetBIOS sessions it is made anew for one name after the other until the
// server takes a session; only the last one stays in the plan.
func (r *run) first(build func() *talk, hold func(*talk)) (*talk, error) {
	var t *talk
	for r.called = range r.names() {
		for again := true; again; again = r.calledAgain(t) {
			r.forget()
			t = build()
			if err := r.prepare(t); err != nil {
				return nil, err
			}
			t.begun = true
			hold(t)
			if r.sessions {
				return t, nil
			}
			<-t.greeted
			if r.sessions = t.session.Stands; r.sessions {
				return t, nil
			}
			<-t.ended
		}
		// A server that has no resources has the name.
		if !t.session.Refused || t.session.Code == smb.SessionNoResources || r.ctx.Err() != nil {
			break
		}
	}
	return t, nil
}

// calledAgain tells whether a server is to be called by the same name again: where it has led to, or, once, after a rest,
// since busy servers drop session requests as they drop offers. One that did is asked one question at a time.
func (r *run) calledAgain(t *talk) bool {
	if t.reaction != lost || t.dialogue.Connected.IsZero() {
		return t.session.Retarget.IsValid() && r.peer.Redirect(t.session.Retarget)
	}
	if r.recalled {
		return false
	}
	careful := *r.scanner
	careful.Sequential = true
	r.scanner, r.recalled = &careful, true
	r.pause()
	return r.ctx.Err() == nil
}

// forget takes the talks of sessions that did not come about out of the plan; their dialogues are kept.
func (r *run) forget() {
	r.collect()
	r.talks, r.collected = nil, 0
}

// names yields the names to call, each once: the given one, the one that most servers take, the one that the server tells,
// and the first label of its name in DNS. Without sessions there is one, which is empty.
func (r *run) names() iter.Seq[smb.NetBIOSName] {
	return func(yield func(smb.NetBIOSName) bool) {
		if r.sessions {
			yield(smb.NetBIOSName{})
			return
		}
		called := map[smb.NetBIOSName]bool{}
		call := func(name smb.NetBIOSName) bool {
			if called[name] {
				return true
			}
			called[name] = true
			return yield(name)
		}
		if !call(r.givenName()) || !call(fileServer(anyServer)) {
			return
		}
		r.forget()
		if name, ok := r.toldName(); ok && !call(name) {
			return
		}
		if name, ok := r.labelName(); ok {
			call(name)
		}
	}
}

func fileServer(name string) smb.NetBIOSName { return smb.MakeNetBIOSName(name, smb.SuffixFileServer) }

func (r *run) givenName() smb.NetBIOSName {
	if name := r.scanner.CalledName; name != "" {
		return fileServer(name)
	}
	return fileServer(anyServer)
}

// toldName asks the server's name service for the name of its file server.
func (r *run) toldName() (smb.NetBIOSName, bool) {
	if r.settings.DialUDP == nil {
		return smb.NetBIOSName{}, false // a caller's dialer is not to be gone past
	}
	d := r.peer.NodeStatus(r.ctx, datagrams, min(nameWait, r.patience(false)))
	r.deliver(d, "node-status")
	status, err := nodeStatus(d)
	if err != nil {
		return smb.NetBIOSName{}, false
	}
	return status.FileServerName()
}

// labelName makes a name of the first label of the target's, which is what Windows does with names that fit.
func (r *run) labelName() (smb.NetBIOSName, bool) {
	if _, err := netip.ParseAddr(r.host); err == nil {
		return smb.NetBIOSName{}, false
	}
	label, _, _ := strings.Cut(r.host, ".")
	return fileServer(label), len(label) <= smb.MaxNetBIOSName
}

// call asks for a NetBIOS session, where the transport has them.
func (r *run) call(conn *exchange.Conn, t *talk) {
	defer close(t.greeted)
	if r.peer.Transport == dialogue.NetBIOSSession && conn.Ready() {
		t.session = conn.Call(r.ctx, r.called, r.patience(t.last))
	}
}
