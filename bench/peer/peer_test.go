package peer

import "testing"

func TestScansAreRead(t *testing.T) {
	var c Cost
	if err := c.read("232 90.5\n232 10\n233 30\n232 20\n", 230); err != nil || c.ScanMS != 20 || c.Scans != 3 {
		t.Errorf("%+v, %v", c, err)
	}
	for _, bad := range []string{"", "232 10\n", "200 10\n200 10\n", "x\n"} {
		if err := c.read(bad, 230); err == nil {
			t.Errorf("%q was taken for scans", bad)
		}
	}
}
