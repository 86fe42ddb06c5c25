package fingerprint

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/smb"
)

// A Report is what a scan says about one server; package report has its parts.
type Report = report.Report

// A Level tells how much a scan asks.
type Level = report.Level

// The levels of a scan.
const (
	// LevelQuick asks one connection for the best SMB2 dialect and all that its answer tells, and for the names in an NTLM
	// challenge: two round trips behind the handshake. Where that is not answered it asks for a conservative offer, and
	// then for SMB1, on connections of their own.
	LevelQuick = report.LevelQuick
	// LevelStandard asks for each dialect by itself: what LevelQuick tells, with an answer for SMB1 and for every SMB2
	// dialect, and what the server says of itself in SMB1 before any authentication. Seven connections where nothing has
	// to be asked twice; at most six questions are, each with a control question behind it.
	LevelStandard = report.LevelStandard
	// LevelFull asks for everything that a negotiation can tell: what LevelStandard tells, with an answer for each cipher,
	// signing and compression algorithm, for RDMA transforms and POSIX extensions, for whose order decides among them,
	// whether encryption is required, and for each of the older dialects of SMB1. 12 connections at a server with SMB1
	// off, at most 15 where it takes NT LM 0.12, and 19 where it takes the LANMAN dialects as well; more where it refuses
	// algorithms that it does not know, or knows more names of old dialects.
	LevelFull = report.LevelFull
)

// Levels lists the levels that a Scanner takes, from the least to the most.
func Levels() []Level { return []Level{LevelQuick, LevelStandard, LevelFull} }

const (
	defaultTimeout   = 5 * time.Second
	fullTimeout      = 15 * time.Second // of LevelFull
	behaviourTimeout = 30 * time.Second // more, with BehaviourProbes
	nullTimeout      = 30 * time.Second // more, with NullSession: some servers take two seconds to refuse a logon
	checksTimeout    = 30 * time.Second // more, with Checks: likewise
)

// A Scanner asks servers what they are. The zero value is ready to use. A Scanner is never changed by its methods, and
// is safe for concurrent use while nobody changes its fields and Rand, Now and Dial are.
type Scanner struct {
	// Level is how much to ask. Empty means LevelStandard.
	Level Level
	// Ports are asked at targets that name none, one after the other, at most 16; nil means DefaultPort. What they tell
	// makes one report; each costs what the level costs, and has an equal share of the time that is left. At port 139 SMB
	// is asked for over NetBIOS sessions, elsewhere over direct TCP; where a server reacts as if it expected the other of
	// the two, the port is asked again in that way.
	Ports []uint16
	// CalledName is the NetBIOS name by which a server is called first over NetBIOS sessions: at most 15 bytes. Empty
	// means "*SMBSERVER", which most take. Where a name is refused, the next of these is called: "*SMBSERVER", the name
	// that the server tells over UDP port 137, unless Dial is set, and the first label of the target's name.
	CalledName string
	// Timeout bounds the work on one target: name resolution, every dial, every answer. 0 means 5 s, and 15 s at
	// LevelFull, and 30 s more with each of BehaviourProbes, NullSession and Checks. The earlier of Timeout and the context's
	// deadline counts.
	Timeout time.Duration
	// DialTimeout bounds one dial; 0 means 2 s.
	DialTimeout time.Duration
	// Budget bounds what one target may cost.
	Budget Budget
	// NoSMB1 leaves out the questions in SMB1. What they would have told stays unknown.
	NoSMB1 bool
	// Sequential asks over one connection at a time.
	Sequential bool
	// NoNTLM leaves out the NTLM negotiate message, which is no authentication, but which some networks alarm on. What
	// it would have told stays unknown.
	NoNTLM bool
	// BehaviourProbes adds the unusual negotiations of negotiate.Behaviours, whose answers tell implementations apart: at
	// most 15 connections more, one at a time, where the server takes 2.1 or higher and dropped nothing. They are no part
	// of a level, because a server may log them.
	BehaviourProbes bool
	// NullSession goes on, behind each dialect that the server takes, to log on as nobody and to connect IPC$: what a
	// server grants there it grants to everybody. At NT LM 0.12 it asks with and without extended security, which may cost
	// one connection more. Each of these logons is counted in the report's cost, and servers may log it. It cannot go
	// together with NoNTLM. What such a session may read, package nullsession asks.
	NullSession bool
	// GuestMapping logs on once a target with an account that does not exist, whose name is "smbscope-" and twelve random
	// characters and whose domain is the server's own name: does it become guest? It leaves a failed logon in the server's
	// log. It is skipped where the server has not told its name, and cannot go together with NoNTLM. It costs one
	// connection.
	GuestMapping bool
	// Checks looks for two weaknesses of Windows in SMB1, once a target: is the update of MS17-010 missing, and does the
	// DoublePulsar implant answer? It does what nmap's checks of these names do, which are in its category of safe ones: an
	// anonymous logon at NT LM 0.12, a connect of IPC$, a transaction on a pipe that is not open and a transaction that no
	// server knows, and nothing more. It costs one connection and the anonymous logon, which are counted, and which intrusion
	// detection may alarm on. It is skipped where SMB1 was asked for and is not proven to be on; what could not be tested is
	// unknown and says why, and so is all of it with NoSMB1. It cannot go together with NoNTLM.
	Checks bool
	// Extend, when set, goes on where a scan of a server that speaks SMB has ended, with time of its own, and adds to the
	// report: nullsession.Read is such a function. Its error is Scan's.
	Extend func(context.Context, *Scanner, *Report) error
	// Raw adds the bytes of every request and response to the report's probes.
	Raw bool
	// Dial makes the connections, as net.Dialer's DialContext does. With Dial set, names go to it unresolved, so that
	// none leaks past a proxy. Its connections must honour deadlines. Nil means a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Resolver resolves names when Dial is nil; nil means net.DefaultResolver.
	Resolver *net.Resolver
	// Now is the clock of reports, not of timeouts; nil means time.Now. It must go on: with a clock that stands still no
	// dropped connection ever proves anything, because the rules of proof look at the time between connections.
	Now func() time.Time
	// Rand is where client GUIDs and salts are drawn from; nil means crypto/rand. Samba hands connections with the same
	// GUID to one process, so a Rand that repeats itself is for tests.
	Rand io.Reader
	// Log gets the end of each connection at debug level; nil is silent.
	Log *slog.Logger
	// Dialogues, when set, is called with each dialogue of a scan once it has ended, in plan order. Observe of them gives
	// the scan's report again. NodeStatus does not call it.
	Dialogues func(*dialogue.Dialogue)

	poison bool                     // tests overwrite reused buffers
	adjust func(*exchange.Settings) // tests replace what no exported field can: the way to the name service
}

// A Budget bounds what a scan of one target may cost; Timeout bounds its time. A scan that reaches a bound ends there:
// its report holds what was learnt, and Reason says so. Zero means no bound but those of the level.
type Budget struct {
	Connections int // TCP connections
	Bytes       int // sent and received above TCP, over all connections; what comes in with the last read is counted too
}

// Scan asks the server at target, which ParseTarget reads. The report is never nil. What the server does is an outcome
// in the report, and the error is then nil. It is not nil only for a target (ErrTarget) or a Scanner (ErrConfig) that
// cannot be used, and when ctx ended first: it then matches context.Cause(ctx), and the report holds what was learnt.
func (s *Scanner) Scan(ctx context.Context, target string) (*Report, error) {
	level, err := s.level()
	if err != nil {
		return failed(target, level, err), err
	}
	plan := planOf(level)
	if s.BehaviourProbes {
		plan = withBehaviour(plan)
	}
	if s.GuestMapping {
		plan = withGuestMapping(plan)
	}
	if s.Checks {
		plan = withChecks(plan)
	}
	rep, err := s.scan(ctx, target, level, plan)
	if err != nil || s.Extend == nil || rep.Outcome != report.OutcomeSMB {
		return rep, err
	}
	if err := s.Extend(ctx, s, rep); err != nil {
		return rep, fmt.Errorf("extending the report on %q: %w", target, err)
	}
	return rep, nil
}

func planOf(level Level) func(*run) error {
	switch level {
	case LevelQuick:
		return (*run).quick
	case LevelFull:
		return (*run).full
	}
	return (*run).standard
}

// ScanConn asks the server at the other end of a connection that the caller owns and has not used. It asks what one
// connection can tell: one dialect's answer; the rest is unknown. The connection is never closed, has no deadline
// afterwards, and is spent: a server takes only one negotiation. Over one to port 139 it begins with a NetBIOS session
// request, under one name only. Ports, BehaviourProbes, GuestMapping, Checks and Extend have no effect. Errors are as those of
// Scan, with ErrConfig for a nil connection.
func (s *Scanner) ScanConn(ctx context.Context, conn net.Conn) (*Report, error) {
	level, err := s.level()
	if err == nil && conn == nil {
		err = fmt.Errorf("%w: the connection is nil", ErrConfig)
	}
	if err != nil {
		return failed("", level, err), err
	}
	target := ""
	if addr := conn.RemoteAddr(); addr != nil {
		target = addr.String()
	}
	settings := s.settings()
	peer := &exchange.Peer{Transport: transportOf(portOf(target))}
	return s.work(ctx, target, level, func(ctx context.Context) ([]*dialogue.Dialogue, error) {
		r := s.newRun(ctx, settings, peer)
		defer r.stop(nil)
		err := r.single(conn, level)
		return r.dialogues, err
	})
}

// Observe returns what dialogues prove, one report for each target in order of first appearance. Dialogues of one
// target must be in plan order, as Scanner.Dialogues has them.
func Observe(dialogues []*dialogue.Dialogue) []*Report {
	var order []string
	groups := map[string][]*dialogue.Dialogue{}
	for _, d := range dialogues {
		if _, ok := groups[d.Target]; !ok {
			order = append(order, d.Target)
		}
		groups[d.Target] = append(groups[d.Target], d)
	}
	reports := make([]*Report, len(order))
	for i, target := range order {
		reports[i] = verdict.Of(groups[target], verdict.Options{})
		Conclude(reports[i])
	}
	return reports
}

func (s *Scanner) level() (Level, error) {
	level := s.Level
	if level == "" {
		level = LevelStandard
	}
	switch {
	case !slices.Contains(Levels(), level):
		return LevelStandard, fmt.Errorf("%w: there is no level %q", ErrConfig, level)
	case s.Timeout < 0:
		return level, fmt.Errorf("%w: Timeout %v is negative", ErrConfig, s.Timeout)
	case s.DialTimeout < 0:
		return level, fmt.Errorf("%w: DialTimeout %v is negative", ErrConfig, s.DialTimeout)
	case s.Budget.Connections < 0, s.Budget.Bytes < 0:
		return level, fmt.Errorf("%w: Budget %+v is negative", ErrConfig, s.Budget)
	case len(s.Ports) > maxPorts:
		return level, fmt.Errorf("%w: %d ports are more than %d", ErrConfig, len(s.Ports), maxPorts)
	case slices.Contains(s.Ports, 0):
		return level, fmt.Errorf("%w: there is no port 0", ErrConfig)
	case s.NoNTLM && (s.NullSession || s.GuestMapping || s.Checks):
		return level, fmt.Errorf("%w: NullSession, GuestMapping and Checks need NTLM, which NoNTLM leaves out", ErrConfig)
	case len(s.CalledName) > smb.MaxNetBIOSName:
		return level, fmt.Errorf("%w: CalledName %q is longer than %d bytes", ErrConfig, s.CalledName, smb.MaxNetBIOSName)
	}
	return level, nil
}

func failed(target string, level Level, err error) *Report {
	return &Report{
		SchemaVersion: report.SchemaVersion, Target: target, Level: level,
		Outcome: report.OutcomeError, Reason: err.Error(),
	}
}

func (s *Scanner) settings() *exchange.Settings {
	set := &exchange.Settings{
		Dial: s.Dial, DialTimeout: s.DialTimeout, Now: s.Now, Rand: s.Rand, Log: s.Log, Poison: s.poison,
		Connections: s.Budget.Connections, Bytes: s.Budget.Bytes,
	}
	set.Fill(s.Resolver)
	if s.adjust != nil {
		s.adjust(set)
	}
	return set
}
