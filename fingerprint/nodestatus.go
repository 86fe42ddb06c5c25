package fingerprint

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/smb/nbns"
	"github.com/smbscope/smbscope/smb/wire"
)

// NodeStatus asks the server at target for its NetBIOS names and its hardware address, over UDP port 137 (RFC 1002
// 4.2.17); the target's port has no effect. A server that is silent is an os.ErrDeadlineExceeded error, one that refuses
// an nbns.ErrNegative error. With Dial set it is an ErrConfig error: UDP would go past the dialer. Other errors are as
// those of Scan.
func (s *Scanner) NodeStatus(ctx context.Context, target string) (*nbns.Status, error) {
	t, err := ParseTarget(target)
	level, configErr := s.level()
	if err = errors.Join(err, configErr); err != nil {
		return nil, err
	}
	settings := s.settings()
	if settings.DialUDP == nil {
		return nil, fmt.Errorf("%w: the name service is asked over UDP, which would go past Dial", ErrConfig)
	}
	limited, cancel := context.WithTimeoutCause(ctx, s.timeout(level), exchange.ErrTime)
	defer cancel()
	peer := &exchange.Peer{Settings: settings, Host: t.Host, Port: netBIOSPort, Target: target, Level: string(level)}
	d := peer.NodeStatus(limited, datagrams, nameWait)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("asking %q for its names was ended: %w", target, context.Cause(ctx))
	}
	status, err := nodeStatus(d)
	if err != nil {
		return nil, fmt.Errorf("asking %q for its names: %w", target, err)
	}
	return &status, nil
}

// nodeStatus reads the answer in a dialogue with a name service.
func nodeStatus(d *dialogue.Dialogue) (nbns.Status, error) {
	switch {
	case d.End == dialogue.EndTimeout:
		return nbns.Status{}, os.ErrDeadlineExceeded
	case d.End != dialogue.EndDone || len(d.Frames) == 0:
		return nbns.Status{}, fmt.Errorf("%s: %s", d.End, wire.EscapeText(d.Reason))
	}
	return nbns.ParseStatus(d.Frames[len(d.Frames)-1].Data)
}
