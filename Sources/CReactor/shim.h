#pragma once
// epoll_event is a packed struct with a union, which Swift imports awkwardly: two typed wrappers instead.
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static inline int creactor_epoll_ctl(int epoll, int operation, int fd, uint32_t events, uint64_t key) {
    struct epoll_event event = {.events = events, .data.u64 = key};
    return epoll_ctl(epoll, operation, fd, &event);
}

static inline uint64_t creactor_epoll_key(const struct epoll_event *event) { return event->data.u64; }
