// Package bpf holds the eBPF program of the scanner: its C source, the object compiled
// from it, and the Go code bpf2go made of that object. The object is committed, so that
// building the product takes no clang; package probe loads it.
//
// One object serves amd64 and arm64: both are little-endian, and the kernel's layouts are
// looked up when it is loaded.
package bpf

//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -target bpfel -tags linux -type process -type process_flag Scan scan.bpf.c -- -O2 -Wall -Werror
