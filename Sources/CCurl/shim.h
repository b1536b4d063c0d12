#pragma once
#include <curl/curl.h>

// curl_easy_setopt and friends are variadic, which Swift cannot import: one typed wrapper per class of argument.
// The names in parentheses avoid curl's type-checking macros of the same names.

typedef size_t (*ccurl_data_callback)(char *, size_t, size_t, void *);
typedef int (*ccurl_socket_callback)(CURL *, curl_socket_t, int, void *, void *);
typedef int (*ccurl_timer_callback)(CURLM *, long, void *);
typedef int (*ccurl_close_callback)(void *, curl_socket_t);
typedef curl_socket_t (*ccurl_open_callback)(void *, curlsocktype, struct curl_sockaddr *);
typedef int (*ccurl_prereq_callback)(void *, char *, char *, int, int);

static inline CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) { return (curl_easy_setopt)(handle, option, value); }
static inline CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value) { return (curl_easy_setopt)(handle, option, value); }
static inline CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, const void *value) { return (curl_easy_setopt)(handle, option, value); }
static inline CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) { return (curl_easy_setopt)(handle, option, value); }
static inline CURLcode ccurl_set_data_callback(CURL *handle, CURLoption option, ccurl_data_callback value) { return (curl_easy_setopt)(handle, option, value); }
static inline CURLcode ccurl_set_close_callback(CURL *handle, ccurl_close_callback value) { return (curl_easy_setopt)(handle, CURLOPT_CLOSESOCKETFUNCTION, value); }
static inline CURLcode ccurl_set_open_callback(CURL *handle, ccurl_open_callback value) { return (curl_easy_setopt)(handle, CURLOPT_OPENSOCKETFUNCTION, value); }
static inline CURLcode ccurl_set_prereq_callback(CURL *handle, ccurl_prereq_callback value) { return (curl_easy_setopt)(handle, CURLOPT_PREREQFUNCTION, value); }
static inline CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) { return (curl_easy_getinfo)(handle, info, value); }
static inline CURLcode ccurl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) { return (curl_easy_getinfo)(handle, info, value); }
static inline CURLcode ccurl_get_pointer(CURL *handle, CURLINFO info, void **value) { return (curl_easy_getinfo)(handle, info, value); }
static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) { return (curl_multi_setopt)(multi, option, value); }
static inline CURLMcode ccurl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) { return (curl_multi_setopt)(multi, option, value); }
static inline CURLMcode ccurl_multi_set_socket_callback(CURLM *multi, ccurl_socket_callback value) { return (curl_multi_setopt)(multi, CURLMOPT_SOCKETFUNCTION, value); }
static inline CURLMcode ccurl_multi_set_timer_callback(CURLM *multi, ccurl_timer_callback value) { return (curl_multi_setopt)(multi, CURLMOPT_TIMERFUNCTION, value); }
static inline CURLSHcode ccurl_share_set_long(CURLSH *share, CURLSHoption option, long value) { return (curl_share_setopt)(share, option, value); }
// CURLVERSION_NOW is a macro that Swift cannot import.
static inline const char *ccurl_default_ca_file(void) { return curl_version_info(CURLVERSION_NOW)->cainfo; }
