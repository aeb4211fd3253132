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
