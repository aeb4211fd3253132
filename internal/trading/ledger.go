package trading

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/zol0/zol0/internal/fetch"
	"github.com/zol0/zol0/internal/performance"
	"github.com/zol0/zol0/internal/tail"
	"github.com/zol0/zol0/internal/wire"
)

// ledger follows a file or a pipe of trades: CSV with a line of names, or a JSON object in
// each line. It is read from its beginning when the daemon starts, so that all its figures
// are of all its trades.
type ledger struct {
	options *Options
	file    *tail.File
	header  []string
	books   books
	refused int
	why     error // of the last line that was refused
	turns   uint64
}

const (
	// maxPull is how much is read at one question; what is left is read at the next ones,
	// which follow at once.
	maxPull = 32 << 20
	// readPiece is read before the context is asked again.
	readPiece = 1 << 20
	// maxTradeLine is more than a trade takes.
	maxTradeLine = 16 << 10
)

// errCrowded says that there is no room for another strategy.
var errCrowded = fmt.Errorf("more than %d strategies", MaxStrategies)

// Columns are the names of the columns of a file of trades, with their meaning.
var Columns = map[string]string{
	"time": "when it was closed", "strategy": "whose it is", "symbol": "what was traded", "side": "buy or sell", "quantity": "how much of it",
	"price": "at what price it was closed", "fee": "fees, taken off the profit already", "profit": "net of fees", "opened": "when it was opened",
}

func newLedger(o *Options) *ledger {
	return &ledger{options: o, file: tail.NewFile(tail.Options{Path: o.File, FromStart: true, MaxLine: maxTradeLine})}
}

func (l *ledger) close() error { return l.file.Close() }

func (l *ledger) detail(name string) *wire.StrategyDetail { return l.books.detail(name) }

func (l *ledger) read(ctx context.Context, _ time.Time) (*Reading, error) {
	for total, more := 0, true; more && total < maxPull && ctx.Err() == nil; {
		n, left, err := l.file.Step(readPiece, l.line)
		if err != nil {
			hint := "see that the path is right, and that zol0 may read it"
			if errors.Is(err, fs.ErrNotExist) {
				hint = "it is read as soon as it is there"
			}
			return nil, &fetch.Error{Err: err, Hint: hint}
		}
		total, more = total+n, left
		if c := l.file.Counts(); c.Rotations+c.Truncations != l.turns {
			// Another file stands there. What came before stays: it is the past of these strategies.
			l.turns, l.header = c.Rotations+c.Truncations, nil
		}
	}
	out := &Reading{Strategies: l.books.strategies()}
	for i := range out.Strategies {
		finish(&out.Strategies[i], l.options)
	}
	if l.refused > 0 {
		out.Problems = append(out.Problems, fmt.Sprintf("%d lines are no trade; the last: %v", l.refused, l.why))
	}
	out.LeftOut = uint64(l.refused)
	return out, nil
}

// line takes in one line.
func (l *ledger) line(text []byte) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return
	}
	var err error
	if text[0] == '{' {
		var x object
		if x, err = objectOf(text); err == nil {
			err = l.trade(func(column string) any { return x[column] })
		}
	} else {
		err = l.row(text)
	}
	if err != nil {
		l.refused++
		l.why = err
	}
}

// row takes in a line of CSV; the first one, or one that names columns again, is the header.
func (l *ledger) row(text []byte) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	fields, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("it is no line of CSV: %w", err)
	}
	if slices.Contains(fields, l.column("time")) && slices.Contains(fields, l.column("profit")) {
		l.header = nil
		for _, name := range fields {
			l.header = append(l.header, strings.Clone(strings.TrimSpace(name)))
		}
		return nil
	}
	if l.header == nil {
		return fmt.Errorf("there is no line with the names of columns before it, such as time,strategy,symbol,side,quantity,price,fee,profit")
	}
	return l.trade(func(column string) any {
		if i := slices.Index(l.header, column); i >= 0 && i < len(fields) {
			return fields[i]
		}
		return nil
	})
}

// column is the name of a column in the file.
func (l *ledger) column(name string) string { return cmp.Or(l.options.Columns[name], name) }

// trade takes in one trade by its columns.
func (l *ledger) trade(of func(string) any) error {
	get := func(name string) any { return of(l.column(name)) }
	t := performance.Trade{Opened: timeOf(get("opened")), Closed: timeOf(get("time"))}
	if t.Closed.IsZero() {
		return fmt.Errorf("%s: %q is no time", l.column("time"), printed(fmt.Sprint(get("time"))))
	}
	profit := number(get("profit"))
	if profit == nil {
		return fmt.Errorf("%s: %q is no number", l.column("profit"), printed(fmt.Sprint(get("profit"))))
	}
	t.Profit = *profit
	if fee := number(get("fee")); fee != nil {
		t.Fee = *fee
	}
	name, _ := get("strategy").(string)
	return l.books.add(cmp.Or(printed(name), l.options.Strategy, l.options.Name), l.options.Balance, t)
}
