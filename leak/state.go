package leak

// State is the state after the newest sample; Verdict says the rest.
func (d *Detector) State() State { return d.state }
