package fingerprint

// Poison makes a scanner overwrite every reused buffer after use.
func Poison(s *Scanner) { s.poison = true }
