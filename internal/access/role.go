// Package access knows who may do what: roles, and the tokens that give them.
//
// A token is a secret of 256 bits. The file of tokens holds what it is called, its role and
// its SHA-256, from which nobody finds the token again: a random secret of that length needs
// no slow hash, and a fast one lets every request be checked.
package access

import "fmt"

// Role is what somebody may do. Roles are ordered: a higher one may all that a lower one may.
type Role uint8

// The roles.
const (
	// Nobody may nothing but what is open to everybody.
	Nobody Role = iota
	// Viewer may read, refresh and clear caches.
	Viewer
	// Operator may change things too: write samples, act on processes.
	Operator
)

var roles = [...]string{"nobody", "viewer", "operator"}

func (r Role) String() string {
	if int(r) < len(roles) {
		return roles[r]
	}
	return "nobody"
}

// ParseRole reads a role that a token can have.
func ParseRole(text string) (Role, error) {
	switch text {
	case "viewer":
		return Viewer, nil
	case "operator":
		return Operator, nil
	}
	return Nobody, fmt.Errorf("%.40q is no role; there are viewer and operator", text)
}
