/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Lists of system calls with their arguments, and their enforcement by seccomp(2).
 *
 * A process writes down what it needs next to the code that needs it. What is not on the list kills
 * the whole process. A list can be printed, so that what the documentation says can be compared
 * with what the kernel was told.
 */
#pragma once

#include <glib.h>
#include <seccomp.h>

#define CALL_ARGUMENTS_MAX 3

typedef struct {
    int call;
    const char *why;
    int error; /* 0: allowed; else the call does nothing but fail with this errno */
    guint n;
    struct scmp_arg_cmp arguments[CALL_ARGUMENTS_MAX];
} Call;

/* CALL(name, why), CALL(name, why, .n = 1, .arguments = {CALL_IS(0, 1)}) */
#define CALL(name, ...)                                                                            \
    {                                                                                              \
        SCMP_SYS(name), __VA_ARGS__                                                                \
    }

/* The kernel looks at 32 bits of an int, and a register has 64: the upper half is not compared. */
#define CALL_IS(argument, value) CALL_HAS(argument, 0xffffffffu, value)
#define CALL_HAS(argument, mask, value)                                                            \
    {                                                                                              \
        argument, SCMP_CMP_MASKED_EQ, (mask), (scmp_datum_t)(guint32)(value)                       \
    }
#define CALL_IS_NULL(argument)                                                                     \
    {                                                                                              \
        argument, SCMP_CMP_EQ, 0, 0                                                                \
    }

/* Which argument of clone(2) its flags are. */
#ifdef __s390x__
#define CALL_CLONE_FLAGS 1
#else
#define CALL_CLONE_FLAGS 0
#endif

typedef struct Calls Calls;

/* With what every process needs: memory that is not executable, time, and to end. */
Calls *calls_new(void);
void calls_free(Calls *calls);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Calls, calls_free)

/* A call that this machine's architecture does not have is left out. A call without conditions
 * makes those of the same call with conditions void: do not mix. */
void calls_add(Calls *calls, const Call *list, gsize n);
void calls_add_one(Calls *calls, const Call *call);

/* How many different system calls may do something. */
guint calls_count(const Calls *calls);

/* A line a call, its conditions and what it is for. */
char *calls_text(const Calls *calls);

/* Holds for this process, all its threads and all that it starts, for good. Needs no_new_privs.
 * With `trace`, the name of a blocked call is written to standard error before the process ends,
 * with status 128 + SIGSYS, if the list allows that; else the kernel ends it with SIGSYS. */
gboolean calls_enforce(const Calls *calls, gboolean trace, GError **error);
