// spawner: a population of exactly N idle processes around one command.
// usage: spawner SLEEPER N COMMAND [ARGUMENT...]
//        spawner -s SERVICES SLEEPER N COMMAND [ARGUMENT...]
//
// It starts N sleepers, waits until every one of them sleeps, runs COMMAND and exits with
// its status. It is meant to be PID 1 of a PID namespace with a /proc of its own:
//
//     unshare --fork --pid --mount-proc --kill-child spawner ./sleeper 1000 COMMAND
//
// so that /proc holds N sleepers, the spawner and COMMAND, and everything ends with it.
//
// The mix: every 10th sleeper has 2 MiB of anonymous memory and 16 more descriptors, every
// 20th also 4 more threads. The others are as small as a process of the C library gets.
//
// With -s the sleepers are so many different programs, SLEEPER with -00, -01 and so on at
// its end, in turn, and every third of them is restless: it stirs once a second.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void start_sleeper(const char *sleeper, int services, int i, int ready) {
    char fd[12], name[4096];
    snprintf(fd, sizeof fd, "%d", ready);
    if (services > 0) {
        snprintf(name, sizeof name, "%s-%02d", sleeper, i % services);
        sleeper = name;
    }
    pid_t child = fork();
    if (child < 0)
        fail("spawner: fork");
    if (child > 0)
        return;
    execl(sleeper, "sleeper", fd, i % 10 == 0 ? "2" : "0", i % 10 == 0 ? "16" : "0", i % 20 == 0 ? "4" : "0",
          services > 0 && i % 3 == 0 ? "1000" : "0", (char *)NULL);
    perror(sleeper);
    _exit(127);
}

// wait_until_ready returns when n bytes came. The end of the pipe before that says that
// a sleeper ended instead of sleeping.
static void wait_until_ready(int ready, int n) {
    char bytes[4096];
    for (int got = 0; got < n;) {
        ssize_t m = read(ready, bytes, sizeof bytes);
        if (m < 0 && errno == EINTR)
            continue;
        if (m <= 0) {
            fprintf(stderr, "spawner: only %d of %d sleepers came up\n", got, n);
            exit(1);
        }
        got += (int)m;
    }
}

// run runs the command and reaps whatever else ends meanwhile, as PID 1 must.
static int run(char **command) {
    pid_t child = fork();
    if (child < 0)
        fail("spawner: fork");
    if (child == 0) {
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    for (;;) {
        int status;
        pid_t ended = wait(&status);
        if (ended < 0 && errno != EINTR)
            fail("spawner: wait");
        if (ended == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

int main(int argc, char **argv) {
    int services = 0;
    if (argc > 2 && strcmp(argv[1], "-s") == 0) {
        services = atoi(argv[2]);
        argc -= 2;
        argv += 2;
    }
    if (argc < 4) {
        fprintf(stderr, "usage: spawner [-s SERVICES] SLEEPER N COMMAND [ARGUMENT...]\n");
        return 2;
    }
    int n = atoi(argv[2]), ready[2];
    if (pipe(ready) < 0 || fcntl(ready[0], F_SETFD, FD_CLOEXEC) < 0)
        fail("spawner: pipe");
    for (int i = 0; i < n; i++)
        start_sleeper(argv[1], services, i, ready[1]);
    close(ready[1]);
    wait_until_ready(ready[0], n);
    close(ready[0]);
    return run(argv + 3);
}
