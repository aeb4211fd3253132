package top

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// crowded is a view of 200 services with 1,000 processes after 20 minutes.
func crowded(b *testing.B) *stage {
	b.Helper()
	s := newStage(&play{t: nil, actors: crowd(200), began: opening, now: opening})
	s.Update(s.Init()())
	for range 200 {
		s.play.now = s.play.now.Add(6 * time.Second)
		_, cmd := s.Update(tickMsg(s.ticket))
		s.Update(cmd())
	}
	return s
}

// BenchmarkScreen draws a screen, which happens at each reading and each key.
func BenchmarkScreen(b *testing.B) {
	s := crowded(b)
	for _, size := range []tea.WindowSizeMsg{{Width: 100, Height: 30}, {Width: 250, Height: 80}} {
		b.Run("", func(b *testing.B) {
			s.Update(size)
			b.ReportAllocs()
			for b.Loop() {
				s.View()
			}
		})
	}
}

// BenchmarkKey moves the cursor.
func BenchmarkKey(b *testing.B) {
	s := crowded(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 {
			s.press("down")
		} else {
			s.press("up")
		}
	}
}

// BenchmarkReading takes a reading in, without what the machine itself takes; a verdict is
// due only now and then.
func BenchmarkReading(b *testing.B) {
	s := crowded(b)
	b.ReportAllocs()
	for b.Loop() {
		r := s.watch.read(false)
		s.Update(readMsg(r))
	}
}

// BenchmarkVerdicts asks for the verdicts on 100 processes.
func BenchmarkVerdicts(b *testing.B) {
	s := crowded(b)
	for b.Loop() {
		s.watch.judged = time.Time{}
		s.watch.judge(s.play.now)
	}
}
