// What Swift's Glibc module leaves out. Imported by Linux alone.
//
// No _GNU_SOURCE here: it changes the layout that C structs show (fd_set), and the compiler then refuses to see the same
// struct through this module and through Glibc. What only _GNU_SOURCE declares is declared by hand, as in the manual page.
#pragma once
#include <linux/netlink.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/timex.h>

extern int pthread_setname_np(pthread_t thread, const char *name);
extern int pidfd_open(int pid, unsigned int flags);

// The linker's own names (ld(1)): where the program begins, and where its code ends. Nothing between is ever written to.
extern const char __executable_start;
extern const char etext;

static inline uintptr_t clinux_program_start(void) { return (uintptr_t)&__executable_start; }
static inline uintptr_t clinux_code_end(void) { return (uintptr_t)&etext; }
