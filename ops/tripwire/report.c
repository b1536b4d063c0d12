// From where a function was called, on standard error, as well as can be said.
#define _GNU_SOURCE
#include "report.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Enough to reach from an actor's function to the loop that runs the simulation.
enum { MOST_FRAMES = 40, LONGEST_LINE = 4096 };

// Where the calling thread's stack is; false when nobody knows.
static bool stack_bounds(uintptr_t *low, uintptr_t *high) {
    pthread_attr_t attributes;
    void *start;
    size_t length;
    if (pthread_getattr_np(pthread_self(), &attributes)) return false;
    bool is_known = pthread_attr_getstack(&attributes, &start, &length) == 0;
    pthread_attr_destroy(&attributes);
    *low = (uintptr_t)start;
    *high = *low + length - 2 * sizeof(void *);
    return is_known;
}

// Along the frame pointers. In a saved one, bit 60 marks the frame of an async function.
static int walk(void **frames) {
    const uintptr_t async_mark = (uintptr_t)1 << 60;
    uintptr_t low, high;
    if (!stack_bounds(&low, &high)) return 0;
    int count = 0;
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    while (count < MOST_FRAMES && frame >= low && frame <= high && frame % sizeof(void *) == 0) {
        void *caller = ((void **)frame)[1];
        if (!caller) break;
        frames[count++] = caller;
        uintptr_t outer = ((uintptr_t *)frame)[0] & ~async_mark;
        if (outer <= frame) break;
        frame = outer;
    }
    return count;
}

// The unwinder of the C library ends at the first function of Foundation, the frame pointers at the first of Dispatch:
// whichever gets further.
static int caller_frames(void **frames) {
    void *walked[MOST_FRAMES];
    int count = backtrace(frames, MOST_FRAMES);
    int further = walk(walked);
    if (further <= count) return count;
    memcpy(frames, walked, sizeof walked);
    return further;
}

// Swift's names as a person writes them, when the runtime is there.
static void print_name(const char *symbol) {
    typedef char *(*demangle_function)(const char *, size_t, char *, size_t *, uint32_t);
    demangle_function demangle = (demangle_function)dlsym(RTLD_DEFAULT, "swift_demangle");
    char *readable = demangle ? demangle(symbol, strlen(symbol), NULL, NULL, 0) : NULL;
    fputs(readable ? readable : symbol, stderr);
    free(readable);
}

// What the dynamic symbols tell, which are those of libraries.
static void print_frame(int number, const Dl_info *info, void *address) {
    const char *slash = info->dli_fname ? strrchr(info->dli_fname, '/') : NULL;
    const char *file = slash ? slash + 1 : info->dli_fname ? info->dli_fname : "?";
    fprintf(stderr, "%2d  %s+%#tx  ", number, file, (char *)address - (char *)info->dli_fbase);
    if (info->dli_sname) print_name(info->dli_sname);
    fputc('\n', stderr);
}

// The command that resolves every frame, or NULL when no symbolizer was named.
static char *symbolizer_command(void *const *frames, int count) {
    const char *symbolizer = getenv("WAYBILL_TRIPWIRE_SYMBOLIZER");
    char *command = NULL;
    size_t length;
    FILE *text = symbolizer ? open_memstream(&command, &length) : NULL;
    if (!text) return NULL;
    fprintf(text, "'%s' --functions=linkage", symbolizer);
    for (int i = 0; i < count; i++) {
        Dl_info info = {0};
        dladdr(frames[i], &info);
        // The call stands before the address to which it returns.
        ptrdiff_t offset = (char *)frames[i] - 1 - (char *)info.dli_fbase;
        // The program goes by the name with which it was called, which may lead nowhere.
        if (!info.dli_fname || strcmp(info.dli_fname, program_invocation_name) == 0)
            fprintf(text, " 'CODE /proc/%d/exe %#tx'", getpid(), offset);
        else
            fprintf(text, " 'CODE \"%s\" %#tx'", info.dli_fname, offset);
    }
    fclose(text);
    return command;
}

// Prints the symbolizer's answer: for each frame a name and a place, one a function inlined there, then an empty line.
static int print_symbolized(FILE *answer) {
    char name[LONGEST_LINE], place[LONGEST_LINE];
    int number = 0;
    while (fgets(name, sizeof name, answer)) {
        name[strcspn(name, "\n")] = 0;
        if (!name[0]) {
            number++;
            continue;
        }
        if (!fgets(place, sizeof place, answer)) break;
        place[strcspn(place, "\n")] = 0;
        fprintf(stderr, "%2d  ", number);
        print_name(name);
        fprintf(stderr, "  %s\n", place);
    }
    return number;
}

void report_caller(void) {
    void *frames[MOST_FRAMES];
    int count = caller_frames(frames);
    char *command = symbolizer_command(frames, count);
    // The symbolizer needs nothing of ours.
    unsetenv("LD_PRELOAD");
    FILE *answer = command ? popen(command, "r") : NULL;
    int printed = answer ? print_symbolized(answer) : 0;
    if (answer) pclose(answer);
    free(command);
    for (int i = printed; i < count; i++) {
        Dl_info info = {0};
        dladdr(frames[i], &info);
        print_frame(i, &info, frames[i]);
    }
}

// The first backtrace loads a library: not in the middle of a report.
__attribute__((constructor)) static void prepare(void) {
    void *frame[1];
    backtrace(frame, 1);
}
