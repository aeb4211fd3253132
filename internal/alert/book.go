// Package alert keeps account of what is wrong.
package alert

import "github.com/zol0/zol0/internal/wire"

// Book is the account.
type Book struct{}

// Wire is the account as JSON.
func (b *Book) Wire() wire.Alerts {
	return wire.Alerts{Status: "unknown", Sentence: "Nothing was checked yet", Checks: []wire.AlertCheck{}, Firing: []wire.Alert{}, Resolved: []wire.Alert{}}
}
