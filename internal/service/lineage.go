package service

// maxDepth bounds the walk up the ancestors. Real trees are under 20 deep; a scan is not
// taken at one instant, so that a PID that changed hands could close a circle.
const maxDepth = 64

// parentOf returns the living parent. A parent started before its child, or in the same
// tick; whoever else has its PID now is a stranger.
func (r *Resolver) parentOf(in *instance) *instance {
	p := r.lives[in.parent]
	if p == nil || p == in || p.id.Start > in.id.Start {
		return nil
	}
	return p
}

// relate fills in what depends on relatives and namesakes: owners, ports, watching.
func (r *Resolver) relate(d Describer) {
	for _, in := range r.met {
		// Its owner ended or was left behind: the service stays.
		if in.identity.Step == StepParent && in.own.yields && r.findOwner(in) == nil {
			in.kept = true
		}
	}
	for _, in := range r.met {
		in.owner, in.head = nil, nil
		if in.own.yields && !in.kept {
			in.owner = r.findOwner(in)
		}
	}
	r.tellApart(d)
	for _, in := range r.met {
		if in.owner == nil && !in.kept {
			r.standAlone(in)
		}
	}
	for _, in := range r.met {
		if in.owner != nil {
			r.count(in)
		}
	}
	for _, in := range r.met {
		in.identity.Watched = !in.kernel && (len(r.rules) == 0 || in.identity.Watched || r.descendsFromRule(in))
		parent := r.parentOf(in)
		in.identity.Root = parent == nil || parent.identity.Service != in.identity.Service
	}
}

// standAlone gives an instance the identity of its own decision.
func (r *Resolver) standAlone(in *instance) {
	in.identity = Identity{
		Service: in.own.name, Kind: in.own.kind, Step: in.own.step, Rule: in.own.rule, Watched: in.identity.Watched,
	}
	if in.head == nil {
		return
	}
	if port := r.shownPort(in.head); port != 0 {
		in.identity.Port = port
		in.identity.Service = withPort(in.own.name, port)
	}
}

// count makes an instance part of its owner's service. The owner stands alone, or it was
// kept by a service whose process is gone; either way its identity is final.
func (r *Resolver) count(in *instance) {
	watched := in.identity.Watched
	in.identity = in.owner.identity
	if in.identity.Step != StepParent {
		in.identity.Step, in.identity.Owner = StepParent, in.owner.id.PID
	}
	in.identity.Watched = watched
	if in.own.kind == KindZoL0 {
		in.identity.Kind = KindZoL0
	}
}

// findOwner looks for the nearest ancestor that owns what has no identity of its own: one
// that the steps 1 to 4 named, or one that was itself kept by a service. Systemd gives
// logins and desktop applications a scope of their own to separate them from the unit
// that started them, so a unit or container owns nothing that is in one.
func (r *Resolver) findOwner(in *instance) *instance {
	p := r.parentOf(in)
	for range maxDepth {
		switch {
		case p == nil:
			return nil
		case p.own.owns:
			if in.own.scope && (p.own.step == StepUnit || p.own.step == StepContainer) {
				return nil
			}
			return p
		case p.kept:
			return p
		}
		p = r.parentOf(p)
	}
	return nil
}

// descendsFromRule reports whether a rule matched the instance or one of its ancestors.
func (r *Resolver) descendsFromRule(in *instance) bool {
	for range maxDepth {
		if in == nil {
			return false
		}
		if in.own.rule != nil || in.kept && in.identity.Rule != nil {
			return true
		}
		in = r.parentOf(in)
	}
	return false
}
