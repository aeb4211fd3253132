package daemon

import (
	"context"

	"github.com/zol0/zol0/internal/wire"
)

func (d *Daemon) storeState(ctx context.Context) (wire.StoreState, error) {
	return wire.StoreState{Path: d.store.Path()}, ctx.Err()
}
