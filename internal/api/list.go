package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// list reads values with commas between them, each at most once. Without any it is nil.
func list(values url.Values, name string, most int, fits func(string) bool, hint string) ([]string, error) {
	text := values.Get(name)
	if text == "" {
		return nil, nil
	}
	if strings.Count(text, ",") >= most {
		return nil, bad(name, text, "give at most "+strconv.Itoa(most)+" with commas")
	}
	all := strings.Split(text, ",")
	for i, one := range all {
		if !fits(one) {
			return nil, bad(name, one, hint)
		}
		if slices.Contains(all[:i], one) {
			return nil, bad(name, text, "name "+clip(one)+" once")
		}
	}
	return all, nil
}

// names reads those of metrics.
func names(values url.Values) ([]string, error) {
	const hint = "give the name of a metric, such as zol0_service_private_bytes, or several with commas"
	all, err := list(values, "name", maxNames, metricName, hint)
	if err == nil && all == nil {
		err = bad("name", "", hint)
	}
	return all, err
}

// columns reads which figures of each step are asked for.
func columns(values url.Values) (Columns, error) {
	var c Columns
	column := func(name string) *bool {
		switch name {
		case "min":
			return &c.Min
		case "mean":
			return &c.Mean
		case "max":
			return &c.Max
		case "last":
			return &c.Last
		}
		return nil
	}
	all, err := list(values, "columns", 4, func(one string) bool { return column(one) != nil }, "give some of min,mean,max,last")
	if err != nil {
		return c, err
	}
	if all == nil {
		return AllColumns, nil
	}
	for _, one := range all {
		*column(one) = true
	}
	return c, nil
}

// word reports whether text is a word of ours, such as a kind of event.
func word(text string) bool {
	return text != "" && len(text) <= 32 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// stretch reads a range of time. What is left out is taken from the last two arguments.
func stretch(values url.Values, fromName, toName string, otherwise, now time.Time) (from, to time.Time, err error) {
	if from, err = instant(values, fromName, otherwise, now); err != nil {
		return from, to, err
	}
	if to, err = instant(values, toName, now, now); err != nil {
		return from, to, err
	}
	if !from.Before(to) || to.Sub(from) > maxRange {
		err = bad(fromName, values.Get(fromName), "let it begin before it ends, and span at most 400 days")
	}
	return from, to, err
}

// open reads a range of time that need have no beginning and no end: those are zero then.
func open(values url.Values, fromName, toName string, now time.Time) (from, to time.Time, err error) {
	if from, err = instant(values, fromName, time.Time{}, now); err != nil {
		return from, to, err
	}
	if to, err = instant(values, toName, time.Time{}, now); err != nil {
		return from, to, err
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		err = bad(fromName, values.Get(fromName), "let it begin before it ends")
	}
	return from, to, err
}
