package daemon

import (
	"testing"
	"time"
)

func TestBeatsFollowWithoutWaiting(t *testing.T) {
	const beats = 30
	began := time.Now()
	flat, err := Drive(t.Context(), Compressed{
		Data: t.TempDir(), Procfs: true, Began: time.Date(2026, 3, 1, 12, 0, 3, 0, time.UTC), Interval: 5 * time.Minute, Beats: beats, Every: 10,
	})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > beats*time.Minute {
		t.Errorf("%d beats of five minutes took %s", beats, took)
	}
	if len(flat.Marks) != 3 || flat.Late != 0 || flat.Reader != "procfs" || flat.Services == 0 {
		t.Fatalf("%+v", flat)
	}
	for i, m := range flat.Marks {
		if m.Beat != 10*(i+1) || m.RSSMB < 5 || m.PeakMB < m.RSSMB || m.PrivateMB <= 0 || m.HeapMB <= 0 || m.BeatMS <= 0 {
			t.Errorf("impossible figures: %+v", m)
		}
	}
}
