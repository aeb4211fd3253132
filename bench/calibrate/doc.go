// Command calibrate trains the weights with which package leak adds up its evidence, and
// says what they are worth on programs they were not trained on.
//
//	go run ./calibrate -data ../internal/backtest/testdata/leakbench/dev [-write ../leak/weights.go]
//
// It trains a logistic regression on the evidence that the detector itself sees, on three
// kinds of series: recorded processes, sums of two recorded processes (so that leaks are
// seen under movements they did not come with), and synthetic series (so that days and
// weeks are seen at all). Whole programs are left out in turn; the trained model runs in
// the real detector, and internal/backtest counts.
package main
