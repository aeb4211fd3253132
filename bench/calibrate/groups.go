package main

// groups of evidence that are left out in turn to see what each is worth.
var groups = []struct {
	name  string
	terms []string
}{
	{"nothing left out", nil},
	{"significance: trend test, signal to noise, line over flat", []string{"trend test", "signal to noise", "line over flat"}},
	{"floors: ratchet, steps, retreats", []string{"ratchet", "below peak", "largest step", "retreat", "mean retreat", "swing", "teeth"}},
	{"curve: late slope, acceleration, tail", []string{"late slope", "acceleration", "tail growth", "half growth", "quiet before"}},
	{"models: saturating, step, cap, hinge", []string{
		"saturating curve", "one step", "line to a cap", "hinge position", "late onset", "saturation speed", "straightness", "straight with little room",
	}},
	{"load", []string{
		"load rise", "load correlation", "growth beside load", "load as cause", "load explains", "mean beside load", "load unknown", "duration, load unknown",
	}},
	{"page faults", []string{"churn as cause", "retained", "retained late", "fault decline", "growth beside churn", "faults unknown"}},
	{"limit", []string{"limit known", "room used", "room at start", "near the limit", "straight with little room"}},
	{"earlier lives", []string{"earlier lives"}},
	{"duration", []string{"duration", "long duration", "duration, load unknown"}},
}
