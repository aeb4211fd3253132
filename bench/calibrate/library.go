package main

import (
	"sync"

	"github.com/zol0/zol0/internal/backtest"
)

// library holds the examples of all subjects, so that every fold trains on a choice of them.
type library struct {
	subjects []subject
	examples [][]example
}

// gather lets the detector see every subject once.
func gather(subjects []subject) *library {
	l := &library{subjects: subjects, examples: make([][]example, len(subjects))}
	var wait sync.WaitGroup
	turn := make(chan int)
	for range 2 {
		wait.Go(func() {
			for i := range turn {
				l.examples[i] = subjects[i].examples()
			}
		})
	}
	for i := range subjects {
		turn <- i
	}
	close(turn)
	wait.Wait()
	return l
}

// without are the examples of all series but those that contain a program of the fold.
func (l *library) without(set *backtest.Set, fold []string) []example {
	left := map[string]bool{}
	for _, t := range set.Traces {
		left[t.Program] = true
	}
	for _, t := range set.Traces {
		for _, id := range fold {
			if t.ID == id {
				delete(left, t.Program)
			}
		}
	}
	var list []example
	for i := range l.subjects {
		if l.subjects[i].among(left) {
			list = append(list, l.examples[i]...)
		}
	}
	return list
}
