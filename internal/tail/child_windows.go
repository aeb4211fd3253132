package tail

import "os/exec"

func alone(*exec.Cmd) {}
