// Command zol0 watches the memory of the services of a machine and says which one leaks.
package main

import (
	"context"
	"os"
	"time"

	"github.com/zol0/zol0/internal/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), cli.World{
		Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Env: os.LookupEnv, Now: time.Now,
	}))
}
