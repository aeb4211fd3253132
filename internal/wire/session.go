package wire

// Session is what the server keeps of one browser's session: the answer of /api/session
// and of what changes it.
type Session struct {
	PageLoads    uint64   `json:"page_loads"`     // of this session
	AllPageLoads uint64   `json:"all_page_loads"` // of all sessions since the daemon started
	Keys         []string `json:"keys"`           // under which it keeps values, sorted
	// SweptKeys is how many temporary keys this call dropped.
	SweptKeys    int `json:"swept_keys"`
	CacheEntries int `json:"cache_entries"` // of the daemon's answers, for everybody
	// ExpiresSeconds is how long the session lives when it is not used.
	ExpiresSeconds float64 `json:"expires_seconds"`
	// Caller is who asks: the page shows what their role may do.
	Caller Caller `json:"caller"`
}

// CacheCleared is the answer of POST /api/cache/clear.
type CacheCleared struct {
	// Entries and EntryBytes were in the caches.
	Entries    int         `json:"entries"`
	EntryBytes uint64      `json:"entry_bytes"`
	Before     MemoryState `json:"before"`
	After      MemoryState `json:"after"`
	// FreedBytes is by how much private memory shrank; below 0 it grew meanwhile.
	FreedBytes *int64 `json:"freed_bytes"`
}

// MemoryState is the daemon's own memory at one moment.
type MemoryState struct {
	RSSBytes     *uint64 `json:"rss_bytes"`
	PrivateBytes *uint64 `json:"private_bytes"`
	// HeapBytes is what Go's heap has in use; HeldBytes is all that the Go runtime holds
	// from the system, with what it has not given back.
	HeapBytes uint64 `json:"heap_bytes"`
	HeldBytes uint64 `json:"held_bytes"`
}
