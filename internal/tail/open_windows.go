package tail

import "os"

func openWithoutWaiting(path string) (*os.File, error) { return os.Open(path) }

func readNow(file *os.File, b []byte) (int, error) { return file.Read(b) }
