package wire

// Error is what the API answers when it cannot do what was asked.
type Error struct {
	// Code is one stable word in snake_case, for programs.
	Code    string `json:"code"`
	Message string `json:"message"` // for people: the thing, the value, the reason
	Hint    string `json:"hint"`    // the next step
}
