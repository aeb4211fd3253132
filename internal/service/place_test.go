package service

import (
	"strings"
	"testing"
)

// id is a container id as engines draw them.
func id(digit string) string { return strings.Repeat(digit, idDigits) }

func TestParsePlaceUnits(t *testing.T) {
	for _, test := range []struct {
		path, unit string
		scope      bool
	}{
		{"/system.slice/nginx.service", "nginx.service", false},
		{"/system.slice/postgresql@15-main.service", "postgresql@15-main.service", false},
		{"/system.slice/system-foo.slice/foo@bar.service", "foo@bar.service", false},
		{"/system.slice/foo.service/sub/group", "foo.service", false},
		{`/system.slice/system-a\x2db.slice/a\x2db@x.service`, "a-b@x.service", false},
		{`/system.slice/caf\xc3\xa9.service`, "café.service", false},
		// No unit may write to a terminal through its name.
		{`/system.slice/a\x1b[2J.service`, `a\x1b[2J.service`, false},
		{`/system.slice/a\xff.service`, `a\xff.service`, false},
		{`/system.slice/a\x2.service`, `a\x2.service`, false},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/bot.service", "bot.service", false},
		{"/user.slice/user-1000.slice/user@1000.service/init.scope", "", false},
		{"/user.slice/user-1000.slice/user@1000.service", "", false},
		{"/user.slice/user-1000.slice/session-3.scope", "", true},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-term-81.scope", "", true},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox@9f1c6a3b8e2d4c5f9f1c6a3b8e2d4c5f.service", "app-firefox.service", false},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/app-tray@autostart.service", "app-tray@autostart.service", false},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/dbus-:1.35-org.example.Portal@0.service", "org.example.Portal.service", false},
		{"/init.scope", "", false},
		{"/system.slice/run-u12.service", "", false},
		{"/system.slice/run-rb0c2b6c5a4d74a3b8a1f5d3e0e6f7a89.scope", "", false},
		{"/system.slice/run-p812-i813.service", "", false},
		{"/system.slice/run-backup.service", "run-backup.service", false},
		{"/system.slice/sshd@3-10.0.0.1:22-10.0.0.7:51514.service", "sshd.service", false},
		{"/system.slice/echo@7-812-1000.service", "echo.service", false},
		{"/system.slice/web@1-2.service", "web@1-2.service", false},
		{"/", "", false},
		{"", "", false},
		{"/system.slice/.service", "", false},
		{"/system.slice/@x.service", "", false},
		{"/process_api/53c7ba95deb36102769eb0c87038fcfa", "", false},
	} {
		p := parsePlace(test.path)
		if p.unit != test.unit || p.scope != test.scope || p.container.id != "" {
			t.Errorf("%s\n is unit %q, scope %v, container %v; want %q, %v and none", test.path, p.unit, p.scope, p.container, test.unit, test.scope)
		}
	}
}

func TestParsePlaceContainers(t *testing.T) {
	const pod = "3f0b7e0a-9d1c-4b53-8f5d-0a1b2c3d4e5f"
	const podUnderscored = "3f0b7e0a_9d1c_4b53_8f5d_0a1b2c3d4e5f"
	const static = "33d556edd3ae8ef21980288cef77ae8b"
	for _, test := range []struct{ path, engine, id, pod, unit string }{
		// Docker: cgroupfs, systemd, rootless, in another Docker, by the mixed form.
		{"/docker/" + id("a"), engineDocker, id("a"), "", ""},
		{"/system.slice/docker-" + id("a") + ".scope", engineDocker, id("a"), "", ""},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" + id("a") + ".scope", engineDocker, id("a"), "", ""},
		{"/docker/" + id("a") + "/docker/" + id("b"), engineDocker, id("b"), "", ""},
		{"/system.slice/docker-" + id("a") + ".scope/docker/" + id("b") + "/init", engineDocker, id("b"), "", ""},
		{"/system.slice:docker:" + id("a"), engineDocker, id("a"), "", ""},
		{"/system.slice/docker.service/docker/" + id("a"), engineDocker, id("a"), "", ""},
		{"/../docker-" + id("a") + ".scope", engineDocker, id("a"), "", ""},
		// Podman: its own scope, rootless, cgroupfs, and a quadlet, whose unit is its name.
		{"/machine.slice/libpod-" + id("a") + ".scope/container", enginePodman, id("a"), "", ""},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id("a") + ".scope", enginePodman, id("a"), "", ""},
		{"/libpod_parent/libpod-" + id("a"), enginePodman, id("a"), "", ""},
		{"/system.slice/web.service/libpod-payload-" + id("a"), enginePodman, id("a"), "", "web.service"},
		{"/machine.slice/libpod-conmon-" + id("a") + ".scope", "", "", "", ""},
		// Kubernetes on containerd, CRI-O and Docker; v1 and v2; both drivers.
		{"/kubepods/burstable/pod" + pod + "/" + id("a"), engineKubernetes, id("a"), pod, ""},
		{"/kubepods/pod" + static + "/" + id("a"), engineKubernetes, id("a"), static, ""},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podUnderscored + ".slice/cri-containerd-" + id("a") + ".scope", engineContainerd, id("a"), pod, ""},
		{"/kubepods.slice/kubepods-pod" + podUnderscored + ".slice/crio-" + id("a") + ".scope/container", engineCRIO, id("a"), pod, ""},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + podUnderscored + ".slice/docker-" + id("a") + ".scope", engineDocker, id("a"), pod, ""},
		{"/kubepods.slice/kubepods-pod" + podUnderscored + ".slice/crio-conmon-" + id("a") + ".scope", "", "", "", ""},
		{"/system.slice/containerd.service/kubepods-burstable-pod" + podUnderscored + ".slice:cri-containerd:" + id("a"), engineContainerd, id("a"), pod, ""},
		{"/docker/" + id("a") + "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" + podUnderscored + ".slice/cri-containerd-" + id("b") + ".scope", engineContainerd, id("b"), pod, ""},
		// Others.
		{"/system.slice/nerdctl-" + id("a") + ".scope", engineContainerd, id("a"), "", ""},
		{"/default/" + id("a"), engineContainerd, id("a"), "", ""},
		{"/ecs/cluster/0123456789/" + id("a"), engineOther, id("a"), "", ""},
		{"/lxc.payload.web/init.scope", engineLXC, "web", "", ""},
		{"/lxc/101/ns/system.slice/nginx.service", engineLXC, "101", "", "nginx.service"},
		{"/lxc.monitor.web", "", "", "", ""},
		{"/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service", engineMachine, "web", "", "nginx.service"},
		{`/machine.slice/machine-qemu\x2d7\x2dweb.scope/libvirt/emulator`, engineMachine, "web", "", ""},
		// systemd inside a container.
		{"/docker/" + id("a") + "/system.slice/nginx.service", engineDocker, id("a"), "", "nginx.service"},
		// Not quite an id.
		{"/docker/" + id("a")[1:], "", "", "", ""},
		{"/docker/" + strings.ToUpper(id("a")), "", "", "", ""},
	} {
		p := parsePlace(test.path)
		c := p.container
		if c.engine != test.engine || c.id != test.id || c.pod != test.pod || p.unit != test.unit {
			t.Errorf("%s\n is %s %s of pod %q in unit %q; want %s %s of %q in %q", test.path,
				c.engine, c.id, c.pod, p.unit, test.engine, test.id, test.pod, test.unit)
		}
	}
}

func FuzzParsePlace(f *testing.F) {
	for _, seed := range []string{
		"/system.slice/foo@bar.service", `/a\x2d\x.service`, "/user@1.service", "/dbus-:.service", "/dbus-:1-@.service", "/run-.service",
		"/kubepods/pod/" + id("a"), "/x:y:" + id("b"), "/-" + id("c") + ".scope", "/lxc//", "/lxc/a", "/machine-.scope", "/machine-qemu\\x2d1\\x2d.scope",
		"/systemd-nspawn@.service/payload", "/user-.slice", "//..//", "/app-@00000000.service", "/a@1-2-3.service", "/run-p-i.service",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		p := parsePlace(path)
		if harmless(path) && !harmless(p.unit+p.container.id) {
			t.Errorf("%q gives the unprintable %q, %q", path, p.unit, p.container.id)
		}
		if p.container.id != "" {
			if p.container.fallback() == "" || p.container.engine == "" {
				t.Errorf("%q gives a container without a name", path)
			}
		}
		if p != parsePlace(path) {
			t.Errorf("%q is two places", path)
		}
	})
}
