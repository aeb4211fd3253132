package main

import (
	"math"

	"github.com/zol0/zol0/leak"
)

// ridge is the penalty on the square of every weight. It was chosen by cross-validation
// among 0.3, 1, 2 and 3, between which nothing much changes.
const ridge = 1.0

// train fits a logistic regression with a ridge penalty by Newton's method. The terms
// named are left out.
func train(examples []example, without ...string) *leak.Model {
	n := len(leak.TermNames())
	model := &leak.Model{Weights: standard(examples, n)}
	for _, name := range without {
		model.Weights[termIndex[name]].Spread = never
	}
	rows := make([][]float64, len(examples))
	for i, e := range examples {
		rows[i] = make([]float64, n+1)
		for k, v := range e.terms {
			rows[i][k] = (v - model.Weights[k].Mean) / model.Weights[k].Spread
		}
		rows[i][n] = 1
	}
	w := make([]float64, n+1)
	for range 12 {
		hessian, gradient := curvature(examples, rows, w)
		var moved float64
		for k, d := range solve(hessian, gradient) {
			w[k] += d
			moved = max(moved, math.Abs(d))
		}
		if moved < 1e-4 {
			break
		}
	}
	for k := range n {
		model.Weights[k].Weight = w[k]
	}
	model.Intercept = w[n]
	return model
}

// never is a spread so wide that the term never counts.
const never = 1e9

// standard is the mean and the spread of every term over the examples. A term that never
// varies is given a spread so wide that it never counts.
func standard(examples []example, n int) []leak.Weight {
	s := make([]leak.Weight, n)
	var all float64
	for _, e := range examples {
		all += e.weight
		for k, v := range e.terms {
			s[k].Mean += e.weight * v
		}
	}
	for k := range s {
		s[k].Mean /= all
	}
	for _, e := range examples {
		for k, v := range e.terms {
			s[k].Spread += e.weight * (v - s[k].Mean) * (v - s[k].Mean)
		}
	}
	for k := range s {
		s[k].Spread = math.Sqrt(s[k].Spread / all)
		if s[k].Spread < 1e-4 {
			s[k].Spread = never
		}
	}
	return s
}

// curvature is the penalised likelihood's gradient and negative second derivative.
func curvature(examples []example, rows [][]float64, w []float64) (hessian [][]float64, gradient []float64) {
	n := len(w)
	hessian, gradient = make([][]float64, n), make([]float64, n)
	for k := range hessian {
		hessian[k] = make([]float64, n)
	}
	for i, e := range examples {
		var s float64
		for k, v := range rows[i] {
			s += w[k] * v
		}
		p := 1 / (1 + math.Exp(-s))
		miss := -p
		if e.leaks {
			miss = 1 - p
		}
		for k, v := range rows[i] {
			gradient[k] += e.weight * miss * v
			share := e.weight * p * (1 - p) * v
			for l := 0; l <= k; l++ {
				hessian[k][l] += share * rows[i][l]
			}
		}
	}
	for k := range n - 1 { // the intercept is free
		gradient[k] -= ridge * w[k]
		hessian[k][k] += ridge
	}
	hessian[n-1][n-1] += 1e-6
	for k := range n {
		for l := k + 1; l < n; l++ {
			hessian[k][l] = hessian[l][k]
		}
	}
	return hessian, gradient
}

// solve is Gaussian elimination with pivoting; it uses up its arguments.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	for i := range n {
		pivot := i
		for r := i + 1; r < n; r++ {
			if math.Abs(a[r][i]) > math.Abs(a[pivot][i]) {
				pivot = r
			}
		}
		a[i], a[pivot], b[i], b[pivot] = a[pivot], a[i], b[pivot], b[i]
		for r := i + 1; r < n; r++ {
			f := a[r][i] / a[i][i]
			for c := i; c < n; c++ {
				a[r][c] -= f * a[i][c]
			}
			b[r] -= f * b[i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for c := i + 1; c < n; c++ {
			b[i] -= a[i][c] * b[c]
		}
		b[i] /= a[i][i]
	}
	return b
}
