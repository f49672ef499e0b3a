/* Loaded before the C library: writes down, in order, what a process writes to its files, when it waits for the disk, and
 * what it says on standard output. One record at a time: kind, length of the name, length of the data, offset, name, data. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int trace = -1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void put(char kind, const char *name, size_t named, uint64_t offset, const void *data, uint32_t length) {
    if (trace == -1) {
        const char *path = getenv("POWER_TRACE");
        trace = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -2;
    }
    if (trace < 0) return;
    uint32_t head[4] = {(uint32_t)kind, (uint32_t)named, length, 0};
    struct iovec parts[4] = {{head, sizeof head}, {&offset, sizeof offset}, {(void *)name, named}, {(void *)data, length}};
    if (writev(trace, parts, length ? 4 : 3) < 0) abort();
}

static void note(char kind, int fd, uint64_t offset, const void *data, uint32_t length) {
    char name[1024], link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t named = readlink(link, name, sizeof name);
    if (named > 0) put(kind, name, (size_t)named, offset, data, length);
}

#define RECORDED(call) \
    pthread_mutex_lock(&lock); \
    call; \
    pthread_mutex_unlock(&lock); \
    return done

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    ssize_t done;
    RECORDED(done = REAL(pwrite64)(fd, data, length, offset); if (done > 0) note('W', fd, (uint64_t)offset, data, (uint32_t)done));
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }
ssize_t write(int fd, const void *data, size_t length) {
    ssize_t done;
    if (fd != 1) return REAL(write)(fd, data, length);
    RECORDED(note('R', fd, 0, data, (uint32_t)length); done = REAL(write)(fd, data, length));
}
int ftruncate64(int fd, off64_t length) {
    int done;
    RECORDED(done = REAL(ftruncate64)(fd, length); if (done == 0) note('T', fd, (uint64_t)length, 0, 0));
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }
int fdatasync(int fd) {
    int done;
    RECORDED(done = REAL(fdatasync)(fd); if (done == 0) note('S', fd, 0, 0, 0));
}
int fsync(int fd) {
    int done;
    RECORDED(done = REAL(fsync)(fd); if (done == 0) note('S', fd, 0, 0, 0));
}
int unlink(const char *path) {
    int done;
    RECORDED(done = REAL(unlink)(path); if (done == 0) put('U', path, strlen(path), 0, 0, 0));
}
