package fingerprint

import "github.com/smbscope/smbscope/fingerprint/internal/exchange"

// Poison makes a scanner overwrite every reused buffer after use.
func Poison(s *Scanner) { s.poison = true }

// Adjust changes the settings that a scanner makes of its fields.
func Adjust(s *Scanner, adjust func(*exchange.Settings)) { s.adjust = adjust }
