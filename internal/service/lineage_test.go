package service

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestChildrenCountToTheirService(t *testing.T) {
	s := newStage(t, Options{})
	s.start(1, 0, "systemd", "/sbin/init").in("/init.scope")
	// A pool of workers of one script, which itself has a helper.
	s.start(10, 1, "python3", "python3", "pool.py")
	s.start(11, 10, "python3", "python3", "-c", "from multiprocessing.spawn import spawn_main; …", "--multiprocessing-fork")
	s.start(12, 11, "ffmpeg", "ffmpeg", "-i", "x")
	s.start(13, 10, "sh", "sh", "-c", "sleep 1")
	s.start(14, 13, "sleep", "sleep", "1")
	s.start(15, 10, "node", "node", "other.js") // has a name of its own
	s.start(16, 10, "bash", "bash", "/opt/helper.sh")
	// A shell's children are not the shell's.
	s.start(20, 1, "bash", "-bash")
	s.start(21, 20, "htop", "htop")
	s.start(22, 20, "python3", "python3", "x.py")
	s.start(23, 1, "bash", "bash", "/opt/loop.sh")
	s.start(24, 23, "sleep", "sleep", "60")
	got := s.expect(map[int32]string{
		10: "pool.py", 11: "pool.py", 12: "pool.py", 13: "pool.py", 14: "pool.py", 15: "other.js", 16: "pool.py",
		20: "bash", 21: "htop", 22: "x.py", 23: "loop.sh", 24: "sleep",
	})
	for pid, owner := range map[int32]int32{10: 0, 11: 10, 12: 10, 13: 10, 14: 10, 15: 0, 16: 10, 21: 0, 24: 0} {
		if got[pid].Owner != owner {
			t.Errorf("process %d counts to %d, want %d", pid, got[pid].Owner, owner)
		}
		if inherited := got[pid].Step == StepParent; inherited != (owner != 0) {
			t.Errorf("process %d was decided by %s", pid, got[pid].Step)
		}
		if root := pid == 10 || pid > 14 && pid != 16; got[pid].Root != root {
			t.Errorf("process %d is a root: %v, want %v", pid, got[pid].Root, root)
		}
	}
}

// Samples come in no particular order.
func TestChildrenBeforeTheirParents(t *testing.T) {
	s := newStage(t, Options{})
	s.start(12, 11, "ffmpeg", "ffmpeg").sample.ID.Start = 3000
	s.start(11, 10, "sh", "sh", "-c", "x").sample.ID.Start = 2000
	s.start(10, 1, "python3", "python3", "x.py").sample.ID.Start = 1000
	s.expect(map[int32]string{10: "x.py", 11: "x.py", 12: "x.py"})
}

func TestServiceOutlivesItsOwner(t *testing.T) {
	s := newStage(t, Options{})
	s.start(1, 0, "systemd", "/sbin/init")
	s.start(10, 1, "python3", "python3", "x.py")
	s.start(11, 10, "sh", "sh", "-c", "worker")
	s.start(12, 11, "worker", "worker")
	s.expect(map[int32]string{11: "x.py", 12: "x.py"})
	s.end(10)
	s.expect(map[int32]string{11: "x.py", 12: "x.py"})
	// What the orphan starts counts to the same service.
	s.start(13, 12, "ffmpeg", "ffmpeg")
	s.expect(map[int32]string{11: "x.py", 12: "x.py", 13: "x.py"})
	s.end(11)
	s.expect(map[int32]string{12: "x.py", 13: "x.py"})
	// An orphan that becomes something with a name takes that name.
	a := s.actors[1]
	a.sample.Name, a.facts.Cmdline = "python3", []string{"python3", "y.py"}
	s.expect(map[int32]string{12: "y.py", 13: "y.py"})
}

// A scan takes a while: the parent may be missing from it before the child has moved.
func TestParentMissingFromOneScan(t *testing.T) {
	s := newStage(t, Options{})
	s.start(10, 1, "python3", "python3", "x.py")
	s.start(11, 10, "worker", "worker")
	s.expect(map[int32]string{11: "x.py"})
	s.actors = s.actors[1:]
	s.start(99, 1, "new", "new")
	s.expect(map[int32]string{11: "x.py"})
	s.actors[0].sample.Parent = 1
	s.expect(map[int32]string{11: "x.py"})
}

// A PID that was taken over by a younger process is nobody's parent.
func TestParentsAreOlderThanTheirChildren(t *testing.T) {
	s := newStage(t, Options{})
	s.start(10, 1, "python3", "python3", "x.py").sample.ID.Start = 9000
	s.start(11, 10, "worker", "worker")
	s.expect(map[int32]string{11: "worker"})
}

func TestCirclesEnd(t *testing.T) {
	s := newStage(t, Options{})
	s.start(10, 11, "a", "a").sample.ID.Start = 1
	s.start(11, 10, "b", "b").sample.ID.Start = 1
	s.start(12, 12, "c", "c")
	s.expect(map[int32]string{10: "a", 11: "b", 12: "c"})
}

// A desktop's shell and a login server start programs that are not theirs.
func TestScopesSeparate(t *testing.T) {
	s := newStage(t, Options{})
	const user = "/user.slice/user-1000.slice/user@1000.service/"
	s.start(10, 1, "gnome-shell", "gnome-shell").in(user + "session.slice/org.gnome.Shell@wayland.service")
	s.start(11, 10, "editor", "editor").in(user + "app.slice/app-gnome-editor-81.scope")
	s.start(20, 1, "sshd", "sshd: /usr/sbin/sshd -D").in("/system.slice/ssh.service")
	s.start(21, 20, "sshd", "sshd: bob@pts/0").in("/user.slice/user-1000.slice/session-3.scope")
	s.start(22, 21, "bash", "-bash").in("/user.slice/user-1000.slice/session-3.scope")
	s.start(23, 22, "quotes", "./quotes").in("/user.slice/user-1000.slice/session-3.scope")
	s.start(30, 1, "agent", "agent").in("/system.slice/agent.service")
	s.start(31, 30, "job", "job").in("/system.slice/run-r00112233445566778899aabbccddeeff.scope")
	s.expect(map[int32]string{10: "org.gnome.Shell@wayland", 11: "editor", 20: "ssh", 21: "sshd", 22: "bash", 23: "quotes", 30: "agent", 31: "agent"})
}

// In a container the application itself may be process 1; its workers are its own.
func TestProcessOneOfAContainer(t *testing.T) {
	s := newStage(t, Options{})
	s.start(1, 0, "python3", "python3", "pool.py")
	s.start(11, 1, "python3", "python3", "-c", "x")
	s.expect(map[int32]string{1: "pool.py", 11: "pool.py"})
}

func TestDescendantsOfARulesProcessAreWatched(t *testing.T) {
	s := newStage(t, Options{Rules: []Rule{{Name: "trader", Kind: "strategy", Match: Match{Command: re("trader")}}}})
	s.start(10, 1, "python3", "python3", "trader.py")
	s.start(11, 10, "python3", "python3", "-c", "x")
	s.start(12, 10, "python3", "python3", "helper.py")
	s.start(13, 12, "ffmpeg", "ffmpeg")
	s.start(20, 1, "python3", "python3", "other.py")
	got := s.expect(map[int32]string{10: "trader", 11: "trader", 12: "helper.py", 13: "helper.py", 20: "other.py"})
	for pid, want := range map[int32]bool{10: true, 11: true, 12: true, 13: true, 20: false} {
		if got[pid].Watched != want {
			t.Errorf("process %d is watched: %v, want %v", pid, got[pid].Watched, want)
		}
	}
	if got[11].Kind != "strategy" || got[11].Rule == nil || got[12].Rule != nil {
		t.Errorf("child %+v, helper %+v", got[11], got[12])
	}
	s.end(10)
	got = s.expect(map[int32]string{11: "trader", 12: "helper.py"})
	if !got[11].Watched || !got[12].Watched || !got[13].Watched {
		t.Error("they are not watched any more after their parent's end")
	}
}

// However processes come, go and change, one that is alive and unchanged keeps the name
// it was once given, whatever happens to its relatives.
func TestNamesAreStable(t *testing.T) {
	commands := [][]string{
		{"python3", "python3", "a.py"}, {"python3", "python3", "b.py"}, {"python3", "python3", "-c", "x"}, {"bash", "bash"},
		{"worker", "worker"}, {"node", "node", "c.js"}, {"sh", "sh", "-c", "x"},
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t, Options{})
		next := int32(2)
		before := map[int32]string{}
		for range rapid.IntRange(1, 12).Draw(rt, "rounds") {
			for range rapid.IntRange(0, 4).Draw(rt, "starts") {
				parent := int32(1)
				if len(s.actors) > 0 {
					parent = rapid.SampledFrom(s.actors).Draw(rt, "parent").sample.ID.PID
				}
				c := rapid.SampledFrom(commands).Draw(rt, "command")
				s.start(next, parent, c[0], c[1:]...)
				next++
			}
			if len(s.actors) > 0 && rapid.Bool().Draw(rt, "end") {
				s.end(rapid.SampledFrom(s.actors).Draw(rt, "victim").sample.ID.PID)
			}
			s.pass(time.Second)
			after := map[int32]string{}
			for pid, identity := range s.resolve() {
				after[pid] = identity.Service
				if was, ok := before[pid]; ok && was != identity.Service {
					rt.Fatalf("process %d was %q and is %q", pid, was, identity.Service)
				}
			}
			before = after
		}
	})
}
