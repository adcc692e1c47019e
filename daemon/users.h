/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Names of users, for messages only. They are read from /etc/passwd before the sandbox closes;
 * afterwards the daemon cannot ask anybody, and a directory server must not hold up a request.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct Users Users;

Users *users_load(const char *file);
void users_free(Users *users);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Users, users_free)

#define USERS_TEXT_SIZE 64
/* The name, or `uid 4711`, cut to fit. */
const char *users_text(const Users *users, uid_t uid, char text[static USERS_TEXT_SIZE]);
