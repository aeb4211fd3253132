package wire

// Login is the body of POST /api/login.
type Login struct {
	Token string `json:"token"`
}

// Caller is who asks, as the daemon knows them.
type Caller struct {
	Role string `json:"role"` // viewer or operator
	// Name is that of the token; empty where there was none.
	Name string `json:"name"`
	// Tokens says that the daemon has tokens, so that one can log in and out.
	Tokens bool `json:"tokens"`
}

// TokenList is the output of `zol0 token list --json`.
type TokenList struct {
	Path   string     `json:"path"`
	Tokens []TokenRow `json:"tokens"`
}

// TokenRow is one token, which nobody can make of it.
type TokenRow struct {
	Name   string `json:"name"`
	Role   string `json:"role"`   // viewer or operator
	Digest string `json:"sha256"` // its first 12 digits
}
