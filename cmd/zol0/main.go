// Command zol0 watches the memory of the services of a machine.
package main

func main() {}
