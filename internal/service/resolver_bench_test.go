package service

import (
	"fmt"
	"testing"
)

// A scan in which nothing changed: 1,000 processes.
func BenchmarkResolveSteady(b *testing.B) {
	s := crowd(b, 1000)
	samples := s.samples()
	s.resolver.Resolve(samples, s)
	b.ReportAllocs()
	for b.Loop() {
		s.resolver.Resolve(samples, s)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/process")
}

// A scan with one new process among 1,000: everybody's relations are worked out again.
func BenchmarkResolveOneNew(b *testing.B) {
	s := crowd(b, 1000)
	samples := s.samples()
	s.resolver.Resolve(samples, s)
	b.ReportAllocs()
	for b.Loop() {
		samples[500].ID.Start++
		s.actors[500].sample.ID.Start++
		s.resolver.Resolve(samples, s)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/process")
}

// The first scan decides about everybody; reading facts is not counted.
func BenchmarkResolveFirst(b *testing.B) {
	s := crowd(b, 1000)
	samples := s.samples()
	known := make(answers, len(s.actors))
	for _, a := range s.actors {
		known[a.sample.ID] = a.facts
	}
	b.ReportAllocs()
	for b.Loop() {
		New(Options{HostRoot: b.TempDir()}).Resolve(samples, known)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/process")
}

func BenchmarkProgramOf(b *testing.B) {
	for _, args := range [][]string{
		{"/venv/bin/python3", "-u", "/srv/trader/app.py"},
		{"/usr/bin/java", "-Xmx1g", "-XX:+UseG1GC", "-jar", "/opt/t/trader-1.4.2.jar"},
		{"/usr/sbin/nginx"},
	} {
		b.Run(fmt.Sprint(args[0]), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				programOf(args)
			}
		})
	}
}

func BenchmarkParsePlace(b *testing.B) {
	path := "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f0b7e0a_9d1c_4b53_8f5d_0a1b2c3d4e5f.slice/cri-containerd-" + id("a") + ".scope"
	b.ReportAllocs()
	for b.Loop() {
		parsePlace(path)
	}
}
