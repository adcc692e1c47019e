/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Names of users, for messages only. The policy brings them along: nobody can be asked in the
 * sandbox, and a directory server must not hold up a request.
 */
#pragma once

#include "policy/policy.h"

#define USERS_TEXT_SIZE 64
/* The name, or `uid 4711`, cut to fit. */
const char *users_text(const Policy *policy, uid_t uid, char text[static USERS_TEXT_SIZE]);
