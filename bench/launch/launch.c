// launch: what one run of a command costs. usage: launch RUNS COMMAND [ARGUMENT...]
//
// It runs COMMAND RUNS times, one after the other, with its output thrown away, and prints
// a line for each run, as wait4(2) gives it:
//
//     user_us=9120 system_us=30411 peak_rss_kib=11204 wall_us=41277
//
// It is a C program because the kernel counts what the starter itself held before
// execve(2) into the peak of the started one: a Go program of 20 MB would be measured.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static long microseconds(struct timeval t) { return t.tv_sec * 1000000L + t.tv_usec; }

static double clock_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void start(char **command) {
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0)
        fail("launch: /dev/null");
    close(nowhere);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

static void run(char **command) {
    double begin = clock_us();
    pid_t child = fork();
    if (child < 0)
        fail("launch: fork");
    if (child == 0)
        start(command);
    int status;
    struct rusage used;
    if (wait4(child, &status, 0, &used) < 0)
        fail("launch: wait4");
    double wall = clock_us() - begin;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "launch: %s ended with status %d\n", command[0], WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        exit(1);
    }
    printf("user_us=%ld system_us=%ld peak_rss_kib=%ld wall_us=%.0f\n", microseconds(used.ru_utime), microseconds(used.ru_stime), used.ru_maxrss, wall);
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: launch RUNS COMMAND [ARGUMENT...]\n");
        return 2;
    }
    for (int i = 0; i < atoi(argv[1]); i++)
        run(argv + 2);
    return 0;
}
