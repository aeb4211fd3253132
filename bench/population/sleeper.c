// sleeper: one idle process. usage: sleeper READY_FD MIB DESCRIPTORS THREADS
//
// It takes MIB MiB of anonymous memory in 4 KiB pages, opens DESCRIPTORS descriptors and
// starts THREADS more threads, writes one byte to READY_FD, closes it and sleeps.
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void *sleep_for_ever(void *unused) {
    (void)unused;
    for (;;)
        pause();
    return NULL;
}

static void take_memory(size_t bytes) {
    char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        fail("sleeper: mmap");
    madvise(p, bytes, MADV_NOHUGEPAGE); // a kernel without huge pages refuses, which is as good
    for (size_t i = 0; i < bytes; i += 4096)
        p[i] = 1;
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: sleeper READY_FD MIB DESCRIPTORS THREADS\n");
        return 2;
    }
    int ready = atoi(argv[1]), mib = atoi(argv[2]), descriptors = atoi(argv[3]), threads = atoi(argv[4]);
    if (mib > 0)
        take_memory((size_t)mib << 20);
    for (int i = 0; i < descriptors; i++)
        if (open("/dev/null", O_RDONLY) < 0)
            fail("sleeper: open /dev/null");
    for (int i = 0; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, sleep_for_ever, NULL) != 0)
            fail("sleeper: pthread_create");
    }
    if (write(ready, "", 1) != 1)
        fail("sleeper: write");
    close(ready);
    sleep_for_ever(NULL);
    return 0;
}
