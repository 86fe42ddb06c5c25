package report

// An Identity is what a server is, as far as what was observed tells. It never holds a version that was not read.
type Identity struct {
	Vendor     string  `json:"vendor,omitempty"`  // such as Microsoft
	Product    string  `json:"product,omitempty"` // such as Windows or Samba; absent where nothing is likelier than not
	Version    string  `json:"version,omitempty"` // only where the server sent it
	Build      int     `json:"build,omitempty"`   // of Windows; only where the server sent it
	Confidence float64 `json:"confidence"`        // in the product, 0 to 1
	// Candidates are at most six products, likeliest first. Each has a confidence of its own: that it is one of these.
	Candidates []Candidate `json:"candidates,omitempty"`
	CPE        []string    `json:"cpe,omitempty"`  // CPE 2.3 names of the product or of its candidates
	Role       Role        `json:"role,omitempty"` // absent where it is not known
	// RoleCandidates are roles that something speaks for without proof.
	RoleCandidates []RoleCandidate `json:"role_candidates,omitempty"`
	Reasons        []string        `json:"reasons,omitempty"` // sentences of evidence
	// Contradictions are sentences about what cannot be true of one server: a honeypot's tells, or a proxy's.
	Contradictions []string `json:"contradictions,omitempty"`
}

// A Candidate is a product that the server may be.
type Candidate struct {
	Product     string  `json:"product"`                // such as Windows Server 2022
	Release     string  `json:"release,omitempty"`      // such as 21H2
	Confidence  float64 `json:"confidence"`             // 0 to 1
	SupportEnds string  `json:"support_ends,omitempty"` // the last day on which anybody gets updates, YYYY-MM-DD; absent where not known
}

// A Role is a server's place among others.
type Role string

// The roles.
const (
	RoleWorkgroup        Role = "workgroup"         // in no domain
	RoleDomainJoined     Role = "domain-joined"     // in a domain; it may be its controller
	RoleDomainController Role = "domain-controller" // of a domain
)

// Enum lists the values of the type.
func (Role) Enum() []string { return enum(RoleWorkgroup, RoleDomainJoined, RoleDomainController) }

// A RoleCandidate is a role that something speaks for.
type RoleCandidate struct {
	Role       Role    `json:"role"`       // that it may have
	Confidence float64 `json:"confidence"` // 0 to 1
}

// A Stack is the fingerprint of an implementation of SMB. Package identity specifies it.
type Stack struct {
	Hash      string `json:"hash"`      // for comparing
	Canonical string `json:"canonical"` // what was hashed
}
