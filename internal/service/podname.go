package service

import "strings"

// podContainer names a container of a pod as POD/CONTAINER, the pod without the parts
// that change whenever it is replaced.
func podContainer(pod, name string) string {
	pod = lastingPod(pod)
	if name == "" || pod == "" {
		return pod
	}
	return pod + "/" + name
}

// lastingPod strips what controllers append to a pod's name: the five random characters
// of every generated name, and before them the hash of a Deployment's ReplicaSet or the
// minute of a CronJob. The number of a StatefulSet's pod stays: it is the same after a
// restart. ("web-7d4b9c6f5d-x2x9z" is "web", "backup-28391040-k7qfm" is "backup".)
func lastingPod(pod string) string {
	owner, suffix, ok := cutLast(pod, "-")
	if !ok || len(suffix) != 5 || !generated(suffix) {
		return pod
	}
	if name, hash, ok := cutLast(owner, "-"); ok {
		if len(hash) >= 6 && len(hash) <= 10 && generated(hash) || len(hash) >= 8 && allDigits(hash) {
			return name
		}
	}
	return owner
}

// generated reports whether s is drawn from the alphabet of Kubernetes' generated names
// (apimachinery, util/rand): no vowels and nothing that looks like one, so that hardly
// any word is mistaken for one.
func generated(s string) bool {
	for i := range len(s) {
		if !strings.ContainsRune("bcdfghjklmnpqrstvwxz2456789", rune(s[i])) {
			return false
		}
	}
	return true
}

// lastingName strips from a container's name what changes when it is replaced: Docker
// Swarm's task id (stack_web.1.<25 random>), and everything but pod and container of the
// names Kubernetes gives on Docker and CRI-O (k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT).
func lastingName(name string) string {
	if parts := strings.Split(name, "_"); len(parts) == 6 && parts[0] == "k8s" {
		return podContainer(parts[2], parts[1])
	}
	if head, task, ok := cutLast(name, "."); ok && len(task) == 25 && strings.ToLower(task) == task {
		if service, slot, ok := cutLast(head, "."); ok && service != "" && (allDigits(slot) || len(slot) == 25) {
			if len(slot) == 25 { // a global service: one task per node, no number
				return service
			}
			return head
		}
	}
	return name
}

// cutLast cuts s at the last separator.
func cutLast(s, separator string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}
