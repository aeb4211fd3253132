// sleeper: one idle process. usage: sleeper READY_FD MIB DESCRIPTORS THREADS [PERIOD_MS]
//
// It takes MIB MiB of anonymous memory in 4 KiB pages, opens DESCRIPTORS descriptors and
// starts THREADS more threads, writes one byte to READY_FD, closes it and sleeps. With
// PERIOD_MS it wakes that often: 1 to 32 pages of a MiB of its own come or go, and every
// fourth time a descriptor does.
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

// stir makes a sleeper restless: what it holds wanders between nothing and a MiB.
static void stir(int period_ms) {
    enum { PAGES = 256, PAGE = 4096 };
    char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        fail("sleeper: mmap");
    madvise(p, PAGES * PAGE, MADV_NOHUGEPAGE); // see above
    unsigned chance = (unsigned)getpid() * 2654435761u;
    int held = PAGES / 2, fd = -1;
    for (int i = 0; i < held; i++)
        p[i * PAGE] = 1;
    for (;;) {
        chance = chance * 1664525u + 1013904223u; // Numerical Recipes' generator: any will do
        int n = (int)(chance >> 27) + 1;
        if (chance >> 16 & 1) {
            for (; n > 0 && held < PAGES; n--)
                p[held++ * PAGE] = 1;
        } else {
            n = n < held ? n : held;
            held -= n;
            if (madvise(p + held * PAGE, (size_t)n * PAGE, MADV_DONTNEED) != 0)
                fail("sleeper: madvise");
        }
        if ((chance >> 8 & 3) == 0) {
            if (fd >= 0) {
                close(fd);
                fd = -1;
            } else if ((fd = open("/dev/null", O_RDONLY)) < 0)
                fail("sleeper: open /dev/null");
        }
        usleep((useconds_t)period_ms * 1000);
    }
}

int main(int argc, char **argv) {
    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: sleeper READY_FD MIB DESCRIPTORS THREADS [PERIOD_MS]\n");
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
    if (argc == 6 && atoi(argv[5]) > 0)
        stir(atoi(argv[5]));
    sleep_for_ever(NULL);
    return 0;
}
