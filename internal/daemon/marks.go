package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/zol0/zol0/internal/api"
	"github.com/zol0/zol0/internal/store"
	"github.com/zol0/zol0/internal/wire"
)

// Kinds of marks beside those of the journal.
const (
	markStart  = "start"
	markEnd    = "end"
	markDeploy = "deploy"
)

// instanceKey names a process instance in marks, within one boot.
type instanceKey struct {
	service, start string
	pid            int32
}

// wanted reports whether marks of this kind were asked for.
func wanted(q *api.MarksQuery, kind string) bool {
	return len(q.Kinds) == 0 || slices.Contains(q.Kinds, kind)
}

// marks are the moments in a stretch of time that are worth a line in a chart.
func (h inquiry) marks(ctx context.Context, q api.MarksQuery) (wire.Marks, error) {
	out := wire.Marks{Marks: []wire.Mark{}}
	from, to := q.From.UnixMilli(), q.To.UnixMilli()
	known := make(map[instanceKey]bool)
	err := history{h.d}.events(ctx, eventQuery{subject: q.Service, from: q.From, to: q.To}, func(e store.Event) bool {
		m := wire.Mark{Time: time.UnixMilli(e.At).UTC(), Kind: e.Kind, Service: e.Subject, Text: e.Text}
		switch e.Kind {
		case kindRestart:
			var v restartDetail
			if json.Unmarshal([]byte(e.Detail), &v) == nil {
				m.PID, m.Kind = v.PID, markStart
				if v.Deploy != nil && *v.Deploy {
					m.Kind = markDeploy
				}
				if !v.StartTime.IsZero() {
					m.Time = v.StartTime.UTC()
				}
				known[instanceKey{e.Subject, fmt.Sprint(v.Start), v.PID}] = true
			}
		case "verdict":
			var v struct{ PID int32 }
			if json.Unmarshal([]byte(e.Detail), &v) == nil {
				m.PID = v.PID
			}
		}
		if wanted(&q, m.Kind) {
			out.Marks = append(out.Marks, m)
		}
		return len(out.Marks) <= q.Limit
	})
	if err != nil {
		return out, err
	}
	lives, err := h.lifetimes(ctx, q.Service, from, to)
	if err != nil {
		return out, err
	}
	for i := range lives {
		x := &lives[i]
		mark := func(at int64, kind, text string) {
			if at >= from && at < to && wanted(&q, kind) {
				out.Marks = append(out.Marks, wire.Mark{Time: time.UnixMilli(at).UTC(), Kind: kind, Service: x.service, PID: x.pid, Text: text})
			}
		}
		// What was there before anybody looked did not begin when it was first seen.
		if x.dated && !known[instanceKey{x.service, x.start, x.pid}] {
			mark(x.began, markStart, fmt.Sprintf("%s began as PID %d", x.service, x.pid))
		}
		if !x.alive {
			end, err := h.end(ctx, x)
			if err != nil {
				return out, err
			}
			mark(end, markEnd, fmt.Sprintf("PID %d of %s was seen for the last time", x.pid, x.service))
		}
	}
	slices.SortStableFunc(out.Marks, func(a, b wire.Mark) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.PID, b.PID)) })
	if n := len(out.Marks); n > q.Limit {
		out.Marks, out.Truncated = out.Marks[n-q.Limit:], true
	}
	return out, nil
}
