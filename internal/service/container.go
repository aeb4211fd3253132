package service

import "strings"

// The engines a cgroup path can tell of.
const (
	engineDocker     = "docker"
	enginePodman     = "podman"
	engineContainerd = "containerd"
	engineCRIO       = "cri-o"
	engineKubernetes = "kubernetes" // a pod's container whose engine the path leaves open
	engineLXC        = "lxc"
	engineMachine    = "machine" // registered with systemd-machined
	engineOther      = "container"
)

// idDigits is the length of a container id: engines that follow Docker draw 256 bits.
const idDigits = 64

// containerOf recognises one segment of a cgroup path as a container. Engines write it in
// few forms: the bare id (cgroupfs driver), ENGINE-ID.scope (systemd driver), and
// SLICE:ENGINE:ID (the systemd form given to the cgroupfs driver).
func containerOf(segment, previous, unit string) (container, bool) {
	if isID(segment) {
		return container{engine: engineAround(previous), id: segment}, true
	}
	if i := strings.LastIndexByte(segment, ':'); i > 0 && isID(segment[i+1:]) {
		prefix := segment[:i]
		if _, engine, ok := strings.Cut(prefix, ":"); ok {
			prefix = engine
		}
		return container{engine: engineOf(prefix), id: segment[i+1:]}, true
	}
	name := strings.TrimSuffix(segment, scopeSuffix)
	if i := strings.LastIndexByte(name, '-'); i > 0 && isID(name[i+1:]) {
		engine := engineOf(name[:i])
		return container{engine: engine, id: name[i+1:]}, engine != ""
	}
	return namedContainer(segment, previous, unit)
}

// namedContainer recognises the containers that carry their name in the path: LXC's,
// Proxmox' and those of systemd-machined.
func namedContainer(segment, previous, unit string) (container, bool) {
	if name, ok := strings.CutPrefix(segment, "lxc.payload."); ok && name != "" {
		return container{engine: engineLXC, id: name, named: true}, true
	}
	if previous == "lxc" && !strings.Contains(segment, ".") {
		return container{engine: engineLXC, id: segment, named: true}, true
	}
	if segment == "payload" && strings.HasPrefix(unit, "systemd-nspawn@") {
		name := strings.TrimSuffix(strings.TrimPrefix(unit, "systemd-nspawn@"), unitSuffix)
		return container{engine: engineMachine, id: name, named: true}, name != ""
	}
	if rest, ok := strings.CutPrefix(segment, "machine-"); ok && strings.HasSuffix(rest, scopeSuffix) {
		name := unescape(strings.TrimSuffix(rest, scopeSuffix))
		// libvirt counts the runs of a virtual machine: qemu-7-web is machine web.
		if run, vm, ok := strings.Cut(strings.TrimPrefix(name, "qemu-"), "-"); ok && allDigits(run) && vm != "" {
			name = vm
		}
		return container{engine: engineMachine, id: name, named: true}, name != ""
	}
	return container{}, false
}

// engineOf knows the words that engines put before an id; "" for the monitor processes
// that Podman and CRI-O run beside a container.
func engineOf(prefix string) string {
	switch prefix {
	case "docker":
		return engineDocker
	case "libpod", "libpod-payload":
		return enginePodman
	case "cri-containerd", "containerd", "nerdctl":
		return engineContainerd
	case "crio":
		return engineCRIO
	case "libpod-conmon", "crio-conmon":
		return ""
	}
	return engineOther
}

// engineAround guesses the engine of a bare id from the segment around it.
func engineAround(previous string) string {
	switch {
	case previous == "docker":
		return engineDocker
	case previous == "libpod_parent":
		return enginePodman
	case previous == "default" || previous == "moby":
		return engineContainerd // its namespaces
	case strings.HasPrefix(previous, "pod") || strings.HasPrefix(previous, "kubepods"):
		return engineKubernetes
	}
	return engineOther
}

func isID(s string) bool { return len(s) == idDigits && hexadecimal(s, idDigits) }

// podUID reads the UID of a pod from the kubelet's forms of its cgroup: "podUID" and
// "kubepods-burstable-podUID.slice", in which the dashes of the UID are underscores, with
// a runtime's ":ENGINE:ID" behind it in the mixed form. Static pods have 32 hexadecimal
// digits without dashes.
func podUID(segment string) (string, bool) {
	segment, _, _ = strings.Cut(segment, ":")
	segment = strings.TrimSuffix(segment, sliceSuffix)
	uid, ok := strings.CutPrefix(segment, "pod")
	if i := strings.LastIndex(segment, "-pod"); i >= 0 && strings.Contains(segment, "kubepods") {
		uid, ok = segment[i+len("-pod"):], true
	}
	if !ok {
		return "", false
	}
	uid = strings.ReplaceAll(uid, "_", "-")
	digits := 0
	for i := range len(uid) {
		switch {
		case hexDigit(uid[i]) >= 0:
			digits++
		case uid[i] != '-':
			return "", false
		}
	}
	return uid, digits == 32
}

// fallback is the name of a container whose own name cannot be read: it lasts as long as
// the container. Twelve digits are what engines themselves show.
func (c container) fallback() string {
	if c.named {
		return c.id
	}
	return c.engine + "-" + c.id[:12]
}
