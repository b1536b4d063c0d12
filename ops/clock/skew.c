// Gives a process a wall clock that is off, and leaves everything else alone: a library that is loaded before a program's others
// (LD_PRELOAD) and stands before the functions that read CLOCK_REALTIME. Timers and the monotonic clocks are the kernel's own.
// libfaketime shifts CLOCK_BOOTTIME too, by which libdispatch sets its timers: those of a process that was behind stood still,
// and one that was ahead asked without a pause.
//
//   SKEW_SECONDS   seconds ahead, or behind when negative
//   SKEW_FILE      a file with such a number, read with every question: its clock jumps when the file changes
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long skew(void) {
    const char *path = getenv("SKEW_FILE");
    if (path == NULL) {
        const char *seconds = getenv("SKEW_SECONDS");
        return seconds == NULL ? 0 : strtol(seconds, NULL, 10);
    }
    char text[32] = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) abort();
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    return count > 0 ? strtol(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += skew();
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    int result = (int)syscall(SYS_gettimeofday, time, zone);
    if (result == 0) time->tv_sec += skew();
    return result;
}

time_t time(time_t *where) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return (time_t)-1;
    if (where != NULL) *where = now.tv_sec;
    return now.tv_sec;
}
