package service

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// host is a file system on which container engines keep their state.
type host struct {
	t    *testing.T
	root string
}

func (h host) write(path, text string) {
	h.t.Helper()
	if strings.HasSuffix(path, "/") { // an empty directory
		path += "."
	}
	name := filepath.Base(path)
	path = filepath.Join(h.root, path)
	if name == "." {
		if err := os.MkdirAll(path, 0o755); err != nil {
			h.t.Fatal(err)
		}
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

func TestContainerNames(t *testing.T) {
	const pod = "3f0b7e0a-9d1c-4b53-8f5d-0a1b2c3d4e5f"
	const podSlice = "/kubepods.slice/kubepods-pod3f0b7e0a_9d1c_4b53_8f5d_0a1b2c3d4e5f.slice/"
	for _, test := range []struct {
		story string
		files map[string]string
		path  string
		want  string
	}{
		{
			"Docker names its container",
			map[string]string{"var/lib/docker/containers/" + id("a") + "/config.v2.json": `{"Config":{"Env":["A=b"]},"Name":"/shop-web-1"}`},
			"/system.slice/docker-" + id("a") + ".scope", "shop-web-1",
		},
		{
			"a task of Docker Swarm changes its id, not its service and slot",
			map[string]string{"var/lib/docker/containers/" + id("a") + "/config.v2.json": `{"Name":"/stack_web.2.x7n1c0lq8m5r2t4w6y9z3a1b0"}`},
			"/docker/" + id("a"), "stack_web.2",
		},
		{
			"the kubelet on Docker packs pod and container into the name",
			map[string]string{"var/lib/docker/containers/" + id("a") + "/config.v2.json": `{"Name":"/k8s_nginx_web-7d4b9c6f5d-x2x9z_default_` + pod + `_0"}`},
			"/docker/" + id("a"), "web/nginx",
		},
		{
			"the user's own Docker",
			map[string]string{"home/bob/.local/share/docker/containers/" + id("a") + "/config.v2.json": `{"Name":"/mine"}`},
			"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" + id("a") + ".scope", "mine",
		},
		{
			"Podman lists its containers",
			map[string]string{"var/lib/containers/storage/overlay-containers/containers.json": `[{"id":"` + id("b") + `","names":["db"]},{"id":"` + id("a") + `","names":["web"],"image":"x"}]`},
			"/machine.slice/libpod-" + id("a") + ".scope/container", "web",
		},
		{
			"Podman lists a container that is to vanish elsewhere",
			map[string]string{
				"var/lib/containers/storage/overlay-containers/containers.json":          `[]`,
				"var/lib/containers/storage/overlay-containers/volatile-containers.json": `[{"id":"` + id("a") + `","names":["web"]}]`,
			},
			"/machine.slice/libpod-" + id("a") + ".scope", "web",
		},
		{
			"the user's own Podman",
			map[string]string{"home/bob/.local/share/containers/storage/overlay-containers/containers.json": `[{"id":"` + id("a") + `","names":["mine"]}]`},
			"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id("a") + ".scope", "mine",
		},
		{
			"CRI-O lists its containers in the same storage",
			map[string]string{"var/lib/containers/storage/overlay-containers/containers.json": `[{"id":"` + id("a") + `","names":["k8s_nginx_web-0_default_` + pod + `_3"]}]`},
			podSlice + "crio-" + id("a") + ".scope", "web-0/nginx",
		},
		{
			"containerd writes pod and container into the bundle",
			map[string]string{"run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id("a") + "/config.json": `{"process":{},"annotations":{"io.kubernetes.cri.container-name":"nginx","io.kubernetes.cri.sandbox-name":"web-7d4b9c6f5d-x2x9z","io.kubernetes.cri.container-type":"container"}}`},
			podSlice + "cri-containerd-" + id("a") + ".scope", "web/nginx",
		},
		{
			"the container that holds a pod together",
			map[string]string{"run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/" + id("a") + "/config.json": `{"annotations":{"io.kubernetes.cri.sandbox-name":"web-7d4b9c6f5d-x2x9z","io.kubernetes.cri.container-type":"sandbox"}}`},
			podSlice + "cri-containerd-" + id("a") + ".scope", "web/POD",
		},
		{
			"nerdctl",
			map[string]string{"run/containerd/io.containerd.runtime.v2.task/default/" + id("a") + "/config.json": `{"annotations":{"nerdctl/name":"web"}}`},
			"/system.slice/nerdctl-" + id("a") + ".scope", "web",
		},
		{
			"the kubelet's links to logs name container and pod",
			map[string]string{"var/log/containers/web-7d4b9c6f5d-x2x9z_default_nginx-" + id("a") + ".log": ""},
			podSlice + "cri-containerd-" + id("a") + ".scope", "web/nginx",
		},
		{
			"the kubelet's directory of a pod with one container",
			map[string]string{"var/log/pods/default_web-7d4b9c6f5d-x2x9z_" + pod + "/nginx/0.log": ""},
			podSlice + "cri-containerd-" + id("a") + ".scope", "web/nginx",
		},
		{
			"the kubelet's own directory where there are no logs yet",
			map[string]string{
				"var/log/pods/default_web-7d4b9c6f5d-x2x9z_" + pod + "/": "",
				"var/lib/kubelet/pods/" + pod + "/containers/nginx/x":    "",
			},
			podSlice + "cri-containerd-" + id("a") + ".scope", "web/nginx",
		},
		{
			"a pod with two containers of which only the pod is known",
			map[string]string{
				"var/log/pods/default_web-0_" + pod + "/nginx/0.log":   "",
				"var/log/pods/default_web-0_" + pod + "/sidecar/0.log": "",
			},
			podSlice + "cri-containerd-" + id("a") + ".scope", "web-0",
		},
		{"nothing may be read", nil, "/system.slice/docker-" + id("a") + ".scope", "docker-aaaaaaaaaaaa"},
		{"nothing may be read in Kubernetes", nil, "/kubepods/pod" + pod + "/" + id("a"), "kubernetes-aaaaaaaaaaaa"},
		{"the path has the name", nil, "/lxc.payload.web/init.scope", "web"},
		{
			"broken files name nothing",
			map[string]string{
				"var/lib/docker/containers/" + id("a") + "/config.v2.json":      `{"Name":`,
				"var/lib/containers/storage/overlay-containers/containers.json": `{"id":1}`,
				"var/log/containers/x-" + id("a") + ".log":                      "",
				"var/log/pods/nonsense/x":                                       "",
			},
			"/docker/" + id("a"), "docker-aaaaaaaaaaaa",
		},
		{
			"a file too large to be a record",
			map[string]string{"var/lib/docker/containers/" + id("a") + "/config.v2.json": `{"Name":"/web"}` + strings.Repeat(" ", maxRecord)},
			"/docker/" + id("a"), "docker-aaaaaaaaaaaa",
		},
		{
			"a name that would write to the terminal",
			map[string]string{"var/lib/docker/containers/" + id("a") + "/config.v2.json": `{"Name":"/we\u001bb"}`},
			"/docker/" + id("a"), "we?b",
		},
	} {
		h := host{t, t.TempDir()}
		for path, text := range test.files {
			h.write(path, text)
		}
		s := newStage(t, Options{HostRoot: h.root})
		s.resolver.containers.home = func(uid string) string { return map[string]string{"1000": "/home/bob"}[uid] }
		s.start(10, 1, "nginx", "nginx").in(test.path)
		if got := s.resolve()[10]; got.Service != test.want || got.Step != StepContainer {
			t.Errorf("%s: %q by %s, want %q", test.story, got.Service, got.Step, test.want)
		}
	}
}

// A pipe in a user's directory must not stop the monitor.
func TestContainerFileThatIsNoFile(t *testing.T) {
	h := host{t, t.TempDir()}
	h.write("pipes/x", "")
	path := filepath.Join(h.root, "pipes/containers.json")
	if err := makePipe(path); err != nil {
		t.Log("NOT RUN: cannot make a named pipe: " + err.Error())
		t.Skip("NOT RUN: cannot make a named pipe: " + err.Error())
	}
	if name := nameInStorage(path, id("a")); name != "" {
		t.Errorf("a pipe names the container %q", name)
	}
}

// The engine writes its record a moment after it started the first process. The name is
// found when that process has settled, and then all processes of the container have it.
func TestContainerNameThatComesLate(t *testing.T) {
	h := host{t, t.TempDir()}
	s := newStage(t, Options{HostRoot: h.root})
	path := "/docker/" + id("a")
	s.start(10, 1, "nginx", "nginx").in(path)
	s.expect(map[int32]string{10: "docker-aaaaaaaaaaaa"})
	h.write("var/lib/docker/containers/"+id("a")+"/config.v2.json", `{"Name":"/web"}`)
	s.start(11, 10, "nginx", "nginx").in(path)
	s.expect(map[int32]string{10: "web", 11: "web"})
}

func TestContainerNamesAreBounded(t *testing.T) {
	n := containerNames{root: t.TempDir(), known: make(map[string]*containerName), home: func(string) string { return "" }}
	for i := range 3 * maxContainers {
		c := container{engine: engineDocker, id: id("a")[:idDigits-4] + string([]byte{hex(i >> 12), hex(i >> 8), hex(i >> 4), hex(i)})}
		n.of(c, "", uint32(i/100))
	}
	if len(n.known) > maxContainers {
		t.Errorf("%d answers are kept, the bound is %d", len(n.known), maxContainers)
	}
}

func hex(i int) byte { return "0123456789abcdef"[i&15] }

func TestLastingPod(t *testing.T) {
	for pod, want := range map[string]string{
		"web-7d4b9c6f5d-x2x9z":    "web",
		"my-web-7d4b9c6f5d-x2x9z": "my-web",
		"node-exporter-x2x9z":     "node-exporter",
		"backup-28391040-k7qfm":   "backup",
		"db-0":                    "db-0",
		"kube-apiserver-node1":    "kube-apiserver-node1",
		"my-nginx":                "my-nginx",
		"redis-proxy":             "redis-proxy",
		"x2x9z":                   "x2x9z",
		"":                        "",
	} {
		if got := lastingPod(pod); got != want {
			t.Errorf("pod %q lasts as %q, want %q", pod, got, want)
		}
	}
}

func FuzzContainerFiles(f *testing.F) {
	f.Add(`[{"id":"a","names":["web"]}]`, "k8s_a_b_c_d_e")
	f.Add(`[1,{"id":"a"}]`, "a.b.0123456789abcdefghijklmno")
	f.Add(`[`, "-")
	f.Add(`{}`, "_____")
	f.Fuzz(func(t *testing.T, storage, name string) {
		findInStorage(strings.NewReader(storage), "a")
		if got := lastingName(name); len(got) > len(name)+1 {
			t.Errorf("%q became the longer %q", name, got)
		}
		lastingPod(name)
	})
}
