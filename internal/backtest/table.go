package backtest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
)

// Bounds of a table. A row of leakbench has 19 columns and about 150 bytes.
const (
	maxLineBytes  = 64 << 10  // a row of some thousand columns
	maxColumns    = 1024      // more columns are no recording of a process
	maxTableBytes = 512 << 20 // unpacked: maxSamples rows of 256 bytes; stops a compressed bomb
)

// readTable reads a CSV file of the folder, compressed with gzip or not, and calls row with
// the cells of the wanted columns, in the order wanted. The first line names the columns.
// Cells are valid during the call only. Errors that are about the contents are *Error.
func readTable(root *os.Root, path string, wanted []string, row func(cells [][]byte) error) error {
	file, err := openRegular(root, path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // opened for reading
	return scanTable(file, maxTableBytes, wanted, row)
}

// scanTable is readTable of bytes, of which at most bound are unpacked.
func scanTable(r io.Reader, bound int64, wanted []string, row func(cells [][]byte) error) error {
	packed := bufio.NewReader(r)
	if magic, err := packed.Peek(2); err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(packed)
		if err != nil {
			return broken(0, err)
		}
		defer unpacked.Close() //nolint:errcheck // it holds nothing
		r = unpacked
	} else {
		r = packed
	}
	limited := &io.LimitedReader{R: r, N: bound + 1}
	lines := bufio.NewReaderSize(limited, maxLineBytes)
	var places []int
	cells := make([][]byte, len(wanted))
	for number := 1; ; number++ {
		line, err := lines.ReadSlice('\n')
		if limited.N == 0 {
			return &Error{Line: number, Err: fmt.Errorf("the file unpacks to more than %d bytes", bound), Hint: "record less often, or split the trace"}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return broken(number, err)
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if number == 1 {
			if places, err = columnPlaces(line, wanted); err != nil {
				return err
			}
			continue
		}
		if len(line) > 0 { // the last line ends the file or is empty
			if cause := pick(line, places, cells); cause != nil {
				return &Error{Line: number, Err: cause, Hint: "give every row a cell for every column of the first line"}
			}
			if cause := row(cells); cause != nil {
				var wrong *Error
				if errors.As(cause, &wrong) {
					wrong.Line = number
				}
				return cause
			}
		}
		if err != nil { // the end
			return nil
		}
	}
}

// broken is the error for bytes that are no text in lines.
func broken(line int, err error) error {
	if errors.Is(err, bufio.ErrBufferFull) {
		return &Error{Line: line, Err: fmt.Errorf("the line is longer than %d bytes", maxLineBytes), Hint: "traces are CSV files, plain or compressed with gzip"}
	}
	return &Error{Line: line, Err: err, Hint: "the file is damaged: copy it again; traces are CSV files, plain or compressed with gzip"}
}

// columnPlaces finds the wanted columns in the first line.
func columnPlaces(line []byte, wanted []string) ([]int, error) {
	if len(line) == 0 {
		return nil, &Error{Line: 1, Err: errors.New("the file is empty, or its first line is"), Hint: "the first line names the columns, separated by commas"}
	}
	names := bytes.Split(line, []byte(","))
	if len(names) > maxColumns {
		return nil, &Error{Line: 1, Err: fmt.Errorf("%d columns, of which at most %d are read", len(names), maxColumns), Hint: "leave out columns that are not about this process"}
	}
	places := make([]int, len(wanted))
	for i, column := range wanted {
		places[i] = slices.IndexFunc(names, func(name []byte) bool { return string(name) == column })
		if places[i] < 0 {
			return nil, &Error{Line: 1, Field: column, Err: fmt.Errorf("there is no such column in %s", quoted(line)), Hint: "the first line names the columns, separated by commas"}
		}
	}
	return places, nil
}

// pick cuts the cells at the places out of a line.
func pick(line []byte, places []int, cells [][]byte) error {
	clear(cells)
	found := 0
	for column := 0; ; column++ {
		end := bytes.IndexByte(line, ',')
		cell := line
		if end >= 0 {
			cell = line[:end]
		}
		for i, place := range places {
			if place == column {
				cells[i] = cell
				found++
			}
		}
		if found == len(places) {
			return nil
		}
		if end < 0 {
			return fmt.Errorf("the row ends after %d cells", column+1)
		}
		line = line[end+1:]
	}
}

// figure reads a number between low and high from a cell.
func figure(column string, cell []byte, low, high float64) (float64, error) {
	v, err := strconv.ParseFloat(string(cell), 64)
	if err != nil {
		return 0, &Error{Field: column, Err: fmt.Errorf("%s is no number", quoted(cell)), Hint: "cells are plain decimal numbers"}
	}
	if !(v >= low && v <= high) { // also when it is NaN
		return 0, &Error{Field: column, Err: fmt.Errorf("%s is not between %g and %g", quoted(cell), low, high), Hint: "look at the unit: columns in _s are seconds, columns in _kb are KiB"}
	}
	return v, nil
}
