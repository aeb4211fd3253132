package wire

// Version is what `zol0 version --json` writes.
type Version struct {
	Version      string `json:"version"`
	Revision     string `json:"revision,omitempty"` // commit, where the build recorded it
	Go           string `json:"go"`
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
}
