package alert

// Finding says that a rule holds.
type Finding struct {
	Rule Rule
	// Severity is 0 for that of the rule.
	Severity Severity
	// Service that it is about; empty: the machine or the daemon.
	Service string
	// Subject tells apart what is of one rule and no service; most rules need none.
	Subject string
	// Process and PID are the process that it is about, the one with the greatest Value
	// where it holds for several of the service; Others counts the rest.
	Process string
	PID     int32
	Others  int
	// Value passed Limit, both in the unit of the rule; NaN where there is no such figure.
	Value, Limit float64
	// Words is the sentence, for rules that do not make it of the figures.
	Words string
}

// key is what makes two findings of different beats the same alert.
type key struct {
	rule             Rule
	service, subject string
}

func (f *Finding) key() key { return key{f.Rule, f.Service, f.Subject} }

func (f *Finding) severity() Severity {
	if f.Severity != 0 {
		return f.Severity
	}
	return table[f.Rule].severity
}

// worse reports whether f is graver than x, or more of the same.
func (f *Finding) worse(x *Finding) bool {
	switch {
	case f.severity() != x.severity():
		return f.severity() > x.severity()
	case f.Rule == Forecast:
		return f.Value < x.Value // less time is left
	}
	return f.Value > x.Value
}

// Round is what one beat looked at. It is used again and again; begin it with Begin.
type Round struct {
	findings []Finding
	at       map[key]int
	missed   [Rules]string // why a rule could not be checked; empty: it was
}

// Begin forgets the round before.
func (r *Round) Begin() {
	clear(r.findings)
	r.findings = r.findings[:0]
	if r.at == nil {
		r.at = make(map[key]int)
	}
	clear(r.at)
	r.missed = [Rules]string{}
}

// Add takes in a finding. Those of one rule and service are one: the gravest, and how many
// others there are.
func (r *Round) Add(f Finding) {
	k := f.key()
	i, again := r.at[k]
	if !again {
		r.at[k] = len(r.findings)
		r.findings = append(r.findings, f)
		return
	}
	x := &r.findings[i]
	others := x.Others + f.Others + 1
	if f.worse(x) {
		*x = f
	}
	x.Others = others
}

// Miss says that a rule could not be checked, or not for all that it is about. The first
// reason stands.
func (r *Round) Miss(rule Rule, why string) {
	if r.missed[rule] == "" {
		r.missed[rule] = why
	}
}

// MissAll says that nothing could be checked but the daemon's own work.
func (r *Round) MissAll(why string) {
	for rule := range Rules {
		if rule != Fault {
			r.Miss(rule, why)
		}
	}
}
