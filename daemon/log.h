/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The daemon's log: one sentence an entry, with journald fields when stderr is the journal and as
 * `ontapd: sentence` when it is not. Fields: ONTAP_UID, ONTAP_NETWORK, ONTAP_NAME, ONTAP_IFNAME.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Whom an entry is about. A field that is NULL or G_MAXUINT32 is left out. */
typedef struct {
    uid_t uid;
    const char *network;
    const char *name;
    const char *ifname;
} LogAbout;

#define LOG_ABOUT_NOBODY (&(LogAbout){.uid = G_MAXUINT32})

/* Before anything is logged, and before the sandbox closes: the journal is opened here. `level` is
 * the least severe that is written: G_LOG_LEVEL_MESSAGE, _INFO (--debug) or _DEBUG (--trace). */
void log_init(GLogLevelFlags level);

void log_entry(GLogLevelFlags level, const LogAbout *about, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

#define log_error(...) log_entry(G_LOG_LEVEL_CRITICAL, LOG_ABOUT_NOBODY, __VA_ARGS__)
#define log_warning(...) log_entry(G_LOG_LEVEL_WARNING, LOG_ABOUT_NOBODY, __VA_ARGS__)
#define log_notice(...) log_entry(G_LOG_LEVEL_MESSAGE, LOG_ABOUT_NOBODY, __VA_ARGS__)
#define log_debug(...) log_entry(G_LOG_LEVEL_INFO, LOG_ABOUT_NOBODY, __VA_ARGS__)
#define log_trace(...) log_entry(G_LOG_LEVEL_DEBUG, LOG_ABOUT_NOBODY, __VA_ARGS__)
