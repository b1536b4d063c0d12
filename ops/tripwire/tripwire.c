// Loaded with LD_PRELOAD, this library stands before the functions by which time, chance and threads come in. Between
// waybill_tripwire_arm() and waybill_tripwire_disarm() a call of one of them on the thread that armed it says which and
// from where, and aborts. README.md beside this file says what it sees and what it cannot.
#define _GNU_SOURCE
#include "report.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

// What `waybill simulate` looks up.
void waybill_tripwire_arm(void);
void waybill_tripwire_disarm(void);

// Only the simulating thread is watched: reading clocks is what the others are for.
static _Thread_local int armed;

void waybill_tripwire_arm(void) { armed = 1; }
void waybill_tripwire_disarm(void) { armed = 0; }

static void trip(const char *function) {
    if (!armed) return;
    // What reports it may read clocks.
    armed = 0;
    fprintf(stderr, "waybill tripwire: simulated code called %s\n", function);
    report_caller();
    fflush(stderr);
    abort();
}

static void *next(const char *function) {
    void *found = dlsym(RTLD_NEXT, function);
    if (found) return found;
    fprintf(stderr, "waybill tripwire: there is no %s behind it\n", function);
    abort();
}

// Looked up at the first call, because other libraries' constructors call some of them before any of ours runs.
#define STANDS_BEFORE(result, function, parameters, arguments) \
    result function parameters { \
        static result(*behind) parameters; \
        trip(#function); \
        if (!behind) behind = (result(*) parameters)next(#function); \
        return behind arguments; \
    }

// Time.
STANDS_BEFORE(int, clock_gettime, (clockid_t clock, struct timespec *now), (clock, now))
STANDS_BEFORE(int, gettimeofday, (struct timeval *restrict now, void *restrict zone), (now, zone))
STANDS_BEFORE(time_t, time, (time_t *now), (now))
STANDS_BEFORE(int, timespec_get, (struct timespec *now, int base), (now, base))
STANDS_BEFORE(clock_t, clock, (void), ())
STANDS_BEFORE(int, nanosleep, (const struct timespec *length, struct timespec *left), (length, left))
STANDS_BEFORE(
    int, clock_nanosleep, (clockid_t clock, int flags, const struct timespec *end, struct timespec *left),
    (clock, flags, end, left))
STANDS_BEFORE(unsigned, sleep, (unsigned seconds), (seconds))
STANDS_BEFORE(int, usleep, (useconds_t length), (length))
STANDS_BEFORE(
    int, timerfd_settime, (int timer, int flags, const struct itimerspec *to, struct itimerspec *was),
    (timer, flags, to, was))
STANDS_BEFORE(
    int, pthread_cond_timedwait, (pthread_cond_t *restrict condition, pthread_mutex_t *restrict lock,
    const struct timespec *restrict end), (condition, lock, end))

// Chance.
STANDS_BEFORE(ssize_t, getrandom, (void *bytes, size_t count, unsigned flags), (bytes, count, flags))
STANDS_BEFORE(int, getentropy, (void *bytes, size_t count), (bytes, count))
STANDS_BEFORE(uint32_t, arc4random, (void), ())
STANDS_BEFORE(uint32_t, arc4random_uniform, (uint32_t bound), (bound))
STANDS_BEFORE(int, rand, (void), ())
STANDS_BEFORE(long, random, (void), ())
STANDS_BEFORE(double, drand48, (void), ())

// Those without a result.
void arc4random_buf(void *bytes, size_t count) {
    trip("arc4random_buf");
    ((void (*)(void *, size_t))next("arc4random_buf"))(bytes, count);
}

// Where SystemRandomNumberGenerator, `.random(in:)`, `shuffled()` and UUID() get theirs.
void swift_stdlib_random(void *bytes, size_t count) {
    trip("swift_stdlib_random");
    ((void (*)(void *, size_t))next("swift_stdlib_random"))(bytes, count);
}

static void trip_device(const char *path) {
    if (strcmp(path, "/dev/urandom") == 0 || strcmp(path, "/dev/random") == 0) trip(path);
}

// The mode is there only when a file may be made.
#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...) {
    static int (*behind)(const char *, int, ...);
    MODE(flags)
    trip_device(path);
    if (!behind) behind = (int (*)(const char *, int, ...))next("open");
    return behind(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    static int (*behind)(const char *, int, ...);
    MODE(flags)
    trip_device(path);
    if (!behind) behind = (int (*)(const char *, int, ...))next("open64");
    return behind(path, flags, mode);
}

// Threads.
STANDS_BEFORE(
    int, pthread_create, (pthread_t *thread, const pthread_attr_t *how, void *(*body)(void *), void *argument),
    (thread, how, body, argument))

// How the concurrency runtime hands a job to its pool: a task outside of the simulation, or one that left it.
void dispatch_async_f(void *queue, void *context, void (*work)(void *)) {
    trip("dispatch_async_f");
    ((void (*)(void *, void *, void (*)(void *)))next("dispatch_async_f"))(queue, context, work);
}

// A block is an object to us.
void dispatch_async(void *queue, void *work) {
    trip("dispatch_async");
    ((void (*)(void *, void *))next("dispatch_async"))(queue, work);
}

void dispatch_after_f(uint64_t when, void *queue, void *context, void (*work)(void *)) {
    trip("dispatch_after_f");
    ((void (*)(uint64_t, void *, void *, void (*)(void *)))next("dispatch_after_f"))(when, queue, context, work);
}

// The Swift runtime asks the kernel for random bytes and waits on its locks through this one. Every system call has at
// most six arguments of a register each; what a call does not have, the kernel does not read.
long syscall(long number, ...) {
    static long (*behind)(long, ...);
    long a[6];
    va_list rest;
    va_start(rest, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
    va_end(rest);
    switch (number) {
    case SYS_getrandom: trip("syscall getrandom"); break;
    case SYS_clock_gettime: trip("syscall clock_gettime"); break;
    case SYS_gettimeofday: trip("syscall gettimeofday"); break;
    case SYS_nanosleep: trip("syscall nanosleep"); break;
    case SYS_clock_nanosleep: trip("syscall clock_nanosleep"); break;
    default: break;
    }
    if (!behind) behind = (long (*)(long, ...))next("syscall");
    return behind(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
