// floor: what a C program pays to read stat and status of every process below /proc.
// usage: floor BUDGET_MS
//
// The yardstick of this benchmark: openat, read and close of two files per process below
// a kept descriptor of /proc, into one buffer, with every number in them converted. What
// a reader costs beyond it, it costs by its own doing. It scans until BUDGET_MS of
// processor time are used, at least MIN_SCANS times, and prints one line:
//
//     processes=1003 scans=24 median_us=20.912 minimum_us=19.874
//
// median_us and minimum_us are microseconds of processor time (user and system) per
// process over the scans; listing /proc is part of a scan.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MIN_SCANS = 5, MAX_SCANS = 200, WARM_SCANS = 2, MAX_PROCESSES = 1 << 16 };

// entry is struct linux_dirent64 of getdents64(2).
struct entry {
    unsigned long inode;
    long offset;
    unsigned short size;
    unsigned char type;
    char name[];
};

static int proc;
static int pids[MAX_PROCESSES];
static int processes;
static char text[8 << 10];
static unsigned long checksum; // of all numbers read, so that no compiler drops the work

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void list_processes(void) {
    static char entries[256 << 10] __attribute__((aligned(8)));
    processes = 0;
    if (lseek(proc, 0, SEEK_SET) < 0)
        fail("floor: lseek /proc");
    for (;;) {
        long n = syscall(SYS_getdents64, proc, entries, sizeof entries);
        if (n < 0)
            fail("floor: getdents64 /proc");
        if (n == 0)
            return;
        for (long i = 0; i < n;) {
            struct entry *e = (struct entry *)(entries + i);
            i += e->size;
            if (e->name[0] < '1' || e->name[0] > '9' || processes == MAX_PROCESSES)
                continue;
            int pid = 0;
            for (char *c = e->name; *c; c++)
                pid = pid * 10 + (*c - '0');
            pids[processes++] = pid;
        }
    }
}

// write_path writes "PID/" to path and returns its end.
static char *write_path(char *path, int pid) {
    char reversed[12];
    int n = 0;
    for (; pid > 0; pid /= 10)
        reversed[n++] = (char)('0' + pid % 10);
    while (n > 0)
        *path++ = reversed[--n];
    *path++ = '/';
    return path;
}

// touch_numbers converts every decimal number of the text.
static void touch_numbers(const char *p, const char *end) {
    unsigned long number = 0;
    for (; p < end; p++) {
        unsigned digit = (unsigned char)*p - '0';
        if (digit < 10) {
            number = number * 10 + digit;
        } else {
            checksum += number;
            number = 0;
        }
    }
    checksum += number;
}

static void read_file(const char *path) {
    int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return; // it ended since it was listed
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    if (n > 0)
        touch_numbers(text, text + n);
}

static void scan(void) {
    char path[32];
    list_processes();
    for (int i = 0; i < processes; i++) {
        char *file = write_path(path, pids[i]);
        strcpy(file, "stat");
        read_file(path);
        strcpy(file, "status");
        read_file(path);
    }
}

static double processor_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: floor BUDGET_MS\n");
        return 2;
    }
    double budget_us = atof(argv[1]) * 1e3, us[MAX_SCANS];
    proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        fail("floor: open /proc");
    for (int i = 0; i < WARM_SCANS; i++)
        scan();
    int scans = 0;
    for (double begin = processor_us(); scans < MAX_SCANS && (scans < MIN_SCANS || processor_us() - begin < budget_us); scans++) {
        double before = processor_us();
        scan();
        us[scans] = (processor_us() - before) / processes;
    }
    qsort(us, (size_t)scans, sizeof *us, by_size);
    double median = (us[(scans - 1) / 2] + us[scans / 2]) / 2;
    printf("processes=%d scans=%d median_us=%.3f minimum_us=%.3f\n", processes, scans, median, us[0]);
    return checksum == 0; // no number at all: that was no procfs
}
