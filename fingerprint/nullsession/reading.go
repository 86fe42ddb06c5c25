package nullsession

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/internal/session"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	// maxConnections bounds how often the session is set up anew: some servers drop the connection with a refusal.
	maxConnections = 6
	// answerTime is the longest wait for one answer.
	answerTime = 10 * time.Second
	// cutOff is why a list is not whole.
	cutOff = "a list was cut off at its bound of entries"
	// ipcShare is the share of the named pipes.
	ipcShare = "IPC$"
	// prefix begins the identifiers of all questions.
	prefix = verdict.NullSession + "-"
)

// A reading is a Read under way.
type reading struct {
	ctx       context.Context
	options   Reader
	scanner   *fingerprint.Scanner
	settings  *exchange.Settings
	report    *report.Report
	null      *report.NullSession
	transport report.Transport
	offers    []negotiate.Offer // in which a session is asked for, the best first; one once it was granted
	peer      *exchange.Peer
	opened    int  // connections
	over      bool // no connection is to be made any more
	before    int  // connections of the scan

	conn     *exchange.Conn // nil where none stands
	session  *session.Session
	ipc      session.Tree
	users    collection[report.User]
	groups   collection[report.Group]
	control  control // of share access
	accessed int     // shares of which that was asked
}

func newReading(ctx context.Context, o Reader, s *fingerprint.Scanner, r *report.Report) *reading {
	settings := &exchange.Settings{
		Dial: s.Dial, DialTimeout: s.DialTimeout, Now: s.Now, Rand: s.Rand, Log: s.Log, Bytes: o.maxBytes(), Received: o.maxBytes(),
	}
	settings.Fill(s.Resolver)
	if s.Budget.Bytes > 0 {
		left := s.Budget.Bytes - r.Cost.BytesSent - r.Cost.BytesReceived
		settings.Bytes = max(1, min(settings.Bytes, left))
	}
	settings.Connections = maxConnections
	if s.Budget.Connections > 0 {
		settings.Connections = min(maxConnections, s.Budget.Connections-r.Cost.Connections)
	}
	g := &reading{
		ctx: ctx, options: o, scanner: s, settings: settings, report: r, null: r.NullSession, before: r.Cost.Connections,
		users: newCollection(o.maxEntries(), o.User), groups: newCollection(o.maxEntries(), o.Group),
	}
	g.choose()
	return g
}

// choose finds out where and in which dialects a session can be had: where the scan was granted one, or else in the
// server's best dialect and in SMB1.
func (g *reading) choose() {
	if len(g.report.Transports) > 0 {
		g.transport = g.report.Transports[g.main()]
	}
	var granted []string
	for _, a := range g.null.Attempts {
		if a.Identity == report.IdentityAnonymous && a.Status == "STATUS_SUCCESS" && a.Transport < len(g.report.Transports) {
			if g.transport = g.report.Transports[a.Transport]; a.IPCStatus == "" || a.IPCStatus == "STATUS_SUCCESS" {
				granted = append(granted, a.Dialect)
			}
		}
	}
	asked := len(g.null.Attempts) > 0
	for _, d := range slices.Backward(smb.Dialects()) {
		name := d.String()
		if slices.Contains(granted, name) || !asked && name == g.report.PreferredDialect {
			g.offers = append(g.offers, negotiate.Single(d))
			break
		}
	}
	if slices.Contains(granted, smb.DialectNTLM012) || !asked && g.report.Dialects[smb.DialectNTLM012] == report.Yes {
		g.offers = append(g.offers, negotiate.SMB1Only(), negotiate.NotExtended())
	}
	host, port := g.target()
	g.peer = &exchange.Peer{
		Settings: g.settings, Host: host, Port: port, Target: g.report.Target, Level: string(g.report.Level),
		Transport: dialogue.Transport(g.transport.Transport),
	}
}

// main is the index of the transport that speaks for the server: the one without answers of its own.
func (g *reading) main() int {
	i := slices.IndexFunc(g.report.Transports, func(t report.Transport) bool {
		return t.Outcome == report.OutcomeSMB && t.Dialects == nil
	})
	return max(i, 0)
}

func (g *reading) target() (host string, port uint16) {
	if a, err := netip.ParseAddrPort(g.transport.Address); err == nil {
		return a.Addr().String(), a.Port()
	}
	t, _ := fingerprint.ParseTarget(g.report.Target)
	return t.Host, uint16(cmp.Or(g.transport.Port, int(t.Port), fingerprint.DefaultPort))
}

// all reads everything, in the order in which the report has it.
func (g *reading) all() {
	defer g.finish()
	if !g.connect() {
		if g.ctx.Err() == nil {
			g.partial("no anonymous session with IPC$")
		}
		return
	}
	g.server()
	g.workstation()
	g.domains()
	g.accounts()
	g.endpoints()
	g.audit()
}

// connect sees to it that there is a session with IPC$, and tells whether there is. A connection that was lost is made
// anew, a few times.
func (g *reading) connect() bool {
	for g.conn == nil || !g.session.Ready() {
		g.leave()
		if g.over || g.ctx.Err() != nil || len(g.offers) == 0 || g.opened >= g.settings.Connections {
			return false
		}
		g.opened++
		if g.open(g.offers[0]) {
			g.offers = g.offers[:1]
			return true
		}
		g.leave()
		if len(g.offers) == 1 {
			return false
		}
		g.offers = g.offers[1:]
	}
	return true
}

// open sets a session up over a connection of its own.
func (g *reading) open(offer negotiate.Offer) bool {
	g.conn = g.peer.Open(g.ctx)
	if g.peer.Transport == dialogue.NetBIOSSession && g.conn.Ready() {
		name := cmp.Or(g.transport.CalledName, "*SMBSERVER")
		g.conn.Call(g.ctx, smb.MakeNetBIOSName(name, smb.SuffixFileServer), answerTime)
	}
	request, err := offer.Build(g.settings.Rand)
	if err != nil || !g.conn.Ready() {
		return false
	}
	reply := g.conn.Ask(g.ctx, prefix+"negotiate", request, answerTime)
	if g.session = g.sessionOf(reply); g.session == nil {
		return false
	}
	g.session.Host, _ = g.target()
	g.session.Wait = func() time.Duration { return answerTime }
	if !g.session.Plain() && g.session.Challenge(g.ctx, prefix+"challenge") != nil {
		return false
	}
	if g.session.Anonymous(g.ctx, verdict.NullSession) != nil {
		return false
	}
	g.ipc, err = g.session.Connect(g.ctx, prefix+"ipc", ipcShare)
	return err == nil
}

func (g *reading) sessionOf(reply []byte) *session.Session {
	if answer, err := negotiate.ParseSMB2Response(reply); err == nil {
		return session.NewSMB2(g.conn, answer)
	}
	if answer, err := negotiate.ParseSMB1Response(reply); err == nil && answer.WordCount == negotiate.AnswerWordsNT {
		return session.NewSMB1(g.conn, answer)
	}
	return nil
}

// leave ends the connection, hands its dialogue on, and returns it; nil where there is none.
func (g *reading) leave() *dialogue.Dialogue {
	if g.conn == nil {
		return nil
	}
	d := g.conn.Done()
	d.Connection += g.before
	verdict.Append(g.report, []*dialogue.Dialogue{d}, verdict.Options{Raw: g.scanner.Raw})
	g.null = g.report.NullSession
	if g.scanner.Dialogues != nil {
		g.scanner.Dialogues(d)
	}
	g.conn, g.session = nil, nil
	switch d.End {
	case dialogue.EndBudget, dialogue.EndLimit, dialogue.EndForeign:
		g.over = true
		g.partial("the connection ended: " + d.Reason)
	case dialogue.EndError, dialogue.EndUnreachable, dialogue.EndUnresolved:
		if d.Connected.IsZero() {
			g.partial("a connection could not be made: " + d.Reason)
		}
	}
	return d
}

// finish ends the connection and says why reading ended early, where it did.
func (g *reading) finish() {
	ended := g.leave()
	g.null.Users, g.null.Groups = g.users.list, g.groups.list
	slices.SortStableFunc(g.null.Users, func(a, b report.User) int { return cmp.Compare(a.RID, b.RID) })
	if g.users.cut || g.groups.cut {
		g.partial(cutOff)
	}
	switch {
	case g.ctx.Err() != nil:
		g.partial(context.Cause(g.ctx).Error())
	case ended != nil && ended.End != dialogue.EndDone:
		g.partial("the connection ended: " + ended.Reason)
	}
}

// partial notes why something is missing, each reason once.
func (g *reading) partial(reason string) {
	switch {
	case g.null.Partial == "":
		g.null.Partial = reason
	case !strings.Contains(g.null.Partial, reason):
		g.null.Partial += "; " + reason
	}
}

// word is the status of a step: a token where there is one.
func word(err error) string {
	var status *session.StatusError
	switch {
	case err == nil:
		return "STATUS_SUCCESS"
	case errors.As(err, &status):
		return status.Token
	case errors.Is(err, session.ErrNoAnswer):
		return "no answer"
	}
	return plain(err)
}

// plain cuts an error to one line that can be printed.
func plain(err error) string { return fmt.Sprintf("%.200s", wire.EscapeText(err.Error())) }

// claim puts down what an answer rests on.
func (g *reading) claim(path string, answer report.Answer, probe, status, text string) {
	e := report.Evidence{Probe: probe, Result: report.ResultRefused, Status: status, Text: text}
	switch answer {
	case report.Yes:
		e.Result = report.ResultSupported
	case report.Unknown:
		e.Result = report.ResultMalformed
	}
	if g.report.Evidence == nil {
		g.report.Evidence = map[string][]report.Evidence{}
	}
	g.report.Evidence[path] = append(g.report.Evidence[path], e)
}

// note puts a call down.
func (g *reading) note(pipe, call, status string) {
	g.null.Calls = append(g.null.Calls, report.RPCCall{Pipe: pipe, Call: call, Status: status})
}

// counted puts a call down that lists something.
func (g *reading) counted(pipe, call, status string, n int) {
	g.null.Calls = append(g.null.Calls, report.RPCCall{Pipe: pipe, Call: call, Status: status, Count: &n})
}
