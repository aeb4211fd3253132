package access

import "os"

// keepOwner does nothing: access follows the directory.
func keepOwner(string, *os.File) {}
