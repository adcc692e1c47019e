/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Names of users, for messages only: uid -> name, in a table of a policy's.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#define NAMES_MAX 8192     /* users; the others are shown as numbers */
#define NAMES_SIZE_MAX 256 /* bytes of a name */

GHashTable *names_new(void);

/* Keeps the first name that a uid is given, as getpwuid(3) would say it. A name that could not be
 * shown on one line, or is one too many, is left out. */
void names_add(GHashTable *names, uid_t uid, const char *name);

/* Reads passwd(5). Without the file every user is a number: nothing depends on it. */
void names_add_file(GHashTable *names, const char *file);
