/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A user namespace of our own: user_namespaces(7).
 */
#pragma once

#include <stdbool.h>

/* Makes one in which this user and group are 0 and there is no other, and enters it with every
 * capability over what is made from then on. On false an error was written. */
bool userns_enter(void);

/* Writes the error that some step ("make a network namespace") failed with this errno, and, where
 * this machine keeps users from having namespaces, by what. Returns false, for the caller to
 * return. */
bool userns_fail(const char *step, int error);
