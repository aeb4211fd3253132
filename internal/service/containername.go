package service

import (
	"path/filepath"
	"strings"
)

// containerNames looks up how people call a container, in the files its engine keeps.
// Reading them takes root's rights; without them containers keep their fallback names.
type containerNames struct {
	root  string // of the host's file system
	known map[string]*containerName
	home  func(uid string) string
	// late says that a name was found after processes had got the fallback.
	late bool
}

// containerName is one answer.
type containerName struct {
	name  string // "" was not found
	from  string // the file that said so, for explanations
	tries uint8
	round uint32
}

const (
	// maxContainers bounds the answers kept; a host runs some hundred containers at most,
	// and answers of containers without a living process make room first.
	maxContainers = 1024
	// maxLookups bounds how often a name that was not found is looked for again: an
	// engine may write its files a moment after it started the first process.
	maxLookups = 3
)

// of returns the name of c and the file it was found in; name is "" where none was found.
func (n *containerNames) of(c container, user string, round uint32) (name, from string) {
	if c.named {
		return c.id, "the cgroup path"
	}
	answer := n.known[c.id]
	if answer == nil {
		n.makeRoom(round)
		answer = new(containerName)
		n.known[c.id] = answer
	}
	answer.round = round
	if answer.name == "" && answer.tries < maxLookups {
		answer.tries++
		answer.name, answer.from = n.lookUp(c, user)
		answer.name = shortened(printable(answer.name))
		n.late = n.late || answer.name != "" && answer.tries > 1
	}
	return answer.name, answer.from
}

// makeRoom keeps the answers below their bound.
func (n *containerNames) makeRoom(round uint32) {
	if len(n.known) < maxContainers {
		return
	}
	for id, answer := range n.known {
		if answer.round != round {
			delete(n.known, id)
		}
	}
	for id := range n.known { // still full: this many containers are new in one scan
		if len(n.known) < maxContainers {
			return
		}
		delete(n.known, id)
	}
}

// lookUp tries the places in which the engines keep names. The engine in the cgroup path
// says only where to begin: Kubernetes runs on each of them.
func (n *containerNames) lookUp(c container, user string) (name, from string) {
	for _, try := range [...]func(container, string) (string, string){n.docker, n.podman, n.bundle, n.podLogs} {
		if name, from = try(c, user); name != "" {
			return name, from
		}
	}
	return "", ""
}

func (n *containerNames) homeOf(uid string) string {
	if uid == "" {
		return ""
	}
	return n.home(uid)
}

// docker reads Docker's own record of a container: of the system's daemon, of the snap's,
// and of the one of the user in whose slice the container runs.
func (n *containerNames) docker(c container, user string) (string, string) {
	stores := []string{"var/lib/docker", "var/snap/docker/common/var-lib-docker"}
	if home := n.homeOf(user); home != "" {
		stores = append(stores, filepath.Join(home, ".local/share/docker"))
	}
	for _, store := range stores {
		path := filepath.Join(n.root, store, "containers", c.id, "config.v2.json")
		var record struct{ Name string }
		if readJSON(path, &record) == nil && record.Name != "" {
			return lastingName(strings.TrimPrefix(record.Name, "/")), path
		}
	}
	return "", ""
}

// podman reads the list of containers of Podman's and CRI-O's storage (containers-
// storage.conf(5), graphroot), of the system and of the user in whose slice the
// container runs.
func (n *containerNames) podman(c container, user string) (string, string) {
	stores := []string{"var/lib/containers/storage", "run/containers/storage"}
	if home := n.homeOf(user); home != "" {
		stores = append(stores, filepath.Join(home, ".local/share/containers/storage"))
	}
	for _, store := range stores {
		for _, list := range [...]string{"containers.json", "volatile-containers.json"} {
			path := filepath.Join(n.root, store, "overlay-containers", list)
			if name := nameInStorage(path, c.id); name != "" {
				return lastingName(name), path
			}
		}
	}
	return "", ""
}

// bundle reads the annotations in the OCI bundle that containerd and CRI-O keep of each
// running container (containerd's pkg/cri/annotations, nerdctl's labels).
func (n *containerNames) bundle(c container, _ string) (string, string) {
	for _, pattern := range [...]string{
		"run/containerd/io.containerd.runtime.v2.task/k8s.io/ID/config.json",
		"run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/ID/config.json",
		"run/containerd/io.containerd.runtime.v2.task/default/ID/config.json",
		"run/containers/storage/overlay-containers/ID/userdata/config.json",
	} {
		path := filepath.Join(n.root, strings.Replace(pattern, "ID", c.id, 1))
		var bundle struct{ Annotations map[string]string }
		if readJSON(path, &bundle) != nil {
			continue
		}
		if name := annotatedName(bundle.Annotations); name != "" {
			return name, path
		}
	}
	return "", ""
}

// annotatedName reads a container's name from the annotations of its bundle.
func annotatedName(notes map[string]string) string {
	first := func(keys ...string) string {
		for _, key := range keys {
			if notes[key] != "" {
				return notes[key]
			}
		}
		return ""
	}
	pod := first("io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name")
	name := first("io.kubernetes.cri.container-name", "io.kubernetes.container.name")
	switch {
	case pod == "":
		return first("nerdctl/name")
	case name == "" && first("io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType") == "sandbox":
		name = "POD" // what the kubelet itself calls the container that holds the pod together
	}
	return podContainer(pod, name)
}

// podLogs reads the kubelet's directories of logs, which need no engine: the links
// POD_NAMESPACE_CONTAINER-ID.log, else NAMESPACE_POD_UID/CONTAINER of the container's pod,
// else the pod's directory of the kubelet itself. A pod with several containers that only
// these directories tell of gives its own name to all of them: that lasts at least.
func (n *containerNames) podLogs(c container, _ string) (string, string) {
	dir := filepath.Join(n.root, "var/log/containers")
	for _, name := range namesIn(dir) {
		rest, ok := strings.CutSuffix(name, "-"+c.id+".log")
		if !ok {
			continue
		}
		if parts := strings.Split(rest, "_"); len(parts) == 3 {
			return podContainer(parts[0], parts[2]), filepath.Join(dir, name)
		}
	}
	if c.pod == "" {
		return "", ""
	}
	dir = filepath.Join(n.root, "var/log/pods")
	for _, name := range namesIn(dir) {
		rest, ok := strings.CutSuffix(name, "_"+c.pod)
		if !ok {
			continue
		}
		_, pod, ok := strings.Cut(rest, "_")
		if !ok {
			continue
		}
		dir = filepath.Join(dir, name)
		containers := namesIn(dir)
		if len(containers) == 0 {
			containers = namesIn(filepath.Join(n.root, "var/lib/kubelet/pods", c.pod, "containers"))
		}
		if len(containers) == 1 {
			return podContainer(pod, containers[0]), dir
		}
		return podContainer(pod, ""), dir
	}
	return "", ""
}
