package service

import (
	"strings"
	"testing"
)

func TestProgramFile(t *testing.T) {
	for _, test := range []struct {
		command, file string
		interpreted   bool
	}{
		{"python3 -u bots/momentum.py --fast", "bots/momentum.py", true},
		{"/usr/bin/python3 /opt/x/app.py", "/opt/x/app.py", true},
		{"python3 -m http.server", "", true},
		{"java -Xmx1g -jar /opt/shop.jar", "/opt/shop.jar", true},
		{"node ./server.js", "./server.js", true},
		{"bash deploy.sh", "deploy.sh", true},
		{"/usr/sbin/nginx -g daemon", "", false},
		{"python3 -c print(1)", "", false},
		{"", "", false},
	} {
		file, interpreted := ProgramFile(strings.Fields(test.command))
		if file != test.file || interpreted != test.interpreted {
			t.Errorf("%q runs %q, %t; want %q, %t", test.command, file, interpreted, test.file, test.interpreted)
		}
	}
}

func TestStepsAreWords(t *testing.T) {
	for x := StepKernel; x <= StepPort; x++ {
		text, err := x.MarshalText()
		var back Step
		if err != nil || back.UnmarshalText(text) != nil || back != x {
			t.Errorf("%v becomes %q and %v, %v", x, text, back, err)
		}
	}
	if new(Step).UnmarshalText([]byte("horoscope")) == nil {
		t.Error("any word is a step")
	}
}
