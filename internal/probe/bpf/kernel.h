// SPDX-License-Identifier: MIT OR GPL-2.0-only
//
// The kernel's types as far as the scanner reads them. A loader relocates every access
// below to the running kernel's own layout by the names of types and members (BPF CO-RE),
// so that members which are not read, and the order of those that are, do not matter. A
// kernel that lacks one of them refuses the program, and procfs is read instead.
//
// These definitions stand in for a generated vmlinux.h of 100,000 lines.

#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16; // this and the next three are asked for by libbpf's bpf_helper_defs.h
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u16 __sum16;

#define NULL ((void *)0)

enum bpf_map_type {
	BPF_MAP_TYPE_PERCPU_ARRAY = 6, // include/uapi/linux/bpf.h
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct seq_file;
struct pid_namespace;

struct list_head {
	struct list_head *next;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

// PIDTYPE_TGID is the place of a process's own number in signal_struct.pids.
#define PIDTYPE_TGID 1

struct seqcount {
	unsigned int sequence;
};

struct seqcount_spinlock {
	struct seqcount seqcount;
};

struct signal_struct {
	int nr_threads;
	struct list_head thread_head;
	struct pid *pids[4];
	struct {
		struct seqcount_spinlock seqcount;
	} stats_lock;
	unsigned long min_flt, maj_flt;
	unsigned long long sum_sched_runtime;
};

struct percpu_counter {
	__s64 count;
	__s32 *counters;
};

// The places of mm_struct.rss_stat (include/linux/mm_types_task.h).
enum {
	MM_FILEPAGES,
	MM_ANONPAGES,
	MM_SWAPENTS,
	MM_SHMEMPAGES,
	NR_MM_COUNTERS,
};

struct mm_struct {
	unsigned long total_vm;
	unsigned long hiwater_rss;
	struct percpu_counter rss_stat[NR_MM_COUNTERS];
};

struct fdtable {
	unsigned int max_fds;
	unsigned long *open_fds;
};

struct files_struct {
	struct fdtable *fdt;
};

struct cred {
	struct {
		__u32 val;
	} uid;
};

struct sched_entity {
	__u64 sum_exec_runtime;
};

// PF_KTHREAD marks kernel threads in task_struct.flags (include/linux/sched.h).
#define PF_KTHREAD 0x00200000

struct task_struct {
	unsigned int __state;
	int exit_state;
	unsigned int flags;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct pid *thread_pid;
	struct list_head thread_node;
	struct sched_entity se;
	unsigned long min_flt, maj_flt;
	__u64 start_boottime;
	const struct cred *real_cred;
	char comm[16];
	struct mm_struct *mm;
	struct files_struct *files;
	struct signal_struct *signal;
};

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_array {
	void *pptrs[1];
};

// Two types that are read for their first member alone: any 4 or 8 bytes of kernel
// memory can be looked at through them.
struct refcount_struct {
	struct {
		int counter;
	} refs;
};

struct timespec64 {
	__s64 tv_sec;
};

#pragma clang attribute pop
