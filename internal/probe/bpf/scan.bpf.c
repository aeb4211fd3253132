// SPDX-License-Identifier: MIT OR GPL-2.0-only
//go:build ignore

// One record of every process the reader can see, written by a task iterator
// (Documentation/bpf/bpf_iterators.rst) into the file the reader reads. The program only
// looks: it writes to nothing but its own record and its table of CPU offsets.
//
// Every figure follows what the kernel itself shows in /proc/PID/stat and status
// (fs/proc/array.c), so that both ways of reading agree. The whole program runs in an RCU
// read-side section: tasks, signal structs, PIDs, credentials and descriptor tables that
// were reachable stay readable. An mm_struct or files_struct may be freed under our hands;
// the pointer is compared again after reading, and loads of unmapped memory yield 0.

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

// The kernel offers most of what is used here only to GPL-compatible programs.
char LICENSE[] SEC("license") = "Dual MIT/GPL";

// MAX_CPUS bounds the cost of one exact memory figure, which takes a load per CPU.
#define MAX_CPUS 256

// MAX_ROUNDS is BPF_MAX_LOOPS, the most bpf_loop() takes: more than there can be threads.
#define MAX_ROUNDS (8 << 20)

// ATTEMPTS at reading figures that somebody else is changing meanwhile.
#define ATTEMPTS 3

// process_flag says what is known of a process.
enum process_flag {
	KERNEL_THREAD = 1,
	HAS_MEMORY = 2,      // the memory figures exist
	HAS_DESCRIPTORS = 4, // so does fds
	UNSETTLED = 8,       // it changed while it was read: ask procfs
};

// process is the record. Its members have no gaps between them; numbers of pages count
// pages of the system's size.
struct process {
	__u64 start_ns; // since boot
	__u64 cpu_ns;   // all threads, ended ones included
	__u64 minor_faults;
	__u64 major_faults;
	__u64 anon_pages;
	__u64 file_pages;
	__u64 shmem_pages;
	__u64 swap_pages;
	__u64 peak_pages;
	__u64 virtual_pages;
	__u32 pid;    // in the reader's PID namespace
	__u32 parent; // there, too; 0 where the parent is not in it
	__u32 uid;    // real, in the first user namespace
	__u32 threads;
	__u32 fds;
	__u32 state;      // task_struct.__state
	__u32 exit_state; // task_struct.exit_state
	enum process_flag flags;
	__u8 comm[16];
};

// clang describes a type in the object only when a variable has it.
const struct process *described __attribute__((unused));

// possible_cpus is set before loading.
volatile const __u32 possible_cpus = 1;

// cpu_offset is the kernel's __per_cpu_offset: what to add to a per-CPU pointer for each CPU.
__u64 cpu_offset[MAX_CPUS];

// ruler exists for its address on every CPU, from which cpu_offset is measured: kernels
// do not tell programs where __per_cpu_offset is unless built with KALLSYMS_ALL.
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} ruler SEC(".maps");

// bpf_rdonly_cast (Linux 6.2) lets plain loads read kernel memory at a computed address: a
// nanosecond each, where bpf_probe_read_kernel() takes 30.
extern void *bpf_rdonly_cast(const void *address, __u32 type) __ksym;

#define at(type, address) ((type *)bpf_rdonly_cast((void *)(address), bpf_core_type_id_kernel(type)))

// number_of turns a pointer into a number, which the verifier lets us calculate with.
static __always_inline __u64 number_of(const void *pointer)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

static long measure_cpu(__u64 cpu, void *unused)
{
	const void *map = &ruler;
	__u64 first = 0;
	__u32 zero = 0;
	void *here = bpf_map_lookup_percpu_elem(&ruler, &zero, cpu);

	if (!here || cpu >= MAX_CPUS)
		return 1;
	bpf_probe_read_kernel(&first, sizeof(first),
			      (void *)(number_of(map) + bpf_core_field_offset(struct bpf_array, pptrs)));
	cpu_offset[cpu] = number_of(here) - first;
	return 0;
}

static __always_inline struct upid *upid_at(const struct pid *pid, __u32 level)
{
	return at(struct upid, number_of(pid) + bpf_core_field_offset(struct pid, numbers) +
				       level * bpf_core_type_size(struct upid));
}

// pid_for is the number under which a reader sees a pid, 0 where that is outside of its
// namespace: pid_nr_ns() of the kernel. A pid has a number in its own namespace and in every
// one above.
static __always_inline __u32 pid_for(const struct pid *reader, const struct pid *pid)
{
	__u32 level = reader->level;

	if (!pid || pid->level < level)
		return 0;
	if (level == 0) // the first namespace sees everything
		return pid->numbers[0].nr;
	if (number_of(upid_at(pid, level)->ns) != number_of(upid_at(reader, level)->ns))
		return 0;
	return upid_at(pid, level)->nr;
}

struct threads {
	__u64 next, head; // list_head addresses
	__u64 cpu_ns, minor_faults, major_faults;
};

static long add_thread(__u64 round, struct threads *sum)
{
	struct task_struct *thread;

	if (sum->next == sum->head || !sum->next)
		return 1;
	thread = at(struct task_struct, sum->next - bpf_core_field_offset(struct task_struct, thread_node));
	sum->cpu_ns += thread->se.sum_exec_runtime;
	sum->minor_faults += thread->min_flt;
	sum->major_faults += thread->maj_flt;
	sum->next = number_of(thread->thread_node.next);
	return 0;
}

// read_usage sums over the living threads and adds what ended ones left in the signal
// struct. A thread that ends moves its share from one to the other under stats_lock, whose
// sequence number is odd meanwhile and another one afterwards; so no share is missed or
// counted twice, and the sums never step back.
static __always_inline void read_usage(struct task_struct *task, struct process *p)
{
	struct signal_struct *signal = task->signal;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		__u32 sequence = signal->stats_lock.seqcount.seqcount.sequence;
		struct threads sum = {
			.next = number_of(signal->thread_head.next),
			.head = number_of(&signal->thread_head),
			.cpu_ns = signal->sum_sched_runtime,
			.minor_faults = signal->min_flt,
			.major_faults = signal->maj_flt,
		};

		p->threads = signal->nr_threads;
		bpf_loop(MAX_ROUNDS, add_thread, &sum, 0);
		p->cpu_ns = sum.cpu_ns;
		p->minor_faults = sum.minor_faults;
		p->major_faults = sum.major_faults;
		if (!(sequence & 1) && sequence == signal->stats_lock.seqcount.seqcount.sequence)
			return;
	}
	p->flags |= UNSETTLED;
}

struct counter {
	__u64 parts; // per-CPU address of what each CPU counted for itself
	__s64 common;
	__s64 sum;
};

struct counters {
	struct counter anon, file, shmem, swap;
};

static __always_inline void begin(struct counter *c, const struct percpu_counter *kept)
{
	c->parts = (__u64)kept->counters;
	c->common = c->sum = kept->count;
}

static __always_inline void add_part(struct counter *c, __u64 offset)
{
	c->sum += at(struct refcount_struct, c->parts + offset)->refs.counter;
}

static long add_cpu(__u64 cpu, struct counters *c)
{
	__u64 offset;

	if (cpu >= MAX_CPUS)
		return 1;
	offset = cpu_offset[cpu];
	add_part(&c->anon, offset);
	add_part(&c->file, offset);
	add_part(&c->shmem, offset);
	add_part(&c->swap, offset);
	return 0;
}

// moved says that a CPU has added its part to the common one since begin.
static __always_inline int moved(const struct counter *c, const struct percpu_counter *kept)
{
	return c->common != kept->count;
}

static __always_inline __u64 positive(__s64 sum)
{
	return sum < 0 ? 0 : sum; // percpu_counter_sum_positive()
}

// read_memory adds every CPU's part of the four counters to the common one, as
// /proc/PID/status does since Linux 6.17; the common one alone may be off by 32 pages or
// more for every CPU. (Each index stands as a constant: others are not relocated.)
static __always_inline void read_memory(struct task_struct *task, struct process *p)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct mm_struct *mm = task->mm;
		struct counters c;

		if (!mm)
			return; // a zombie
		begin(&c.anon, &mm->rss_stat[MM_ANONPAGES]);
		begin(&c.file, &mm->rss_stat[MM_FILEPAGES]);
		begin(&c.shmem, &mm->rss_stat[MM_SHMEMPAGES]);
		begin(&c.swap, &mm->rss_stat[MM_SWAPENTS]);
		bpf_loop(possible_cpus, add_cpu, &c, 0);
		p->anon_pages = positive(c.anon.sum);
		p->file_pages = positive(c.file.sum);
		p->shmem_pages = positive(c.shmem.sum);
		p->swap_pages = positive(c.swap.sum);
		p->virtual_pages = mm->total_vm;
		p->peak_pages = p->anon_pages + p->file_pages + p->shmem_pages;
		if (p->peak_pages < mm->hiwater_rss) // noted by the kernel only before memory shrinks
			p->peak_pages = mm->hiwater_rss;
		if (moved(&c.anon, &mm->rss_stat[MM_ANONPAGES]) || moved(&c.file, &mm->rss_stat[MM_FILEPAGES]) ||
		    moved(&c.shmem, &mm->rss_stat[MM_SHMEMPAGES]) || moved(&c.swap, &mm->rss_stat[MM_SWAPENTS]))
			continue;
		if (mm == task->mm) {
			p->flags |= HAS_MEMORY;
			return;
		}
	}
	p->flags |= UNSETTLED;
}

struct descriptors {
	__u64 bitmap; // address
	__u64 open;
};

static long add_word(__u64 word, struct descriptors *fds)
{
	__u64 bits = at(struct timespec64, fds->bitmap + word * sizeof(__u64))->tv_sec;

	fds->open += __builtin_popcountll(bits);
	return 0;
}

static __always_inline void read_descriptors(struct task_struct *task, struct process *p)
{
	struct files_struct *files = task->files;
	struct descriptors fds = {};
	struct fdtable *table;
	long words;

	if (!files)
		return; // a zombie
	table = files->fdt;
	fds.bitmap = (__u64)table->open_fds;
	words = table->max_fds / 64;
	if (bpf_loop(words, add_word, &fds, 0) != words || files != task->files) {
		p->flags |= UNSETTLED;
		return;
	}
	p->fds = fds.open;
	p->flags |= HAS_DESCRIPTORS;
}

// zol0_scan is called for every task of the reader's PID namespace, and a last time without
// one. It is called again for a task whose record did not fit into the reader's buffer.
//
// The verifier knows the tasks below as valid pointers; they are cast to plain readable ones
// at once. From a valid pointer it would derive whether each pointer followed is valid as
// well, walking all type names of the kernel each time: verifying took 27 ms instead of 3.
SEC("iter/task")
int zol0_scan(struct bpf_iter__task *ctx)
{
	struct task_struct *task = at(struct task_struct, ctx->task);
	struct pid *reader = at(struct task_struct, bpf_get_current_task_btf())->thread_pid;
	struct process p = {};

	if (!ctx->task)
		return 0;
	if (ctx->meta->seq_num == 0)
		bpf_loop(possible_cpus, measure_cpu, NULL, 0);
	if (task->pid != task->tgid)
		return 0; // a thread: its leader's record counts it
	p.pid = pid_for(reader, task->thread_pid);
	if (p.pid == 0)
		return 0; // it ended just now
	p.parent = pid_for(reader, task->real_parent->signal->pids[PIDTYPE_TGID]);
	p.start_ns = task->start_boottime;
	p.state = task->__state;
	p.exit_state = task->exit_state;
	bpf_probe_read_kernel(p.comm, sizeof(p.comm), task->comm);
	read_usage(task, &p);
	if (task->flags & PF_KTHREAD) {
		p.flags |= KERNEL_THREAD; // root's, without memory or descriptors of its own
	} else {
		p.uid = task->real_cred->uid.val;
		read_memory(task, &p);
		read_descriptors(task, &p);
	}
	bpf_seq_write(ctx->meta->seq, &p, sizeof(p));
	return 0;
}
