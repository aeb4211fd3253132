package service

import (
	"testing"
	"time"

	"github.com/zol0/zol0/internal/process"
)

func TestPortsTellInstancesApart(t *testing.T) {
	s := newStage(t, Options{})
	s.start(10, 1, "python3", "python3", "dash.py").listening(8501)
	s.expect(map[int32]string{10: "dash.py"})
	if s.reads[process.NeedPorts] != 0 {
		t.Error("the ports of a single instance were read")
	}
	s.start(11, 1, "python3", "python3", "dash.py").listening(8502, 9000)
	got := s.expect(map[int32]string{10: "dash.py [8501]", 11: "dash.py [8502]"})
	if got[11].Port != 8502 || got[11].Step != StepScript {
		t.Errorf("%+v", got[11])
	}
	// The survivor keeps its name, and so does the other one when it comes back.
	s.end(10)
	s.expect(map[int32]string{11: "dash.py [8502]"})
	s.start(12, 1, "python3", "python3", "dash.py").listening(8501)
	s.expect(map[int32]string{11: "dash.py [8502]", 12: "dash.py [8501]"})
	s.start(13, 1, "python3", "python3", "dash.py") // listens on nothing
	s.expect(map[int32]string{13: "dash.py"})
}

func TestExecutablesAreToldApartToo(t *testing.T) {
	s := newStage(t, Options{})
	s.start(10, 1, "redis-server", "redis-server 127.0.0.1:6379")
	s.start(11, 1, "redis-server", "redis-server 127.0.0.1:6380")
	s.expect(map[int32]string{10: "redis-server [6379]", 11: "redis-server [6380]"})
	if s.reads[process.NeedPorts] != 0 {
		t.Error("sockets were looked at though the ports are written in the command lines")
	}
}

func TestInstancesThatPortsDoNotTellApart(t *testing.T) {
	s := newStage(t, Options{})
	s.start(10, 1, "python3", "python3", "same.py").listening(80)
	s.start(11, 1, "python3", "python3", "same.py").listening(80)
	s.start(20, 1, "python3", "python3", "one.py").listening(80)
	s.start(21, 1, "python3", "python3", "one.py")
	s.start(30, 1, "python3", "python3", "deaf.py")
	s.start(31, 1, "python3", "python3", "deaf.py")
	// Units and containers have names of their own and need no port.
	s.start(40, 1, "nginx", "nginx").in("/system.slice/nginx.service").listening(80)
	s.start(41, 1, "nginx", "nginx").in("/system.slice/nginx.service").listening(81)
	s.expect(map[int32]string{
		10: "same.py", 11: "same.py", 20: "one.py", 21: "one.py", 30: "deaf.py", 31: "deaf.py", 40: "nginx", 41: "nginx",
	})
}

// A server and its workers are one instance; the workers take the server's port.
func TestWorkersBelongToTheirServer(t *testing.T) {
	s := newStage(t, Options{})
	for i := range int32(2) {
		pid := 10 + 10*i
		s.start(pid, 1, "gunicorn", "python3", "/v/gunicorn", "-w", "2", "api:app").listening(8000 + uint16(i))
		s.start(pid+1, pid, "gunicorn", "python3", "/v/gunicorn", "-w", "2", "api:app").listening(8000 + uint16(i))
		s.start(pid+2, pid, "gunicorn", "gunicorn: worker [api:app]")
		s.start(pid+3, pid+1, "ffmpeg", "ffmpeg")
	}
	got := s.expect(map[int32]string{
		10: "api:app [8000]", 11: "api:app [8000]", 12: "api:app [8000]", 13: "api:app [8000]",
		20: "api:app [8001]", 21: "api:app [8001]", 22: "api:app [8001]", 23: "api:app [8001]",
	})
	for pid, want := range map[int32]bool{10: true, 11: false, 12: false, 13: false, 20: true} {
		if got[pid].Root != want {
			t.Errorf("process %d is a root: %v, want %v", pid, got[pid].Root, want)
		}
	}
	if n := s.reads[process.NeedPorts]; n != 2 {
		t.Errorf("sockets were looked at %d times, want once per server", n)
	}
}

// A server that loads a model first opens its port late.
func TestPortThatComesLate(t *testing.T) {
	s := newStage(t, Options{})
	s.start(10, 1, "python3", "python3", "dash.py").listening(8501)
	late := s.start(11, 1, "python3", "python3", "dash.py").aged(time.Second)
	s.expect(map[int32]string{10: "dash.py", 11: "dash.py"})
	s.pass(20 * time.Second)
	s.expect(map[int32]string{10: "dash.py", 11: "dash.py"})
	late.listening(8502)
	s.pass(25 * time.Second)
	s.expect(map[int32]string{10: "dash.py [8501]", 11: "dash.py [8502]"})
}

func TestLookingAtSocketsIsBounded(t *testing.T) {
	s := newStage(t, Options{})
	for pid := range int32(500) {
		s.start(10+pid, 1, "worker", "worker").aged(0)
	}
	for range 300 {
		s.resolve()
		s.pass(time.Second)
	}
	// At ages 0, 2, 4, … 64 s, of the first 64.
	if n := s.reads[process.NeedPorts]; n > maxAsked*8 {
		t.Errorf("sockets were looked at %d times", n)
	}
	shells := newStage(t, Options{})
	for pid := range int32(20) {
		shells.start(10+pid, 1, "bash", "-bash")
	}
	shells.resolve()
	if n := shells.reads[process.NeedPorts]; n != 0 {
		t.Errorf("sockets of shells were looked at %d times", n)
	}
}
