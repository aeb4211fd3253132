package session

import "time"

// BeginFor makes a session that belongs to somebody: the owner is a word of the caller's,
// which Owner returns, and nobody else can set.
func (s *Sessions) BeginFor(now time.Time, owner string) string {
	id := s.Begin(now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.sessions[id]; x != nil { // it had no time yet to go for others
		x.owner = owner
	}
	return id
}

// Owner returns whose a session is and keeps it alive; empty where it is nobody's.
func (s *Sessions) Owner(now time.Time, id string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, err := s.find(now, id)
	if err != nil {
		return "", err
	}
	return x.owner, nil
}

// End ends a session, if there is one.
func (s *Sessions) End(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[id] != nil {
		s.forget(id)
	}
}
